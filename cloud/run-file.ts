import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const fileName = 'running.json';

/** Of the cloud that runs on a folder: for the command line beside it, readable by its owner alone. */
const RunFile = z.strictObject({
  pid: z.number().int(),
  /** When the process began, in ticks since boot: with the pid it names a process for good. */
  began: z.string(),
  url: z.string(),
  connection: z.union([
    z.string(),
    z.strictObject({
      host: z.string(),
      port: z.number(),
      user: z.string(),
      password: z.string(),
      database: z.string(),
    }),
  ]),
});
export type RunFile = z.infer<typeof RunFile>;

/** Ticks since boot of a process's start (proc(5), stat field 22); null where it is gone. */
async function beganAt(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

/** The cloud that runs on this folder now; null where there is none, or where it died without tidying up. */
export async function readRunFile(folder: string): Promise<RunFile | null> {
  const text = await readFile(path.join(folder, fileName), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  const parsed = text === null ? null : RunFile.safeParse(jsonOrNull(text));
  if (!parsed?.success) return null;
  return (await beganAt(parsed.data.pid)) === parsed.data.began ? parsed.data : null;
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Half-written before a power cut: as good as none.
    return null;
  }
}

export async function writeRunFile(folder: string, run: Omit<RunFile, 'pid' | 'began'>): Promise<void> {
  const began = (await beganAt(process.pid)) ?? '';
  const draft = path.join(folder, `${fileName}.new`);
  await writeFile(draft, JSON.stringify({ pid: process.pid, began, ...run }), { mode: 0o600 });
  await rename(draft, path.join(folder, fileName));
}

export async function removeRunFile(folder: string): Promise<void> {
  await rm(path.join(folder, fileName), { force: true });
}
