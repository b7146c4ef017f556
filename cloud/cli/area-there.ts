import { readArea } from '../records/areas.ts';
import type { Database } from '../records/database.ts';
import { everywhere } from '../registry/rights.ts';
import { exitCodes, type Output } from './output.ts';

/** A right on an area that is not there would come to bear on whatever is given that path one day; the whole tree is always there. */
export async function isThere(database: Database, area: string): Promise<boolean> {
  return area === everywhere || (await readArea(database.db, { areas: [everywhere] }, area)) !== null;
}

export function sayNoArea(output: Output, area: string): void {
  output.fail(exitCodes.problem, {
    zh: `没有区域 ${area}。先新建它：yihu-cloud area add ${area} --kind … --name …`,
    en: `There is no area ${area}. Make it first: yihu-cloud area add ${area} --kind … --name …`,
  });
}
