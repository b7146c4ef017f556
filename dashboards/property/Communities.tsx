import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Overview } from '@yihu/device-profiles/vocabulary/view.ts';
import { useHeardOnly, useIsStale } from '../client/pulse.ts';
import { useWords, type Words } from '../words/language.ts';
import { HealthBar } from '../parts/HealthBar.tsx';
import { LevelChip, LevelShape } from '../parts/Level.tsx';
import { noValue } from '../parts/value.ts';
import { Link } from './Link.tsx';

type Area = Overview['areas'][number];

const inside = (areas: readonly Area[], outer: Area, kind: Area['kind']) =>
  areas.filter((area) => area.kind === kind && area.path.startsWith(`${outer.path}/`));

/** Community → building → unit, each with its worst level and its devices' health. */
export function Communities({ areas }: { areas: readonly Area[] }) {
  const { t } = useWords();
  const communities = areas.filter((area) => area.kind === 'community');
  return (
    <section className="communities" aria-label={t('overview.places')}>
      {communities.map((community) => (
        <Community key={community.path} community={community} areas={areas} />
      ))}
      <Legend />
    </section>
  );
}

function Community({ community, areas }: { community: Area; areas: readonly Area[] }) {
  const { t } = useWords();
  const { devices } = community;
  const stale = useIsStale();
  const bar = useHeardOnly(devices);
  return (
    <article className="sheet community">
      <header>
        <h2>
          <Link to={{ screen: 'devices', area: community.path, availability: '', q: '' }}>{community.name}</Link>
        </h2>
        {community.worst === null ? (
          <span className="quiet">{noAlarmText(community, stale, t)}</span>
        ) : (
          <>
            <LevelChip severity={community.worst} label={t(`level.${community.worst}`)} />
            <span className="quiet">{t('overview.activeAlarms', { count: community.activeAlarms })}</span>
          </>
        )}
        <span className="tally-line">
          {t('overview.tally', { online: stale ? noValue : devices.online, total: devices.total })}
        </span>
      </header>
      <HealthBar devices={bar} label={t('overview.health', { ...bar })} />
      <ul className="buildings">
        {inside(areas, community, 'building').map((building) => (
          <Building key={building.path} building={building} units={inside(areas, building, 'unit')} />
        ))}
      </ul>
    </article>
  );
}

/** No alarm is known of; what is not heard of is said with it. */
function noAlarmText({ devices }: Area, isStale: boolean, t: Words['t']): string {
  const dark = devices.unknown + devices.offline;
  if (isStale) return t('pulse.unknown');
  if (devices.total === 0) return t('devices.empty');
  return dark > 0 ? t('overview.partly', { count: dark }) : t('overview.noAlarm');
}

function Building({ building, units }: { building: Area; units: readonly Area[] }) {
  const { t } = useWords();
  const { worst } = building;
  const stale = useIsStale();
  const devices = useHeardOnly(building.devices);
  const worstName = worst === null ? noAlarmText(building, stale, t) : t(`level.${worst}`);
  return (
    <li>
      <Link
        className={`building ${worst === null ? '' : `edge-${levelOf(worst)}`}`}
        to={{ screen: 'devices', area: building.path, availability: '', q: '' }}
      >
        <span className="building-head">
          <strong>{building.name}</strong>
          <span className="quiet">
            {stale ? noValue : devices.online}/{devices.total}
          </span>
        </span>
        <span className="unseen">
          {worstName}. {t('overview.health', devices)}.
        </span>
        <span className="units">
          {units.map((unit) => (
            <Unit key={unit.path} unit={unit} />
          ))}
        </span>
      </Link>
    </li>
  );
}

/** A cell: the level's shape where something is wrong, hatched where nothing is known, else plain. */
function Unit({ unit }: { unit: Area }) {
  const { t } = useWords();
  const stale = useIsStale();
  const { worst, devices } = unit;
  const state =
    worst !== null
      ? `level-${levelOf(worst)}`
      : stale || devices.unknown > 0
        ? 'unknown'
        : devices.total === 0
          ? 'none'
          : devices.offline + devices.late > 0
            ? 'late'
            : '';
  return (
    <span className={`unit ${state}`}>
      {worst === null ? null : <LevelShape severity={worst} size={11} />}
      <span>{unit.name}</span>
      {worst === null ? null : <span className="unseen">{t(`level.${worst}`)}</span>}
    </span>
  );
}

function Legend() {
  const { t } = useWords();
  return (
    <p className="legend quiet">
      <span>
        <span className="health-key online" aria-hidden="true" /> {t('availability.online')}
      </span>
      <span>
        <span className="health-key late" aria-hidden="true" /> {t('availability.late')}
      </span>
      <span>
        <span className="health-key offline" aria-hidden="true" /> {t('availability.offline')}
      </span>
      <span>
        <span className="health-key unknown" aria-hidden="true" /> {t('availability.unknown')}
      </span>
    </p>
  );
}
