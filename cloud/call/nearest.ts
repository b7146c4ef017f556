import { CallNear } from '@yihu/device-profiles/vocabulary/call.ts';
import type { AreaKind } from '@yihu/device-profiles/vocabulary/place.ts';

/** Beside one need stand at most this many. */
const most = 5;

/** The innermost area that both lie in, of those whose kind is known; null where they share none. */
function shared(kinds: ReadonlyMap<string, AreaKind>, one: string, other: string): string | null {
  const steps = one.split('/');
  const others = other.split('/');
  const apart = steps.findIndex((step, nth) => step !== others[nth]);
  for (let many = apart < 0 ? steps.length : apart; many > 0; many -= 1) {
    const path = steps.slice(0, many).join('/');
    if (kinds.has(path)) return path;
  }
  return null;
}

/**
 * 就近: those nearest to a place by what they share with it — the same home, unit, building, grid — the nearest first, at most
 * five. Who shares no more than a community is no neighbour. `kinds` are the areas above the place, by their paths.
 */
export function nearest<T extends { readonly area: string }>(
  area: string,
  all: readonly T[],
  kinds: ReadonlyMap<string, AreaKind>,
): (T & { readonly near: CallNear })[] {
  return all
    .flatMap((one) => {
      const path = shared(kinds, area, one.area);
      const near = CallNear.safeParse(path === null ? null : kinds.get(path));
      return near.success ? [{ found: { ...one, near: near.data }, depth: path?.length ?? 0 }] : [];
    })
    .sort((a, b) => b.depth - a.depth || a.found.area.localeCompare(b.found.area, 'zh', { numeric: true }))
    .slice(0, most)
    .map(({ found }) => found);
}
