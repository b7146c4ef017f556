import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './programs.ts';

/** The cloud serves `dashboards/dist`; built here where it is missing. */
export async function screensAreBuilt(): Promise<void> {
  if (existsSync(join(root, 'dashboards/dist/index.html'))) return;
  await build();
}

/** The gateway serves the page in its own package; built here as it is now, which takes two seconds. */
export function installerPageIsBuilt(): Promise<unknown> {
  return build();
}

async function build(): Promise<void> {
  // The test runner's own NODE_ENV would build the screens for development.
  await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: root, env: { ...process.env, NODE_ENV: 'production' } });
}
