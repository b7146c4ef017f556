import { useEffect, useMemo, useRef, useState } from 'react';
import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { after, cloudNow } from '../client/clock.ts';
import { useIsStale, usePulse } from '../client/pulse.ts';
import { useWords } from '../words/language.ts';
import { Glass } from '../parts/Glass.tsx';
import { Keycap } from '../parts/Keycap.tsx';
import { PanelState } from '../parts/PanelState.tsx';
import { whenText } from '../parts/time.ts';
import { type Board, heldOrder, queueOf, shownOf } from './board.ts';
import { Card } from './Card.tsx';
import { choose, fold, useDesk } from './desk.ts';

/** While the hand moves in the queue, and this long after, no card changes its place under it. */
const holdMs = 3_000;

/** The order as it stood when the hand came into the queue; null once it rests. */
function useHeldOrder(): { order: readonly string[] | null; touch: (shown: readonly IncidentSummary[]) => void } {
  const [order, setOrder] = useState<readonly string[] | null>(null);
  const callOff = useRef<(() => void) | null>(null);
  useEffect(() => () => callOff.current?.(), []);
  const touch = (shown: readonly IncidentSummary[]) => {
    setOrder((before) => before ?? shown.map((incident) => incident.id));
    callOff.current?.();
    callOff.current = after(holdMs, () => setOrder(null));
  };
  return { order, touch };
}

/** Every open incident, the one that needs a hand first at the top. */
export function Queue() {
  const { t } = useWords();
  const board = useDesk((desk) => desk.board);
  const filter = useDesk((desk) => desk.filter);
  const selected = useDesk((desk) => desk.selected);
  const front = useDesk((desk) => desk.front.kind === 'incident');
  const folded = useDesk((desk) => desk.folded);
  const { order, touch } = useHeldOrder();
  const sorted = useMemo(() => (board === null ? [] : queueOf(board)), [board]);
  const shown = order === null ? sorted : heldOrder(order, sorted);
  const arrived = order === null ? 0 : shown.filter((incident) => !order.includes(incident.id)).length;
  const found = shownOf(shown, filter, folded, selected);
  const minor = sorted.filter((incident) => incident.severity === 'warning').length;
  if (board === null) return null;
  return (
    <section className="column queue" aria-labelledby="queue-title" onPointerMove={() => touch(shown)}>
      <div className="column-head">
        <h2 id="queue-title">{t('queue.title')}</h2>
        <p className="quiet">{arrived > 0 ? t('queue.arrived', { count: arrived }) : t('queue.order')}</p>
      </div>
      <Search shown={found.length} all={sorted.length} />
      {found.length === 0 && (sorted.length === 0 || filter !== '') ? (
        <Empty board={board} all={sorted.length} />
      ) : (
        <ul className="cards">
          {found.map((incident) => (
            <li key={incident.id}>
              <Card incident={incident} selected={front && incident.id === selected} onSelect={choose} />
            </li>
          ))}
        </ul>
      )}
      {minor === 0 || filter !== '' ? null : <Fold folded={folded} count={minor} />}
    </section>
  );
}

/** What is folded away is still said, with the key that brings it back. */
function Fold({ folded, count }: { folded: boolean; count: number }) {
  const { t } = useWords();
  return (
    <button type="button" className="button plain small fold" aria-expanded={!folded} aria-keyshortcuts="F" onClick={fold}>
      {t(folded ? 'queue.unfold' : 'queue.fold', { count })} <Keycap name="F" />
    </button>
  );
}

function Search({ shown, all }: { shown: number; all: number }) {
  const { t } = useWords();
  const filter = useDesk((desk) => desk.filter);
  const set = (value: string) => useDesk.setState({ filter: value });
  return (
    <div className="search">
      <Glass />
      <input
        id="queue-search"
        type="search"
        value={filter}
        placeholder={t('queue.searchHint')}
        aria-label={t('queue.search')}
        onChange={(event) => set(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing || (event.key !== 'Escape' && event.key !== 'Enter')) return;
          if (event.key === 'Escape') set('');
          event.currentTarget.blur();
        }}
      />
      {filter === '' ? <Keycap name="/" /> : <span className="quiet">{t('queue.found', { shown, all })}</span>}
    </div>
  );
}

function Empty({ board, all }: { board: Board; all: number }) {
  const { t, text } = useWords();
  const stale = useIsStale();
  const cloudAt = usePulse((pulse) => pulse.cloudAt);
  if (all > 0) {
    return (
      <PanelState mark="filter" title={t('queue.emptyFilter', { all })}>
        <button type="button" className="button" onClick={() => useDesk.setState({ filter: '' })}>
          {t('queue.clear')}
        </button>
      </PanelState>
    );
  }
  if (stale)
    return (
      <PanelState mark="unknown" title={t('pulse.unknown')}>
        <p>{t('pulse.lastWell', { at: whenText(cloudAt ?? 0, cloudNow()) })}</p>
      </PanelState>
    );
  const lost = Object.values(board.gateways).filter((gateway) => gateway.state === 'offline');
  const last = board.lastClosedAt;
  if (Object.keys(board.floods).length > 0) return <PanelState mark="unknown" title={t('queue.emptyFlood')} />;
  return (
    <PanelState
      mark={board.devices.total > 0 && board.devices.unknown === 0 && lost.length === 0 ? 'good' : 'unknown'}
      title={t('queue.emptyGood')}
    >
      <p>
        {last === null ? t('queue.emptyGoodNever') : t('queue.emptyGoodLast', { at: whenText(last, cloudNow()) })}{' '}
        {t('queue.emptyGoodDevices', { online: board.devices.online, total: board.devices.total })}
      </p>
      {lost.length === 0 ? null : (
        <p>{t('queue.emptyPartial', { names: lost.map((gateway) => text(gateway.name)).join('、') })}</p>
      )}
    </PanelState>
  );
}
