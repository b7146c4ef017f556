import type { TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import { useWords } from '../words/language.ts';
import { clockText } from '../parts/time.ts';
import { differ } from './Alarms.tsx';

/** 时间线, newest first. Where the gateway's clock and the cloud's differ, both are shown. */
export function Timeline({ lines }: { lines: readonly TimelineLine[] }) {
  const { t, text } = useWords();
  const newestFirst = [...lines].sort((a, b) => b.seq - a.seq);
  return (
    <section className="block timeline" aria-labelledby="timeline-title">
      <h3 id="timeline-title">{t('pane.timeline')}</h3>
      {lines.length === 0 ? <p className="quiet">{t('pane.noTimeline')}</p> : null}
      <ol tabIndex={0} aria-labelledby="timeline-title" className="scroll">
        {newestFirst.map((line) => (
          <li key={line.seq} className={`line kind-${line.kind}`}>
            <time dateTime={new Date(line.at).toISOString()}>{clockText(line.edgeAt ?? line.at)}</time>
            <span>
              {text(line.text)}
              {line.actorName === null || text(line.text).startsWith(line.actorName) ? null : (
                <span className="quiet actor"> · {line.actorName}</span>
              )}
              {line.edgeAt !== null && differ(line.edgeAt, line.at) ? (
                <span className="quiet both">{t('pane.cloudTime', { at: clockText(line.at) })}</span>
              ) : null}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
