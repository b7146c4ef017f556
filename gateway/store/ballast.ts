import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const name = 'ballast';
// Noise, so that no file system can make less of it.
const chunk = randomBytes(64 * 1024);

/** Lays down a file of `bytes` that a full disk can be relieved of, if at least `needBytes` are free. */
export function layBallast(folder: string, bytes: number, needBytes: number): void {
  const path = join(folder, name);
  const { bavail, bsize } = statfsSync(folder);
  if (bytes === 0 || existsSync(path) || bavail * bsize < needBytes) return;
  try {
    writeOut(path, bytes);
  } catch (error) {
    // Somebody else was faster, or the disk is read-only: half a ballast is given back, and it is tried again later.
    if (!(error instanceof Error) || !('code' in error)) throw error;
    rmSync(path, { force: true });
  }
}

function writeOut(path: string, bytes: number): void {
  const file = openSync(path, 'w');
  try {
    // Written out, not truncated up: a sparse file would hold no room.
    for (let left = bytes; left > 0; left -= chunk.length) writeSync(file, chunk, 0, Math.min(left, chunk.length));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** True where there was a ballast to give back. */
export function liftBallast(folder: string): boolean {
  const path = join(folder, name);
  if (!existsSync(path)) return false;
  rmSync(path);
  return true;
}
