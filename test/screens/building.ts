import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.join(import.meta.dirname, '../..');
const configs = { screens: 'vite.config.ts', installer: 'vite.installer.config.ts' } as const;

/** The cloud's screens, or the page that the gateway serves. */
export type Pages = keyof typeof configs;

/**
 * Builds the pages as they are now into `dist`, and gives it back. A process of its own, because the test runner's NODE_ENV
 * would build React for development.
 */
export async function buildInto(dist: string, pages: Pages): Promise<string> {
  const vite = path.join(root, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', '--config', configs[pages], '--outDir', dist, '--emptyOutDir'];
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)(process.execPath, args, { cwd: path.join(root, 'dashboards'), env });
  return dist;
}
