import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { useTimersNow } from '../client/pulse.ts';
import { headingOf } from '../parts/heading.ts';
import { LevelShape } from '../parts/Level.tsx';
import { elapsedText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';

/** Only those still under way or there; who declined is not coming. */
const coming = new Set(['offered', 'accepted', 'en-route', 'on-scene']);
const othersShown = 3;
/** A longer place is set smaller, so that building and room keep to one line. */
const shortPlace = 14;

/** Level I: a third of the wall, red all over until somebody has confirmed it. */
export function Takeover({ incidents }: { incidents: readonly IncidentSummary[] }) {
  const { t, text } = useWords();
  const now = useTimersNow();
  const [first, ...others] = incidents;
  if (first === undefined) return null;
  const legs = first.legs.filter(({ state }) => coming.has(state));
  return (
    <section className={`takeover ${first.state === 'open' ? 'unconfirmed' : ''}`} aria-live="assertive">
      <p className="takeover-level">
        <LevelShape severity={first.severity} size={56} />
        {t(`level.${first.severity}`)} · {t(`hazard.${first.hazard}`)}
      </p>
      <h2 className={first.place.length > shortPlace ? 'long' : undefined}>{first.place}</h2>
      <p className="takeover-title">{headingOf(text(first.title), first.place)}</p>
      <p className="takeover-time">
        <span className="takeover-word">{t('wall.elapsed')}</span>
        <strong aria-live="off">{elapsedText(now - first.openedAt)}</strong>
      </p>
      <p className="takeover-state">
        {t(`incident.${first.state}`)} · {t('wall.alarms', { count: first.alarmCount })}
      </p>
      <ul className="takeover-legs">
        {legs.length === 0 ? <li>{t('wall.nobodySent')}</li> : null}
        {legs.slice(0, othersShown).map((leg) => (
          <li key={leg.id}>
            {leg.personName} · {t(`leg.${leg.state}`)}
          </li>
        ))}
      </ul>
      {others.length === 0 ? null : (
        <div className="takeover-others">
          <h3>{t('wall.alsoOpen')}</h3>
          <ul>
            {others.slice(0, othersShown).map((one) => (
              <li key={one.id}>
                <span className="fit">{one.place}</span>
                <span aria-live="off">{elapsedText(now - one.openedAt)}</span>
              </li>
            ))}
          </ul>
          {others.length > othersShown ? <p>{t('wall.more', { count: others.length - othersShown })}</p> : null}
        </div>
      )}
    </section>
  );
}
