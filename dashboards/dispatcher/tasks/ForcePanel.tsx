import { useEffect, useState } from 'react';
import type { IncidentNeed, RunCardLine } from '@yihu/device-profiles/vocabulary/duty.ts';
import type { RollCall } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { IncidentDetail, Leg } from '@yihu/device-profiles/vocabulary/incident.ts';
import { isTaskOpen, type TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { useTimersNow } from '../../client/pulse.ts';
import { Skeleton } from '../../parts/Skeleton.tsx';
import { clockText, elapsedText } from '../../parts/time.ts';
import { useWords } from '../../words/language.ts';
import type { DialogName } from '../shortcuts.ts';
import { AssignDialog } from './AssignDialog.tsx';
import { readForces, readForcesSoon, tasksMost, useForces } from './read.ts';
import { Shortfall } from './Shortfall.tsx';

interface Props {
  detail: IncidentDetail;
  stale: boolean;
  onDialog: (name: DialogName) => void;
}

/** Who is on it, who was asked and did not come, what is needed, and who has answered the roll call. */
export function ForcePanel({ detail, stale, onDialog }: Props) {
  const { t, text } = useWords();
  const forces = useForces();
  const [assigning, setAssigning] = useState<string | null>(null);
  useEffect(() => void readForces(detail.id), [detail.id]);
  const isOfThis = forces.of === detail.id;
  const problem = isOfThis ? forces.problem : null;
  const known = isOfThis && forces.known;
  const tasks = known ? forces.tasks : [];
  const chosen = tasks.find(({ id }) => id === assigning);
  return (
    <section className="block forces" aria-label={t('tasks.title')}>
      <h3>
        {t('tasks.title')} <Shortfall incident={detail.id} />
      </h3>
      <div className="scroll" tabIndex={0} role="region" aria-label={t('tasks.title')}>
        {problem === null ? null : (
          <p className="wrong">
            {t('tasks.failed')} · {text(problem.message)}{' '}
            <button type="button" className="button small retry" onClick={() => void readForces(detail.id)}>
              {t('app.retry')}
            </button>
          </p>
        )}
        {known || problem !== null ? null : <Skeleton rows={2} height={36} label={t('app.loading')} />}
        {known ? (
          <>
            <RunCard lines={forces.card} />
            {tasks.length === 0 ? <p className="quiet">{t('tasks.none')}</p> : null}
            <ul className="task-list">
              {tasks.map((task) => (
                <TaskRow key={task.id} task={task} stale={stale} onAssign={() => setAssigning(task.id)} />
              ))}
            </ul>
            {tasks.length < tasksMost ? null : <p className="quiet">{t('state.cut', { count: tasksMost })}</p>}
            <Needs needs={forces.needs} tasks={tasks} stale={stale} onAssign={setAssigning} onDialog={onDialog} />
            <RollCallLine rollCall={forces.rollCall} stale={stale} onDialog={onDialog} />
          </>
        ) : null}
      </div>
      {chosen === undefined ? null : <AssignDialog task={chosen} onClose={() => setAssigning(null)} onDone={readForcesSoon} />}
    </section>
  );
}

/** 力量编成: how many of each role are asked for, how many are on it, and why some are missing. */
function RunCard({ lines }: { lines: readonly RunCardLine[] }) {
  const { t, text } = useWords();
  return (
    <ul className="run-card" aria-label={t('tasks.card')}>
      {lines.map((line) => (
        <li key={line.role} className={line.missing > 0 ? 'short' : ''}>
          <span>{t(`tasks.role.${line.role}`)}</span>
          <strong>{t('tasks.cardLine', line)}</strong>
          {line.missing === 0 ? null : (
            <span className="why">
              {t('tasks.missing', { count: line.missing })}
              {line.text === null ? '' : ` · ${text(line.text)}`}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

interface TaskProps {
  task: TaskSummary;
  stale: boolean;
  onAssign: () => void;
}

/** One errand with everybody who was asked for it, in their order: who did not answer, who cannot go, who goes. */
function TaskRow({ task, stale, onAssign }: TaskProps) {
  const { t, text } = useWords();
  const open = isTaskOpen(task) && task.state !== 'done';
  return (
    <li className={`task ${task.state}`} data-task={task.id}>
      <span className="task-title">
        {text(task.title)} <strong>{t(`tasks.state.${task.state}`)}</strong>
      </span>
      <ol className="legs">
        {task.legs.map((leg) => (
          <LegMark key={leg.id} leg={leg} />
        ))}
      </ol>
      <span className="task-note quiet">
        {task.state === 'offered' && task.offeredUntil !== null ? <AnswerIn until={task.offeredUntil} /> : null}
        {task.state === 'created' ? (task.trouble === null ? t('tasks.nobody') : text(task.trouble)) : null}
      </span>
      {open ? (
        <button
          type="button"
          className="button small"
          aria-disabled={stale}
          title={stale ? t('why.stale') : undefined}
          onClick={stale ? undefined : onAssign}
        >
          {t(task.state === 'created' ? 'tasks.offer' : 'tasks.transfer')}
        </button>
      ) : null}
    </li>
  );
}

function LegMark({ leg }: { leg: Leg }) {
  const { t } = useWords();
  const over = leg.state === 'declined' || leg.state === 'expired' || leg.state === 'cancelled';
  return (
    <li className={over ? 'over' : ''}>
      {leg.personName} <span>{t(`leg.${leg.state}`)}</span>
    </li>
  );
}

function AnswerIn({ until }: { until: number }) {
  const { t } = useWords();
  const left = until - useTimersNow();
  return <>{left > 0 ? t('tasks.answerIn', { left: elapsedText(left) }) : null}</>;
}

interface NeedsProps {
  needs: readonly IncidentNeed[];
  tasks: readonly TaskSummary[];
  stale: boolean;
  onAssign: (task: string) => void;
  onDialog: (name: DialogName) => void;
}

function Needs({ needs, tasks, stale, onAssign, onDialog }: NeedsProps) {
  const { t } = useWords();
  return (
    <div className="incident-needs">
      <h4>
        {t('tasks.needs')}
        <button type="button" className="button small" aria-disabled={stale} onClick={stale ? undefined : () => onDialog('need')}>
          {t('tasks.addNeed')}
        </button>
      </h4>
      <ul>
        {needs.map((need) => {
          const task = tasks.find(({ id }) => id === need.task);
          return (
            <li key={need.id} className={`incident-need ${need.state}`}>
              <strong>
                {t(`tasks.needKind.${need.kind}`)} ×{need.count}
              </strong>
              <span>{need.place}</span>
              <span className="quiet">
                {t(`tasks.needState.${need.state}`)} {task?.personName ?? ''}
              </span>
              {need.state === 'met' || task === undefined ? null : (
                <button
                  type="button"
                  className="button small"
                  aria-disabled={stale}
                  onClick={stale ? undefined : () => onAssign(task.id)}
                >
                  {t('tasks.offer')}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

interface RollProps {
  rollCall: RollCall | null;
  stale: boolean;
  onDialog: (name: DialogName) => void;
}

/** 清点 of everybody who was sent: who is safe, who has not said so. */
function RollCallLine({ rollCall, stale, onDialog }: RollProps) {
  const { t } = useWords();
  return (
    <div className="roll-call">
      <h4>
        {rollCall === null ? (
          t('tasks.rollCallNone')
        ) : (
          <span>
            {t('tasks.rollCallAt', {
              at: clockText(rollCall.at),
              safe: rollCall.people.filter(({ state }) => state === 'safe').length,
              all: rollCall.people.length,
            })}{' '}
            <RollLeft until={rollCall.answerBy} waits={rollCall.people.some(({ state }) => state === 'asked')} />
          </span>
        )}
        <button
          type="button"
          className="button small"
          aria-disabled={stale}
          onClick={stale ? undefined : () => onDialog('roll-call')}
        >
          {t('tasks.rollCall')}
        </button>
      </h4>
      <ul className="legs">
        {(rollCall?.people ?? []).map((one) => (
          <li key={one.person} className={`roll ${one.state}`}>
            {one.name} <span>{t(`tasks.rollState.${one.state}`)}</span>
            {one.note === null ? null : ` ${one.note}`}
          </li>
        ))}
      </ul>
    </div>
  );
}

function RollLeft({ until, waits }: { until: number; waits: boolean }) {
  const { t } = useWords();
  const left = until - useTimersNow();
  return waits && left > 0 ? <span className="quiet">{t('tasks.rollLeft', { left: elapsedText(left) })}</span> : null;
}
