import { areaKinds } from '@yihu/device-profiles/vocabulary/place.ts';
import type { AreaPage } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../../client/api.ts';

const pathTo = (path: string) => `/api/areas/${encodeURIComponent(path)}`;

export function areaPage(path: string): Promise<AreaPage> {
  return call<AreaPage>('GET', pathTo(path));
}

function plain({ path, parent, kind, name }: Area): Area {
  return { path, parent, kind, name };
}

/** The area and all above it that this person may see, the largest first. */
export async function chainOf(path: string): Promise<Area[]> {
  const steps = path.split('/');
  const paths = steps.map((_, nth) => steps.slice(0, nth + 1).join('/'));
  const pages = await Promise.allSettled(paths.map(areaPage));
  return pages.flatMap((page) => {
    if (page.status === 'fulfilled') return [plain(page.value.area)];
    // Above one's own area nothing is seen, and that is no failure.
    if (isApiError(page.reason) && page.reason.status === 404) return [];
    throw page.reason;
  });
}

/** The building of an incident, or else the smallest area that is known around it. */
export function usualScope(chain: readonly Area[]): Area | undefined {
  return chain.find(({ kind }) => kind === 'building') ?? chain.findLast(({ kind }) => isCallable(kind));
}

/** Homes are not called one by one here. */
export function isCallable(kind: Area['kind']): boolean {
  return areaKinds.indexOf(kind) < areaKinds.indexOf('room');
}
