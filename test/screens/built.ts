import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { askForPages } from '../cloud/shared-servers.ts';
import { buildInto, type Pages } from './building.ts';

interface Built {
  /** To be read only: others of the same run are served from it. */
  dist: string;
  remove: () => void;
}

/** The screens as they were when the first test of the run asked; `remove` when done. */
export function buildScreens(): Promise<Built> {
  return built('screens');
}

/** The same for the page that the gateway serves. */
export function buildInstaller(): Promise<Built> {
  return built('installer');
}

async function built(pages: Pages): Promise<Built> {
  const shared = await askForPages(pages);
  if (shared !== null) return { dist: shared.dist, remove: () => undefined };
  const dist = mkdtempSync(path.join(tmpdir(), 'yihu-screens-'));
  await buildInto(dist, pages);
  return { dist, remove: () => rmSync(dist, { recursive: true, force: true }) };
}
