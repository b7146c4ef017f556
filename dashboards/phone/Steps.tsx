import { useState } from 'react';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { useWords } from '../words/language.ts';
import { Camera } from './Camera.tsx';
import { doStep } from './desk.ts';
import type { Doing, OwnMove } from './doing.ts';
import { buttons } from './steps.ts';

/** Why somebody cannot go, and why points of a patrol were left out: the cloud wants a reason for both. */
const reasons = { decline: ['busy', 'far', 'unwell', 'unsafe'], finish: ['locked', 'busy', 'unsafe'] } as const;
type Asking = keyof typeof reasons;

const moveOf = (task: TaskSummary, step: OwnMove, reason: string | null = null): Doing => {
  return { kind: 'move', task: task.id, step, reason };
};

export function Steps({ task }: { task: TaskSummary }) {
  const { t } = useWords();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [first, second] = buttons[task.state] ?? [];
  const isUnseen = task.checks.some(({ state }) => state === 'pending');
  const press = (step: OwnMove) => {
    if (step === 'decline' || (step === 'finish' && isUnseen)) setAsking(step);
    else void doStep(task.title, moveOf(task, step));
  };
  if (asking !== null) return <Why task={task} step={asking} back={() => setAsking(null)} />;
  if (task.state === 'on-scene') return <OnScene task={task} isUnseen={isUnseen} press={press} />;
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

interface OnSceneProps {
  task: TaskSummary;
  isUnseen: boolean;
  press: (step: OwnMove) => void;
}

/** Done with a photo is one tap and the camera; done without one is the other button. */
function OnScene({ task, isUnseen, press }: OnSceneProps) {
  const { t } = useWords();
  const photo = (picture: ArrayBuffer): Doing => ({ kind: 'photo', task: task.id, step: 'photo', picture });
  const finishWith = async (picture: ArrayBuffer) => {
    if (!isUnseen) return void doStep(task.title, photo(picture), moveOf(task, 'finish'));
    if (await doStep(task.title, photo(picture))) press('finish');
  };
  return (
    <div className="steps">
      <Camera name="photo-finish" className="next" label={t('phone.photoFinish')} take={finishWith} />
      <button type="button" className="phone-button" data-step="finish" onClick={() => press('finish')}>
        {t('phone.said.finish')}
      </button>
      <details className="more">
        <summary className="phone-button">{t('phone.more')}</summary>
        <Camera
          name="photo"
          className=""
          label={t('phone.photoOnly')}
          take={async (picture) => void doStep(task.title, photo(picture))}
        />
        <button type="button" className="phone-button" data-step="decline" onClick={() => press('decline')}>
          {t('phone.said.decline')}
        </button>
      </details>
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
          onClick={() => void doStep(task.title, moveOf(task, step, t(`phone.why.${reason}`))).then(back)}
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
