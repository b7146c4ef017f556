import { useState } from 'react';
import type { TaskCheck, TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { useWords } from '../words/language.ts';
import { doStep } from './desk.ts';

/** What is wrong at a point, in one tap: the cloud wants to know. */
const wrongs = ['blocked', 'broken', 'leaking', 'dirty', 'other'] as const;

export function Checks({ task }: { task: TaskSummary }) {
  const { t } = useWords();
  if (task.checks.length === 0) return null;
  const done = task.checks.filter(({ state }) => state !== 'pending').length;
  return (
    <section className="checks">
      <h3>{t('phone.checks', { done, all: task.checks.length })}</h3>
      <ul>
        {task.checks.map((check) => (
          <Check key={check.id} task={task} check={check} />
        ))}
      </ul>
    </section>
  );
}

function Check({ task, check }: { task: TaskSummary; check: TaskCheck }) {
  const { t } = useWords();
  const [asking, setAsking] = useState(false);
  const name = `check-${task.id}-${check.id}`;
  const tick = (step: 'fine' | 'trouble', note: string | null) => {
    setAsking(false);
    void doStep(task.title, { kind: 'check', task: task.id, check: check.id, step, note });
  };
  return (
    <li>
      <span id={name}>
        {check.name}
        {check.note === null ? '' : `：${check.note}`}
      </span>
      {asking ? (
        <div className="choices" role="group" aria-label={t('phone.whatWrong')}>
          {wrongs.map((wrong) => (
            <button
              key={wrong}
              type="button"
              className="phone-button"
              data-wrong={wrong}
              onClick={() => tick('trouble', t(`phone.wrong.${wrong}`))}
            >
              {t(`phone.wrong.${wrong}`)}
            </button>
          ))}
        </div>
      ) : (
        (['fine', 'trouble'] as const).map((step) => (
          <button
            key={step}
            type="button"
            className="phone-button"
            aria-pressed={check.state === step}
            aria-describedby={name}
            data-check={step}
            onClick={() => (step === 'fine' ? tick('fine', null) : setAsking(true))}
          >
            {t(`phone.${step}`)}
          </button>
        ))
      )}
    </li>
  );
}
