import { useState } from 'react';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { cloudNow } from '../client/clock.ts';
import { useSecond } from '../client/pulse.ts';
import { elapsedText, whenText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { doStep, useDesk } from './desk.ts';
import { buttons, type OwnMove } from './steps.ts';

/** Why somebody cannot go, and why points of a patrol were left out: the cloud wants a reason for both. */
const reasons = { decline: ['busy', 'far', 'unwell', 'unsafe'], finish: ['locked', 'busy', 'unsafe'] } as const;
type Asking = keyof typeof reasons;

export function TaskCard({ task }: { task: TaskSummary }) {
  const { t, text } = useWords();
  const isWaiting = useDesk((desk) => desk.steps.some((step) => step.task === task.id && step.refused === null));
  const state = task.state as 'offered' | 'accepted' | 'en-route' | 'on-scene';
  return (
    <li className="task" data-task={task.id} data-state={state}>
      <p className="task-state">
        {t(`phone.kind.${task.kind}`)} · {t(`phone.state.${state}`)}
        {isWaiting ? <span className="to-send">{t('phone.waitingHere')}</span> : null}
      </p>
      <h2>{text(task.title)}</h2>
      <p className="task-place">{task.place}</p>
      {task.note === null ? null : <p>{task.note}</p>}
      <Until task={task} />
      {state === 'on-scene' ? <Checks task={task} /> : null}
      <Steps task={task} />
    </li>
  );
}

function Until({ task }: { task: TaskSummary }) {
  const { t } = useWords();
  useSecond();
  const now = cloudNow();
  if (task.state === 'offered' && task.offeredUntil !== null) {
    const leftMs = task.offeredUntil - now;
    return <p className="until">{leftMs < 0 ? t('phone.answerLate') : t('phone.answerIn', { left: elapsedText(leftMs) })}</p>;
  }
  return task.dueAt === null ? null : <p className="until">{t('phone.due', { at: whenText(task.dueAt, now) })}</p>;
}

function Checks({ task }: { task: TaskSummary }) {
  const { t } = useWords();
  if (task.checks.length === 0) return null;
  const done = task.checks.filter(({ state }) => state !== 'pending').length;
  return (
    <section className="checks">
      <h3>{t('phone.checks', { done, all: task.checks.length })}</h3>
      <ul>
        {task.checks.map((check) => (
          <li key={check.id}>
            <span id={`check-${task.id}-${check.id}`}>{check.name}</span>
            {(['fine', 'trouble'] as const).map((step) => (
              <button
                key={step}
                type="button"
                className="phone-button"
                aria-pressed={check.state === step}
                aria-describedby={`check-${task.id}-${check.id}`}
                onClick={() => void doStep(task, { step, check: check.id })}
              >
                {t(`phone.${step}`)}
              </button>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Steps({ task }: { task: TaskSummary }) {
  const { t } = useWords();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [first, second] = buttons[task.state] ?? [];
  const isUnseen = task.checks.some(({ state }) => state === 'pending');
  const press = (step: OwnMove) => {
    if (step === 'decline' || (step === 'finish' && isUnseen)) setAsking(step);
    else void doStep(task, { step });
  };
  if (asking !== null) return <Why task={task} step={asking} back={() => setAsking(null)} />;
  return (
    <div className="steps">
      {[first, second].map((step) =>
        step === undefined ? null : (
          <button
            key={step}
            type="button"
            className={step === first ? 'phone-button next' : 'phone-button'}
            data-step={step}
            onClick={() => press(step)}
          >
            {t(`phone.said.${step}`)}
          </button>
        ),
      )}
    </div>
  );
}

/** The reason is one tap: the desk has to send somebody else, or to look at what was left out. */
function Why({ task, step, back }: { task: TaskSummary; step: Asking; back: () => void }) {
  const { t } = useWords();
  const question = step === 'decline' ? t('phone.whyNot') : t('phone.whyUnseen');
  return (
    <div className="steps" role="group" aria-label={question}>
      <p>{question}</p>
      {reasons[step].map((reason) => (
        <button
          key={reason}
          type="button"
          className="phone-button"
          data-reason={reason}
          onClick={() => void doStep(task, { step, reason: t(`phone.why.${reason}`) }).then(back)}
        >
          {t(`phone.why.${reason}`)}
        </button>
      ))}
      <button type="button" className="phone-button" onClick={back}>
        {t('phone.back')}
      </button>
    </div>
  );
}
