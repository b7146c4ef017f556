import { useMemo, useState } from 'react';
import type { CallPerson } from '@yihu/device-profiles/vocabulary/call.ts';
import type { PersonDetail } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { useWords } from '../words/language.ts';
import { doStep, useDesk } from './desk.ts';
import type { Kept } from './doing.ts';
import { HomeLink } from './HomeLink.tsx';
import { isUnderWay } from './homes.ts';
import { Visit } from './Visit.tsx';

/** Who lives where the task leads: their answers to a call, and what is known of them. */
export function Home({ task }: { task: TaskSummary }) {
  const { t } = useWords();
  const home = useDesk((desk) => desk.copy?.homes?.[task.id]);
  const isUnread = useDesk((desk) => desk.homesUnread || desk.offline);
  if (home === undefined)
    return isUnderWay(task) ? <p role="status">{t(isUnread ? 'phone.homeUnread' : 'app.loading')}</p> : null;
  return (
    <>
      {home.answers === null ? null : <Door task={task} answers={home.answers} />}
      {home.people === null || home.people.length === 0 ? null : (
        <details className="more" open={task.kind === 'visit'}>
          <summary className="phone-button">{t('phone.residents', { count: home.people.length })}</summary>
          <People people={home.people} />
          <HomeLink area={task.area} />
        </details>
      )}
    </>
  );
}

/** 敲门代答: what was found out at the door, person by person. */
function Door({ task, answers }: { task: TaskSummary; answers: readonly CallPerson[] }) {
  const { t } = useWords();
  const steps = useDesk((desk) => desk.steps);
  return (
    <section className="door">
      <h3>{t('phone.door')}</h3>
      <ul>
        {answers.map((one) => (
          <Resident key={one.person} task={task} one={one} waiting={waitingFor(steps, task, one)} />
        ))}
      </ul>
    </section>
  );
}

function waitingFor(steps: readonly Kept[], task: TaskSummary, { person }: CallPerson): string | null {
  const isOfThis = (step: Kept) =>
    step.kind === 'door' && step.refused === null && step.person === person && step.call === task.source.id;
  return steps.findLast(isOfThis)?.step ?? null;
}

const rarer = ['volunteer', 'away', 'refused', 'wrong-person', 'unreachable'] as const;
type Found = 'safe' | 'help' | (typeof rarer)[number];

interface ResidentProps {
  task: TaskSummary;
  one: CallPerson;
  /** What was said here and is not sent yet. */
  waiting: string | null;
}

function Resident({ task, one, waiting }: ResidentProps) {
  const { t } = useWords();
  const given = waiting ?? (one.account === 'unreachable' ? 'unreachable' : one.answer);
  const say = (step: Found) => {
    const note = step === 'unreachable' ? t('phone.knocked') : null;
    const about = { call: task.source.id, task: task.id, person: one.person };
    void doStep({ zh: `${one.name} ${one.label}`.slice(0, 120) }, { kind: 'door', ...about, step, note });
  };
  const button = (step: Found) => (
    <button
      key={step}
      type="button"
      className="phone-button"
      aria-pressed={given === step}
      aria-label={`${one.name}：${t(`phone.found.${step}`)}`}
      data-found={step}
      onClick={() => say(step)}
    >
      {t(`phone.found.${step}`)}
    </button>
  );
  return (
    <li data-person={one.person} data-given={given}>
      <p>
        <strong>{one.name}</strong>
        {one.vulnerable === true ? <span className="first">{t('phone.helpFirst')}</span> : null}
        {waiting === null ? null : <span className="to-send">{t('phone.waitingHere')}</span>}
      </p>
      <div className="choices">
        {button('safe')}
        {button('help')}
      </div>
      <details className="more">
        <summary className="phone-button">{t('phone.foundElse')}</summary>
        <div className="choices">{rarer.map(button)}</div>
      </details>
    </li>
  );
}

/** 走访登记 of each person of the home. */
export function People({ people }: { people: readonly PersonDetail[] }) {
  const { t } = useWords();
  const [open, setOpen] = useState<string | null>(null);
  const steps = useDesk((desk) => desk.steps);
  const unsent = useMemo(
    () => new Set(steps.flatMap((step) => (step.kind === 'visit' && step.refused === null ? [step.person] : []))),
    [steps],
  );
  const chosen = people.find(({ id }) => id === open);
  if (chosen !== undefined) return <Visit person={chosen} close={() => setOpen(null)} />;
  return (
    <section className="door">
      <ul>
        {people.map(({ id, name, phone }) => (
          <li key={id} data-resident={id}>
            <p>
              <strong>{name}</strong> {phone ?? t('phone.noPhone')}
              {unsent.has(id) ? <span className="to-send">{t('phone.waitingHere')}</span> : null}
            </p>
            <button type="button" className="phone-button" disabled={unsent.has(id)} data-visit={id} onClick={() => setOpen(id)}>
              {t('phone.visit', { name })}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
