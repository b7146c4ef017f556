import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { lockFolder } from '../lock.ts';

/**
 * 在途变更: a change under way, as it lies beside the site file. Which site comes up after a crash depends on `phase` alone:
 * `trying` the one before; `kept` the one after, though the site file may not say so yet; `undone` the one before, and the
 * event log still has to be told.
 */
const Pending = z.strictObject({
  schema: z.literal('yihu-change/1'),
  id: z.string(),
  phase: z.enum(['trying', 'kept', 'undone']),
  by: z.string(),
  version: z.number().int().optional(),
  /** The data folder of the gateway that is about it. */
  data: z.string(),
  before: z.string(),
  after: z.string(),
});
export type Pending = z.infer<typeof Pending>;

const besides = (siteFile: string) => `${siteFile}.change`;

/** The change that lies beside a site file; null where there is none. @throws where it cannot be read. */
export async function readPending(siteFile: string): Promise<Pending | null> {
  const text = await readOrNull(besides(siteFile));
  return text === null ? null : Pending.parse(JSON.parse(text));
}

/** On disk when it resolves. @throws where the folder takes no file. */
export function writePending(siteFile: string, pending: Pending): Promise<void> {
  return replaceFile(besides(siteFile), JSON.stringify(pending), 0o600);
}

export async function forgetPending(siteFile: string): Promise<void> {
  await rm(besides(siteFile), { force: true });
  await syncFolder(siteFile);
}

/** The site file says what the change brought. */
export async function writeAfter(siteFile: string, { after }: Pending): Promise<void> {
  if ((await readOrNull(siteFile)) !== after) await replaceFile(siteFile, after, await modeOf(siteFile));
}

/** The site file says what it said before; what somebody had written over it is kept beside it, as `….refused`. */
export async function writeBefore(siteFile: string, { before, after }: Pending): Promise<void> {
  if (before === after || (await readOrNull(siteFile)) !== after) return;
  const mode = await modeOf(siteFile);
  await replaceFile(`${siteFile}.refused`, after, mode);
  await replaceFile(siteFile, before, mode);
}

/**
 * Before a site file is read at a start: a change that a crash broke off is undone, or done to its end where it was
 * verified. @throws FolderInUse where the gateway that is about it runs.
 */
export async function settlePending(siteFile: string): Promise<void> {
  const pending = await readPending(siteFile);
  if (pending === null) return;
  await mkdir(pending.data, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(pending.data);
  try {
    if (pending.phase === 'kept') return await writeAfter(siteFile, pending);
    await writeBefore(siteFile, pending);
    await writePending(siteFile, { ...pending, phase: 'undone' });
  } finally {
    unlock();
  }
}

/** Whole or not at all, also when the power goes. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(path);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
