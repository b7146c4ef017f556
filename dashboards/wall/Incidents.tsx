import { type RefObject, useRef, useSyncExternalStore } from 'react';
import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import { cloudNow } from '../client/clock.ts';
import { useIsStale, usePulse, useTimersNow } from '../client/pulse.ts';
import { headingOf } from '../parts/heading.ts';
import { LevelShape } from '../parts/Level.tsx';
import { elapsedText, whenText } from '../parts/time.ts';
import { noValue } from '../parts/value.ts';
import { useWords } from '../words/language.ts';
import { inOrder, levels } from './order.ts';
import { useRoom } from './room.ts';

/** Four numbers: how many of each level somebody still has to end. */
export function LevelsTile({ incidents }: { incidents: readonly IncidentSummary[] }) {
  const { t } = useWords();
  const stale = useIsStale();
  return (
    <section className="tile levels-tile" aria-label={t('wall.open')}>
      <ul>
        {levels.map((severity) => {
          const count = incidents.filter((one) => one.severity === severity).length;
          return (
            <li key={severity} className={count === 0 ? 'zero' : `ink-${levelOf(severity)}`}>
              <LevelShape severity={severity} size={36} />
              <span className="unseen">{t(`level.${severity}`)}</span>
              <strong>{stale && count === 0 ? noValue : count}</strong>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Height of the lowest row with the space below it. */
const rowPixels = 104;

export function QueueTile({ view, besides }: { view: WallView; besides: readonly IncidentSummary[] }) {
  const { t } = useWords();
  const elsewhere = new Set(besides.map(({ id }) => id));
  const rows = inOrder(view.incidents.filter(({ id }) => !elsewhere.has(id)));
  const now = useTimersNow();
  const unconfirmed = view.incidents.filter(({ state }) => state === 'open').map(({ openedAt }) => openedAt);
  return (
    <section className="tile queue-tile" aria-labelledby="queue-title">
      <header>
        <h2 id="queue-title">{t('wall.open')}</h2>
        {unconfirmed.length === 0 ? null : (
          <span className="tile-side">
            {t('wall.unconfirmed', { count: unconfirmed.length })} <strong>{elapsedText(now - Math.min(...unconfirmed))}</strong>
          </span>
        )}
      </header>
      {view.incidents.length === 0 ? <Calm view={view} /> : null}
      {view.incidents.length > 0 && rows.length === 0 ? <p className="quiet">{t('wall.noOther')}</p> : null}
      {rows.length > 0 ? <Rows rows={rows} /> : null}
    </section>
  );
}

function Rows({ rows }: { rows: readonly IncidentSummary[] }) {
  const { t, text } = useWords();
  const now = useTimersNow();
  const list = useRef<HTMLUListElement>(null);
  const most = Math.max(1, Math.floor(useRoom(list).height / rowPixels));
  const shown = useFitting(list, most);
  return (
    <>
      <ul className="queue-rows" ref={list}>
        {rows.slice(0, most).map((one, index) => (
          <li key={one.id} className={index < shown ? '' : 'beyond'}>
            <span className={`ink-${levelOf(one.severity)}`}>
              <LevelShape severity={one.severity} size={32} />
              <span className="unseen">{t(`level.${one.severity}`)}</span>
            </span>
            <strong>{one.place}</strong>
            <span className="queue-what">
              <span className="fit quiet">{headingOf(text(one.title), one.place)}</span>
              <span className="queue-time">
                <span className="quiet">{t(`incident.${one.state}`)}</span> {elapsedText(now - one.openedAt)}
              </span>
            </span>
          </li>
        ))}
      </ul>
      <p className="quiet one-line">{rows.length > shown ? t('wall.more', { count: rows.length - shown }) : ''}</p>
    </>
  );
}

/** How many rows stand in the list's one column: those that find no room below the others go into a second, out of sight. Looked up after each drawing. */
function useFitting(list: RefObject<HTMLUListElement | null>, most: number): number {
  return useSyncExternalStore(onlyDrawn, () => (list.current === null ? most : inFirstColumn(list.current)));
}

function inFirstColumn(list: HTMLUListElement): number {
  const rows = [...list.children] as HTMLElement[];
  return rows.filter((row) => row.offsetLeft === rows[0]?.offsetLeft).length;
}

const onlyDrawn = () => () => undefined;

function Calm({ view }: { view: WallView }) {
  const { t } = useWords();
  const stale = useIsStale();
  const cloudAt = usePulse((pulse) => pulse.cloudAt);
  if (stale)
    return (
      <div className="calm hatched">
        <p>{t('pulse.unknown')}</p>
        <p className="quiet">{t('pulse.lastWell', { at: whenText(cloudAt ?? 0, cloudNow()) })}</p>
      </div>
    );
  return (
    <div className="calm">
      <p>{t('wall.calm')}</p>
      {view.lastClosedAt === null ? null : (
        <p className="quiet">{t('wall.calmSince', { at: whenText(view.lastClosedAt, cloudNow()) })}</p>
      )}
    </div>
  );
}
