import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { DeviceSummary } from '@yihu/device-profiles/vocabulary/view.ts';
import { useWords } from '../words/language.ts';
import { useShortcuts } from '../client/keys.ts';
import { Failure } from './Failure.tsx';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { DeviceRow } from './DeviceRow.tsx';
import { keyOf, useEstate } from './estate.ts';
import { Filters } from './Filters.tsx';
import { type DevicePages, useDevicePages } from './pages.ts';
import { go, type Route } from './route.ts';

type DevicesRoute = Extract<Route, { screen: 'devices' }>;

const shortcuts = { '/': () => document.getElementById('device-search')?.focus() };

function queryOf(route: DevicesRoute): string {
  const asked = new URLSearchParams();
  for (const name of ['area', 'availability', 'q'] as const) if (route[name] !== '') asked.set(name, route[name]);
  return asked.toString();
}

/** Every device of the estate: found by typing, live, and quick with thousands. */
export function DeviceList({ route }: { route: DevicesRoute }) {
  const { t } = useWords();
  useShortcuts(shortcuts, true);
  const query = queryOf(route);
  const pages = useDevicePages(query);
  // What is shown until the answer comes was found for something else.
  const isOld = pages.of !== query;
  const count = pages.total === null ? '' : t('devices.shown', { count: pages.total });
  return (
    <div className="devices">
      <div className="devices-head">
        <h1>{t('devices.title')}</h1>
        <p className="quiet" aria-live="polite">
          {isOld && pages.items.length > 0 ? t('app.loading') : isOld ? '' : count}
        </p>
      </div>
      <Filters route={route} />
      <Result route={route} pages={pages} />
    </div>
  );
}

function Result({ route, pages }: { route: DevicesRoute; pages: ReturnType<typeof useDevicePages> }) {
  const { t } = useWords();
  const all = useEstate((estate) => estate.overview?.areas.find((area) => area.parent === null)?.devices.total ?? 0);
  const { problem, items, loading, of } = pages;
  if (problem !== null) return <Failure problem={problem} onRetry={pages.retry} />;
  if (items.length > 0) return <Rows pages={pages} onEnd={pages.more} />;
  if (loading || of !== queryOf(route)) return <Skeleton rows={8} height={60} label={t('app.loading')} />;
  if (queryOf(route) === '') {
    return (
      <PanelState mark="unknown" title={t('devices.empty')}>
        <p>{t('devices.emptyNext')}</p>
      </PanelState>
    );
  }
  return (
    <PanelState mark="filter" title={t('devices.emptyFilter', { all })}>
      <p>{t('devices.emptyFilterNext')}</p>
      <button type="button" className="button" onClick={() => go({ screen: 'devices', area: '', availability: '', q: '' })}>
        {t('devices.clear')}
      </button>
    </PanelState>
  );
}

const rowPx = 64;
/** The next page is asked for this many rows before the end. */
const aheadRows = 20;

function Rows({ pages, onEnd }: { pages: DevicePages; onEnd: () => void }) {
  const { t } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const live = useEstate((estate) => estate.live);
  const { items } = pages;
  // No compiler memoises these screens, so what it hands out may change under the same identity.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    overscan: 8,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= items.length - aheadRows) onEnd();
  }, [last, items.length, onEnd]);
  const newest = (device: DeviceSummary) => live[keyOf(device)] ?? device;
  return (
    <div className="table">
      <div className="row-head" aria-hidden="true">
        <span>{t('devices.device')}</span>
        <span>{t('devices.reading')}</span>
        <span>{t('devices.state')}</span>
        <span>{t('devices.alarm')}</span>
        <span>{t('devices.heard')}</span>
      </div>
      <div ref={box} className="rows" tabIndex={0} role="region" aria-label={t('devices.list')}>
        <ul style={{ height: virtual.getTotalSize() }}>
          {rows.map((row) => {
            const device = items[row.index];
            if (device === undefined) return null;
            return (
              <li
                key={keyOf(device)}
                style={{ transform: `translateY(${row.start}px)` }}
                aria-setsize={items.length}
                aria-posinset={row.index + 1}
              >
                <DeviceRow device={newest(device)} />
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}
