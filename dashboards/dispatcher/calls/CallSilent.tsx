import type { CallPerson } from '@yihu/device-profiles/vocabulary/call.ts';
import type { CallDetail } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { useWords } from '../../words/language.ts';
import { answerFor } from './act.ts';
import { isLive, useCalls } from './read.ts';

/** By the number of steps taken. */
const steps = ['sent', 'again', 'head', 'door'] as const;

/** Who has not answered, those who need somebody most first, each with the step that was taken; a telephone call answers for them. */
export function CallSilent({ detail, stale }: { detail: CallDetail; stale: boolean }) {
  const { t } = useWords();
  const silent = useCalls((open) => open.silent);
  if (detail.begunAt === null) return null;
  const items = [...(silent?.items ?? [])].sort(
    (a, b) => Number(b.vulnerable ?? false) - Number(a.vulnerable ?? false) || b.step - a.step,
  );
  const more = (silent?.total ?? 0) - items.length;
  return (
    <section className="block call-silent" aria-labelledby="silent-title">
      <h3 id="silent-title">
        {t('calls.silentTitle')} <span className="count">{detail.count.silent}</span>
      </h3>
      {silent?.items.length === 0 && detail.count.silent === 0 ? <p className="quiet">{t('calls.noSilent')}</p> : null}
      <ul className="scroll" tabIndex={0} aria-label={t('calls.silentTitle')}>
        {items.map((person) => (
          <SilentRow key={person.person} person={person} call={detail.id} can={!stale && isLive(detail.state)} />
        ))}
        {more > 0 ? <li className="quiet">{t('calls.moreHomes', { count: more })}</li> : null}
      </ul>
    </section>
  );
}

function SilentRow({ person, call, can }: { person: CallPerson; call: string; can: boolean }) {
  const { t } = useWords();
  const lost = person.delivery === 'failed' || person.delivery === 'nobody';
  return (
    <li className="silent-row">
      <span className="need-who">
        <strong>{person.label}</strong>
        <span>{person.name}</span>
        {person.vulnerable === true ? <span className="tag">{t('calls.isVulnerable')}</span> : null}
      </span>
      <span className="quiet">
        {lost ? t('calls.undelivered') : t(`calls.steps.${steps[Math.min(3, person.step)] ?? 'sent'}`)}
        {person.words === null ? null : ` · “${person.words}”`}
      </span>
      {can ? (
        <span className="need-do" role="group" aria-label={`${t('calls.byPhone')} ${person.label} ${person.name}`}>
          <span className="quiet">{t('calls.byPhone')}</span>
          <button type="button" className="button small" onClick={() => void answerFor(call, person.person, 'safe')}>
            {t('calls.saidSafe')}
          </button>
          <button type="button" className="button small" onClick={() => void answerFor(call, person.person, 'volunteer')}>
            {t('calls.saidVolunteer')}
          </button>
          <button type="button" className="button small" onClick={() => void answerFor(call, person.person, 'help')}>
            {t('calls.saidHelp')}
          </button>
        </span>
      ) : null}
    </li>
  );
}
