import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the screens are made of; `dist` and the packages are left out, because the lock file names the latter. */
const sources = ['dashboards', 'device-profiles', 'package-lock.json'];
const left = new Set(['dist', 'node_modules', 'bench']);

/**
 * The screens are the one part that is built, and never older than their sources: where a file came, went or changed since the
 * last build here, they are built again. `beforeBuild` is called only then. @throws with what the build said.
 */
export async function buildScreens(root: string, beforeBuild: () => void): Promise<void> {
  const stamp = join(root, 'dashboards', 'dist', '.built-from');
  const now = fingerprintOf(root);
  if (read(stamp) === now) return;
  beforeBuild();
  await build(root);
  // A build by hand empties the folder, and this with it.
  writeFileSync(stamp, now);
}

/** Of every source its path, size and time of change. */
export function fingerprintOf(root: string): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  };
  const walk = (path: string): void => {
    if (!statSync(join(root, path)).isDirectory()) return add(path);
    for (const name of readdirSync(join(root, path)).toSorted()) if (!left.has(name)) walk(join(path, name));
  };
  for (const path of sources) walk(path);
  return hash.digest('hex');
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function build(root: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const hear = (chunk: Buffer): void => void (said = (said + chunk.toString()).slice(-4_000));
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', fail);
    child.once('close', (code) => (code === 0 ? done() : fail(new Error(`npm run build: ${said.trim()}`))));
  });
}
