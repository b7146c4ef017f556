import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(import.meta.dirname, '..');

export interface Child {
  readonly process: ChildProcess;
  /** Resolves with the first JSON line the child prints; rejects when it ends before that. */
  readonly started: Promise<Record<string, unknown>>;
  readonly ended: Promise<number | null>;
}

/** One of our own programs in a process of its own: one JSON line on stdout when it is up, its log in a file. */
export function startChild(name: string, args: readonly string[], logFolder: string, env: NodeJS.ProcessEnv = {}): Child {
  const stdio: ('ignore' | 'pipe' | 'ipc')[] = ['ignore', 'pipe', 'pipe', 'ipc'];
  const child = spawn(process.execPath, args, { cwd: root, stdio, env: { ...process.env, ...env } });
  const { stdout } = child;
  if (!stdout) throw new Error('a child without an output');
  const log = createWriteStream(resolve(logFolder, `${name}.log`), { flags: 'a', mode: 0o600 });
  child.stderr?.pipe(log, { end: false });
  let text = '';
  let failure = '';
  child.stderr?.on('data', (chunk: Buffer) => (failure = (failure + chunk.toString()).slice(-2_000)));
  const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  const started = new Promise<Record<string, unknown>>((done, fail) => {
    createInterface({ input: stdout }).on('line', (line) => {
      text = line;
      const document = documentIn(line);
      if (document) done(document);
    });
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`${name} ended with code ${code}: ${text.trim() || failure.trim()}`)));
  });
  return { process: child, started, ended };
}

/** Our programs' documents name their schema; everything else on the line is talk. */
function documentIn(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  const value = JSON.parse(line) as Record<string, unknown>;
  return 'schema' in value ? value : null;
}
