import { useRef } from 'react';
import type { FloorPlan } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { PlanView } from '../parts/PlanView.tsx';
import { standingOfArea } from '../parts/standing.ts';
import { useWords } from '../words/language.ts';
import { Buildings, Key } from './Buildings.tsx';
import { usePlanOf } from './plan.ts';
import { useRoom } from './room.ts';

/** Where it is: on the community's plan where there is one, as blocks where there is none. */
export function MapTile({ view }: { view: WallView }) {
  const plan = usePlanOf(view);
  return plan === null ? <Buildings view={view} /> : <PlanTile plan={plan} view={view} />;
}

/** Smallest letters of a wall, in the design's pixels. */
const letterPixels = 32;
const mostLetters = 0.09;

function PlanTile({ plan, view }: { plan: FloorPlan; view: WallView }) {
  const { t } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const room = useRoom(box);
  const scale = Math.min(room.width / plan.width, room.height / plan.height);
  const letters = scale > 0 ? Math.min(mostLetters, letterPixels / (scale * plan.width)) : mostLetters;
  const areaOf = (path: string) => {
    const area = view.areas.find((one) => one.path === path);
    return area === undefined ? { name: '', standing: 'none' as const } : { name: area.name, standing: standingOfArea(area) };
  };
  // Single devices are too small for a wall and no business of who walks past.
  const sheet = { ...plan, items: plan.items.filter(({ kind }) => kind !== 'device') };
  return (
    <section className="tile map-tile" aria-labelledby="map-title">
      <header>
        <h2 id="map-title">{plan.name}</h2>
        <Key />
      </header>
      <div className="plan-box" ref={box}>
        <PlanView plan={sheet} label={plan.name} areaOf={areaOf} letters={letters} />
      </div>
      <ul className="unseen">
        {view.areas
          .filter(({ kind, worst }) => kind === 'building' && worst !== null)
          .map(({ path, name, worst }) => (
            <li key={path}>
              {name} {worst === null ? '' : t(`level.${worst}`)}
            </li>
          ))}
      </ul>
    </section>
  );
}
