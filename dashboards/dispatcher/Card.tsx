import { memo } from 'react';
import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import { useWords, type Words } from '../words/language.ts';
import { useTimersNow } from '../client/pulse.ts';
import { LevelShape } from '../parts/Level.tsx';
import { elapsedText, isoDuration } from '../parts/time.ts';
import { headingOf } from '../parts/heading.ts';
import { isUnacked } from './board.ts';

interface Props {
  incident: IncidentSummary;
  selected: boolean;
  onSelect: (id: string) => void;
}

const onTheWay = ['offered', 'accepted', 'en-route', 'on-scene'];

/** Who is doing what about it; nobody is also an answer. */
function lineOf(incident: IncidentSummary, { t }: Words): string {
  const legs = incident.legs.filter((leg) => onTheWay.includes(leg.state));
  const sent = legs.map((leg) => `${leg.personName} ${t(`leg.${leg.state}`)}`).join(' · ');
  if (sent !== '') return sent;
  return incident.commander === null || isUnacked(incident)
    ? t('queue.nobody')
    : t('pane.commander', { name: incident.commander });
}

/** One incident. The whole card is red only for level I that nobody has confirmed: size, fill and place say it before colour does. */
export const Card = memo(function Card({ incident, selected, onSelect }: Props) {
  const words = useWords();
  const { t, text } = words;
  const level = levelOf(incident.severity);
  const unacked = isUnacked(incident);
  const names = ['card', `edge-${level}`, unacked ? 'unacked' : '', level === 1 && unacked ? 'alight' : ''].join(' ');
  return (
    <button
      type="button"
      id={`incident-${incident.id}`}
      className={names}
      aria-current={selected ? 'true' : undefined}
      onClick={() => onSelect(incident.id)}
    >
      <span className={`tile level-${level}`}>
        <LevelShape severity={incident.severity} size={20} />
        <span>{t(`levelShort.${incident.severity}`)}</span>
      </span>
      <span className="what">
        <span className="title">
          {headingOf(text(incident.title), incident.place)}
          {incident.alarmCount > 1 ? <span className="times">×{incident.alarmCount}</span> : null}
        </span>
        <span className="place">{incident.place}</span>
        <span className="who">
          {incident.childCount > 0 ? t('queue.children', { count: incident.childCount }) : lineOf(incident, words)}
        </span>
      </span>
      <span className="when">
        <Elapsed since={incident.openedAt} />
        <span className="state">{t(`incident.${incident.state}`)}</span>
      </span>
    </button>
  );
});

function Elapsed({ since }: { since: number }) {
  const { t } = useWords();
  const ms = useTimersNow() - since;
  return (
    <time className="elapsed" dateTime={isoDuration(ms)}>
      <span className="unseen">{t('queue.elapsed')} </span>
      {elapsedText(ms)}
    </time>
  );
}
