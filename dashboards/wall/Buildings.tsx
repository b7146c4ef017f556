import { useRef } from 'react';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { LevelShape } from '../parts/Level.tsx';
import { useWords } from '../words/language.ts';
import { type Standing, standingOfArea } from '../parts/standing.ts';
import { type AreaRow, type Community, communitiesOf, worstFirst } from './order.ts';
import { type Room, useRoom } from './room.ts';

/** One block with the space after it, in the design's pixels; a flat one carries the community's name too. */
const block = { width: 132, height: 84, labels: 152, flatWidth: 272 };

/** True where every building has room, community by community. */
function fits(communities: readonly Community[], { width, height }: Room): boolean {
  const columns = Math.max(1, Math.floor((width - block.labels) / block.width));
  const rows = communities.reduce((sum, { buildings }) => sum + Math.ceil(buildings.length / columns), 0);
  return rows * block.height + communities.length * 8 <= height;
}

/** Every building by its state: what a plan shows where there is one. Where they do not all fit, those that are not normal. */
export function Buildings({ view }: { view: WallView }) {
  const { t } = useWords();
  const communities = communitiesOf(view.areas).filter(({ buildings }) => buildings.length > 0);
  const box = useRef<HTMLDivElement>(null);
  const room = useRoom(box);
  return (
    <section className="tile map-tile" aria-labelledby="map-title">
      <header>
        <h2 id="map-title">{t('wall.buildings')}</h2>
        <Key />
      </header>
      <div className="blocks-of" ref={box}>
        {communities.length === 0 ? <p className="quiet">{t('wall.noBuildings')}</p> : null}
        {room.height === 0 || fits(communities, room) ? (
          <Grouped communities={communities} />
        ) : (
          <Flat communities={communities} room={room} />
        )}
      </div>
    </section>
  );
}

function Grouped({ communities }: { communities: readonly Community[] }) {
  return communities.map(({ area, buildings }) => (
    <div key={area.path} className="blocks-group">
      <h3>{area.name}</h3>
      <ul className="blocks">
        {buildings.map((building) => (
          <Block key={building.path} building={building} name={building.name} />
        ))}
      </ul>
    </div>
  ));
}

function Flat({ communities, room }: { communities: readonly Community[]; room: Room }) {
  const { t } = useWords();
  const all = communities.flatMap(({ area, buildings }) =>
    buildings.map((building) => ({ building, name: `${area.name} ${building.name}` })),
  );
  const rows = Math.max(1, Math.floor((room.height - 100) / block.height));
  const most = rows * Math.max(1, Math.floor(room.width / block.flatWidth));
  const wrong = all
    .filter(({ building }) => standingOfArea(building) !== 'normal')
    .sort((a, b) => worstFirst(a.building, b.building));
  return (
    <>
      <ul className="blocks flat">
        {wrong.slice(0, most).map(({ building, name }) => (
          <Block key={building.path} building={building} name={name} />
        ))}
      </ul>
      {wrong.length > most ? <p>{t('wall.moreBuildings', { count: wrong.length - most })}</p> : null}
      <p className="quiet">{t('wall.others', { count: all.length - wrong.length })}</p>
    </>
  );
}

function Block({ building, name }: { building: AreaRow; name: string }) {
  const { t } = useWords();
  const state = standingOfArea(building);
  const { unknown, offline } = building.devices;
  return (
    <li className={`block ${classOf(state)} ${unknown > 0 ? 'with-unknown' : ''}`}>
      <span className="block-name">
        {isLevel(state) ? <LevelShape severity={state} size={28} /> : null}
        {name}
      </span>
      <span className="unseen">
        {isLevel(state) ? t(`level.${state}`) : ''}
        {unknown > 0 ? t('wall.unknownShort', { count: unknown }) : ''}
        {offline > 0 ? t('wall.offlineShort', { count: offline }) : ''}
      </span>
    </li>
  );
}

function isLevel(state: Standing): state is 'critical' | 'major' | 'minor' | 'warning' {
  return state !== 'unknown' && state !== 'none' && state !== 'normal';
}

function classOf(state: Standing): string {
  return isLevel(state) ? `level-${levelOf(state)}` : state;
}

export function Key() {
  const { t } = useWords();
  return (
    <ul className="map-key" aria-hidden="true">
      <li>
        <span className="swatch normal" />
        {t('wall.keyNormal')}
      </li>
      <li>
        <span className="swatch unknown" />
        {t('wall.keyUnknown')}
      </li>
    </ul>
  );
}
