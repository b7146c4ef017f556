import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import { call } from '../client/api.ts';
import { areaPage } from './calls/areas.ts';
import { useDesk } from './desk.ts';

let known: { of: string; areas: Area[] } | null = null;

/** The areas whose desk this is. Who may do everything everywhere sits at the desk of every area that has none above it. */
export async function ownAreas(): Promise<Area[]> {
  const paths = (useDesk.getState().session?.grants ?? []).filter(({ role }) => role === 'dispatcher').map(({ area }) => area);
  const of = paths.join(' ');
  if (known?.of === of) return known.areas;
  const areas = paths.includes('')
    ? await roots()
    : await Promise.all(paths.map(async (path) => plain((await areaPage(path)).area)));
  known = { of, areas };
  return areas;
}

async function roots(): Promise<Area[]> {
  return (await call<Area[]>('GET', '/api/areas')).filter(({ parent }) => parent === null).map(plain);
}

function plain({ path, parent, kind, name }: Area): Area {
  return { path, parent, kind, name };
}
