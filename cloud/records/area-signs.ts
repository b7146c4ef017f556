import { type Kysely, sql } from 'kysely';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import { codeOf, parentOf } from '../registry/grids.ts';
import type { Tables } from './tables.ts';

/** A path is moved a handful of times in its life; a sign that leads in a circle must not lead for ever. */
const signsFollowed = 8;

/** Where paths are found now, after every move since: only those that are elsewhere are in the answer. */
export async function movedPaths(trx: Kysely<Tables>, paths: readonly string[]): Promise<Map<string, string>> {
  const now = new Map<string, string>();
  let asked = new Map(paths.map((path) => [path, path]));
  for (let nth = 0; nth < signsFollowed && asked.size > 0; nth += 1) {
    const led = await followSigns(trx, [...new Set(asked.values())]);
    asked = new Map([...asked].flatMap(([path, at]) => (led.has(at) ? [[path, led.get(at) ?? at] as const] : [])));
    for (const [path, at] of asked) now.set(path, at);
  }
  return now;
}

async function followSigns(trx: Kysely<Tables>, paths: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ asked: string; now: string }>`
    select distinct on (p.asked) p.asked, m.path || substr(p.asked, length(m.was) + 1) as now
    from unnest(${[...paths]}::text[]) as p(asked) join area_moved m on p.asked = m.was or starts_with(p.asked, m.was || '/')
    order by p.asked, length(m.was) desc`.execute(trx);
  return new Map(rows.map(({ asked, now }) => [asked, now]));
}

/**
 * Buildings as a gateway names them, below its own area, and where the registry has them: a gateway of a community knows
 * nothing of grids. Only a building that is there once, and not where it was named, is in the answer.
 */
async function buildingsInGrids(trx: Kysely<Tables>, buildings: readonly string[]): Promise<Map<string, string>> {
  if (buildings.length === 0) return new Map();
  const asked = buildings.map((path) => ({ asked: path, below: parentOf(path) ?? '', code: codeOf(path) }));
  const { rows } = await sql<{ asked: string; now: string }>`
    select p.asked, min(a.path) as now
    from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as p(asked text, below text, code text)
    join area grid on grid.parent = p.below and grid.kind = 'grid'
    join area a on a.path = grid.path || '/' || p.code and a.kind = 'building'
    where not exists (select 1 from area there where there.path = p.asked)
    group by p.asked having count(*) = 1`.execute(trx);
  return new Map(rows.map(({ asked, now }) => [asked, now]));
}

/** The areas of an inventory as the registry has them today: what was moved, or stands in a grid, is led there. */
export async function placed(trx: Kysely<Tables>, areas: readonly Area[]): Promise<(path: string) => string> {
  const signs = await movedPaths(
    trx,
    areas.map(({ path }) => path),
  );
  const buildings = areas.filter((area) => area.kind === 'building' && !signs.has(area.path)).map(({ path }) => path);
  const grids = await buildingsInGrids(trx, buildings);
  return (path) => {
    const sign = signs.get(path);
    if (sign !== undefined) return sign;
    for (const [asked, now] of grids) if (path === asked || path.startsWith(`${asked}/`)) return now + path.slice(asked.length);
    return path;
  };
}
