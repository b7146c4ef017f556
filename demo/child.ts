import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { DemoFailure } from './failure.ts';

const root = resolve(import.meta.dirname, '..');

export interface Child {
  readonly process: ChildProcess;
  /** Resolves with the first JSON document the child prints; rejects when that says what is wrong, or when it ends before. */
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
  // A log that cannot be written (a full disk) is no reason to end, nor to let the child wait for a reader.
  log.on('error', () => child.stderr?.resume());
  child.stderr?.pipe(log, { end: false });
  let text = '';
  let failure = '';
  child.stderr?.on('data', (chunk: Buffer) => (failure = (failure + chunk.toString()).slice(-2_000)));
  const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  const started = new Promise<Record<string, unknown>>((done, fail) => {
    createInterface({ input: stdout }).on('line', (line) => {
      text = line;
      const document = documentIn(line);
      const wrong = wrongIn(document);
      if (wrong) fail(new DemoFailure(`${name}：${wrong.zh}`, `${name}: ${wrong.en}`));
      else if (document && 'schema' in document) done(document);
    });
    child.once('error', fail);
    // Only once its output has been read to the end is it known what it said.
    child.once('close', (code, signal) =>
      fail(new Error(`${name} ended with ${code ?? signal}: ${text.trim() || failure.trim()}`)),
    );
  });
  return { process: child, started, ended };
}

/** Our programs' documents; everything else on the line is talk. */
function documentIn(line: string): Record<string, unknown> | null {
  return line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : null;
}

/** What a program says that cannot do its work. */
function wrongIn(document: Record<string, unknown> | null): { zh: string; en: string } | null {
  const wrong = document?.['error'];
  if (typeof wrong !== 'object' || wrong === null || !('zh' in wrong) || !('en' in wrong)) return null;
  return { zh: String(wrong.zh), en: String(wrong.en) };
}
