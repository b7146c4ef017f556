import { useEffect, useState } from 'react';
import type { Flood, FloodGroup } from '@yihu/device-profiles/vocabulary/flood.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { cloudNow } from '../client/clock.ts';
import { LevelChip } from '../parts/Level.tsx';
import { whenText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { useDesk } from './desk.ts';

/** 告警洪峰: while one lasts its alarms come as groups and not one by one. What threatens a life stays in the queue, in full. */
export function FloodStrip() {
  const floods = useDesk((desk) => desk.board?.floods);
  return Object.values(floods ?? {}).map((flood) => <Strip key={flood.id} flood={flood} />);
}

function Strip({ flood }: { flood: Flood }) {
  const { t } = useWords();
  const name = useAreaName();
  return (
    <section className="flood" aria-label={t('flood.title', { place: name(flood.area) })}>
      <p role="status">
        <strong>{t('flood.title', { place: name(flood.area) })}</strong>{' '}
        {t('flood.detail', {
          at: whenText(flood.startedAt, cloudNow()),
          count: flood.alarms,
          rate: Math.round(flood.perOperator),
        })}
      </p>
      <ul tabIndex={0} aria-label={t('flood.groups')}>
        {flood.groups.map((group) => (
          <li key={group.key}>
            <Group group={group} place={name(group.area)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Group({ group, place }: { group: FloodGroup; place: string }) {
  const { t } = useWords();
  return (
    <>
      <LevelChip severity={group.worst} label={t(`level.${group.worst}`)} />
      <strong>
        {place} · {t(`hazard.${group.hazard}`)}
      </strong>
      <span>{t('flood.counts', { count: group.alarms, active: group.active, unacked: group.unacked })}</span>
    </>
  );
}

const shown: readonly string[] = ['community', 'building', 'unit', 'room'];

/** 幸福里 3栋: an area by its names, once they are read; till then by the end of its path. */
function useAreaName(): (path: string) => string {
  const [areas, setAreas] = useState<readonly Area[]>([]);
  useEffect(() => {
    call<Area[]>('GET', '/api/areas').then(setAreas, (error: unknown) => {
      // Codes stand where names would: the flood is told all the same.
      if (!isApiError(error)) throw error;
    });
  }, []);
  return (path) => {
    const above = areas.filter((area) => area.path === path || (shown.includes(area.kind) && path.startsWith(`${area.path}/`)));
    const names = above.sort((a, b) => a.path.length - b.path.length).map(({ name }) => name);
    return names.length > 0 ? names.join(' ') : path.split('/').slice(-2).join('-');
  };
}
