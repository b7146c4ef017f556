import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** The unprivileged account the engine runs under when we are root: PostgreSQL refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Accounts that may own the records, the most particular first; `nobody` is on every machine. */
const candidates = ['yihu', 'postgres', 'nobody'];

/**
 * Null where we are not root and simply run as ourselves. The account must have a line in /etc/passwd, because initdb
 * looks its own name up.
 */
export async function engineAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of candidates) {
    const found = lines.find((fields) => fields[0] === name);
    if (found && Number(found[2]) > 0) return { uid: Number(found[2]), gid: Number(found[3]) };
  }
  throw new Error('no unprivileged account (yihu, postgres or nobody) in /etc/passwd to run the database under');
}

/** True where `account` may enter every folder down to `folder` and read there. */
export async function canReach(folder: string, account: Account): Promise<boolean> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const { mode, uid, gid } = await stat(at);
    const bits = uid === account.uid ? mode >> 6 : gid === account.gid ? mode >> 3 : mode;
    if ((bits & 1) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}
