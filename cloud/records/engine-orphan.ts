import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../clock.ts';

/** How long a server left behind by a killed parent gets to write its checkpoint. */
const patienceMs = 30_000;
const lookEveryMs = 50;

/** Process id in the server's lock file, or null where there is none. */
async function lockHolder(data: string): Promise<number | null> {
  const text = await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const pid = Number(text.split('\n')[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

/** True where `pid` lives and is a server on exactly this data folder, and not a stranger who got the number since. */
async function servesFolder(pid: number, data: string): Promise<boolean> {
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return words.split('\0').includes(data);
}

/** When a process began, in clock ticks since boot (proc(5), stat field 22): with the pid it names a process for good. */
export async function startedAt(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

async function ownerLives(ownerFile: string): Promise<boolean> {
  const [pid, began] = (await readFile(ownerFile, 'utf8').catch(() => '')).split(' ');
  return Boolean(pid && began) && (await startedAt(Number(pid))) === began;
}

/**
 * Makes the data folder free. A server whose parent was killed is shut down by its lifeline; if that failed too, it is
 * asked here (SIGINT: fast shutdown, everything committed stays).
 * @throws where another living process owns it: two servers on one folder would destroy it.
 */
export async function clearOrphan(data: string, ownerFile: string, clock: Clock): Promise<void> {
  const pid = await lockHolder(data);
  if (pid === null) return;
  if (!(await servesFolder(pid, data))) return rm(path.join(data, 'postmaster.pid'), { force: true });
  if (await ownerLives(ownerFile)) {
    throw new Error(`the records in ${data} are in use by another process (database server ${pid}); stop it first`);
  }
  askToStop(pid);
  const deadline = clock.mono() + patienceMs;
  while (await servesFolder(pid, data)) {
    if (clock.mono() > deadline) throw new Error(`a database server left behind (process ${pid}) does not stop; end it by hand`);
    await clock.sleep(lookEveryMs);
  }
}

function askToStop(pid: number): void {
  try {
    process.kill(pid, 'SIGINT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
