import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another gateway works on this folder. */
export class FolderInUse extends Error {
  readonly pid: number;
  constructor(folder: string, pid: number) {
    super(`the folder ${folder} belongs to the running gateway with process id ${pid}`);
    this.name = 'FolderInUse';
    this.pid = pid;
  }
}

/**
 * One gateway per data folder. The lock is a file with a process id; a lock whose process is gone (SIGKILL, power cut)
 * is taken over. Returns the way to give it back.
 * @throws FolderInUse
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'gateway.pid');
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    if (pid !== process.pid && isGateway(pid)) throw new FolderInUse(folder, pid);
    writeFileSync(file, String(process.pid), { mode: 0o600 });
  }
  return () => rmSync(file, { force: true });
}

/** Process ids are used again after a restart of the machine, so the command line is looked at as well. */
function isGateway(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('gateway');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
