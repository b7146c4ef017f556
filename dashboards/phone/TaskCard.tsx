import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { cloudNow } from '../client/clock.ts';
import { useSecond } from '../client/pulse.ts';
import { elapsedText, whenText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { Checks } from './Checks.tsx';
import { useDesk } from './desk.ts';
import { Home } from './Home.tsx';
import { Photos } from './Photos.tsx';
import { Steps } from './Steps.tsx';

export function TaskCard({ task }: { task: TaskSummary }) {
  const { t, text } = useWords();
  const isWaiting = useDesk((desk) =>
    desk.steps.some((step) => 'task' in step && step.task === task.id && step.refused === null),
  );
  const state = task.state as 'offered' | 'accepted' | 'en-route' | 'on-scene';
  return (
    <li className="task" data-task={task.id} data-state={state}>
      <p className="task-state">
        {t(`phone.kind.${task.kind}`)} · {t(`phone.state.${state}`)}
        {isWaiting ? <span className="to-send">{t('phone.waitingHere')}</span> : null}
      </p>
      <h2>{text(task.title)}</h2>
      <p className="task-place">{task.place}</p>
      {task.note === null ? null : <p className="task-note">{task.note}</p>}
      <Until task={task} />
      <Photos task={task} />
      {state === 'on-scene' ? <Checks task={task} /> : null}
      {state === 'offered' ? null : <Home task={task} />}
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
