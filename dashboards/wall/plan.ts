import { useEffect, useState } from 'react';
import type { FloorPlan, FloorPlanSummary } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { call, isApiError } from '../client/api.ts';
import { every } from '../client/clock.ts';
import { communitiesOf, takingOver } from './order.ts';

/** Plans change seldom. */
const readEveryMs = 300_000;

/** Reads by and by; null until it is there, and where it cannot be read: the blocks say the same. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what the address answers with
function useSeldom<T>(path: string | null): T | null {
  const [held, setHeld] = useState<{ path: string; value: T } | null>(null);
  useEffect(() => {
    if (path === null) return undefined;
    let over = false;
    const read = () => {
      call<T>('GET', path).then(
        (value) => {
          if (!over) setHeld({ path, value });
        },
        (error: unknown) => {
          if (!isApiError(error)) throw error;
        },
      );
    };
    read();
    const stop = every(readEveryMs, read);
    return () => {
      over = true;
      stop();
    };
  }, [path]);
  return held !== null && held.path === path ? held.value : null;
}

/** The community whose plan says more than blocks do: the only one there is, or the one with a level I in it. */
function communityToShow(view: WallView): string | null {
  const communities = communitiesOf(view.areas);
  const [only] = communities;
  if (only !== undefined && communities.length === 1) return only.area.path;
  const [worst] = takingOver(view.incidents);
  return communities.find(({ area }) => worst?.area.startsWith(`${area.path}/`))?.area.path ?? null;
}

/** The plan for the wall as it stands; null where blocks are shown. */
export function usePlanOf(view: WallView): FloorPlan | null {
  const plans = useSeldom<FloorPlanSummary[]>('/api/floor-plans');
  const community = communityToShow(view);
  const plan = plans?.find(({ area, floor }) => area === community && floor === '');
  return useSeldom<FloorPlan>(plan === undefined ? null : `/api/floor-plans/${encodeURIComponent(plan.id)}`);
}
