import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const vite = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url));
const dashboards = fileURLToPath(new URL('../../dashboards/', import.meta.url));

/**
 * Builds the screens as they are now into a folder of its own; `remove` when done. A process of its own, because the test
 * runner's NODE_ENV would build React for development.
 */
export function buildScreens(): Promise<Built> {
  return build('vite.config.ts');
}

/** The same for the page that the gateway serves. */
export function buildInstaller(): Promise<Built> {
  return build('vite.installer.config.ts');
}

interface Built {
  dist: string;
  remove: () => void;
}

async function build(config: string): Promise<Built> {
  const dist = mkdtempSync(path.join(tmpdir(), 'yihu-screens-'));
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)(process.execPath, [vite, 'build', '--config', config, '--outDir', dist, '--emptyOutDir'], {
    cwd: dashboards,
    env,
  });
  return { dist, remove: () => rmSync(dist, { recursive: true, force: true }) };
}
