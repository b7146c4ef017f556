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
 * One gateway per data folder. The lock is a file with a process id and when that process began; a lock whose process is
 * gone (SIGKILL, power cut) is taken over. Returns the way to give it back.
 * @throws FolderInUse
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'gateway.pid');
  const own = `${process.pid} ${startOf(process.pid) ?? ''}`;
  try {
    writeFileSync(file, own, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const [id = '', began = ''] = readFileSync(file, 'utf8').trim().split(' ');
    const pid = Number(id);
    if (pid !== process.pid && isThatProcess(pid, began)) throw new FolderInUse(folder, pid);
    writeFileSync(file, own, { mode: 0o600 });
  }
  return () => rmSync(file, { force: true });
}

/** The process that works on this folder, or null. */
export function ownerOf(folder: string): number | null {
  let text: string;
  try {
    text = readFileSync(join(folder, 'gateway.pid'), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
  const [id = '', began = ''] = text.trim().split(' ');
  return isThatProcess(Number(id), began) ? Number(id) : null;
}

/** Process ids are used again, above all after a restart of the machine: only one that began at the same time is the one that locked. */
function isThatProcess(pid: number, began: string): boolean {
  return Number.isInteger(pid) && pid > 0 && began !== '' && startOf(pid) === began;
}

/** Which boot, and clock ticks since it (proc(5), field 22 of stat; the name in field 2 may hold blanks); null where there is no such process. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Dead, and only not yet taken note of by its parent.
    if (state === 'Z' || state === 'X') return null;
    const ticks = fields[18];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks ?? ''}`;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
