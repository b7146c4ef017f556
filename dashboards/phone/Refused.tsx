import type { PersonDetail } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { localNow } from '../client/clock.ts';
import { whenText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { needs } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { doStep, forget, useDesk } from './desk.ts';
import type { Kept } from './doing.ts';

/** What the cloud did not take, in its own words, until it has been read. */
export function Refused() {
  const steps = useDesk((desk) => desk.steps);
  return steps.map((step) => (step.refused === null ? null : <RefusedStep key={step.n} step={step} />));
}

function RefusedStep({ step }: { step: Kept }) {
  const { t, text } = useWords();
  const conflict = step.kind === 'visit' && step.current !== undefined ? { step, current: step.current } : null;
  return (
    <section className="refused-step" role="alert">
      <h2>{t('phone.refusedTitle', { step: t(`phone.said.${step.step}`) })}</h2>
      <p>{text(step.title)}</p>
      <p>{step.refused === null ? '' : text(step.refused.message)}</p>
      <p>{t('phone.refusedAt', { at: whenText(step.phoneAt, localNow()) })}</p>
      {conflict === null ? null : <Conflict {...conflict} />}
      <button type="button" className="phone-button" data-read onClick={() => void forget(step)}>
        {t(conflict === null ? 'phone.read' : 'phone.keepTheirs')}
      </button>
    </section>
  );
}

/** Somebody wrote about the same person first: both stand side by side, and the one who was at the door decides. */
function Conflict({ step, current }: { step: Kept & { kind: 'visit' }; current: PersonDetail }) {
  const { t, text } = useWords();
  const { change } = step.body;
  const list = (names: readonly (keyof typeof needs)[]) => names.map((need) => text(needs[need])).join('、');
  const rows = [
    ['phone', current.phone, change.phone],
    ['contact', current.contact && `${current.contact.name} ${current.contact.phone}`, change.contact?.phone],
    ['needs', current.needs && list(current.needs), change.needs && list(change.needs)],
  ] as const;
  const keepOurs = async () => {
    const body = { ...step.body, version: current.version };
    if (await doStep(step.title, { kind: 'visit', person: step.person, step: 'visit', body })) await forget(step);
  };
  return (
    <>
      <ul className="conflict">
        {rows.map(([field, theirs, ours]) =>
          ours === undefined ? null : (
            <li key={field}>
              {t(`phone.conflict.${field}`)}：{t('phone.conflict.theirs', { value: theirs || t('phone.unknown') })}；
              {t('phone.conflict.ours', { value: ours ?? t('phone.unknown') })}
            </li>
          ),
        )}
      </ul>
      <button type="button" className="phone-button" data-ours onClick={() => void keepOurs()}>
        {t('phone.keepOurs')}
      </button>
    </>
  );
}
