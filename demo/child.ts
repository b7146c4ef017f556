import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

export interface Child {
  readonly process: ChildProcess;
  /** Resolves with the first JSON line the child prints; rejects when it ends before that. */
  readonly started: Promise<Record<string, unknown>>;
  readonly ended: Promise<number | null>;
}

/** One of our own programs in a process of its own: one JSON line on stdout when it is up, its log in a file. */
export function startChild(name: string, args: readonly string[], logFolder: string): Child {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const log = createWriteStream(resolve(logFolder, `${name}.log`), { flags: 'a', mode: 0o600 });
  child.stderr?.pipe(log, { end: false });
  let text = '';
  let failure = '';
  child.stderr?.on('data', (chunk: Buffer) => (failure = (failure + chunk.toString()).slice(-2_000)));
  const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  const started = new Promise<Record<string, unknown>>((done, fail) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end < 0) return;
      try {
        done(JSON.parse(text.slice(0, end)) as Record<string, unknown>);
      } catch {
        fail(new Error(`${name}: ${text.trim()}`));
      }
    });
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`${name} ended with code ${code}: ${text.trim() || failure.trim()}`)));
  });
  return { process: child, started, ended };
}
