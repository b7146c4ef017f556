import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../gateway/clock.ts';
import { type Child, startChild } from '../../demo/child.ts';

export const root = resolve(import.meta.dirname, '../..');
export const gatewayProgram = 'gateway/bin/yihu-gateway.js';
export const cloudProgram = 'cloud/bin/yihu-cloud.js';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Everything a story starts, in a folder of its own; `dispose` leaves neither a process nor a file. */
export class Programs {
  readonly folder: string;
  readonly #children = new Set<ChildProcess>();
  readonly #cleanUp: (() => Promise<void> | void)[] = [];
  readonly #onExit = () => this.#killAll();

  constructor(name: string) {
    this.folder = mkdtempSync(join(tmpdir(), `yihu-${name}-`));
    // The database runs under an account of its own and must be able to pass.
    chmodSync(this.folder, 0o711);
    mkdirSync(join(this.folder, 'log'), { mode: 0o700 });
    process.once('exit', this.#onExit);
  }

  /** One of ours, to run on: its log is `log/<name>.log`. */
  ours(name: string, args: readonly string[]): Child {
    const child = startChild(name, args, join(this.folder, 'log'));
    // Whoever does not ask for it hears of a failed start by its end.
    child.started.catch(() => undefined);
    this.#keep(child.process);
    return child;
  }

  /** One of ours, to its end. Killed after `patienceMs`, which gives code null. */
  async run(args: readonly string[], patienceMs = 60_000, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return this.runProgram(process.execPath, args, patienceMs, { NO_COLOR: '1', LC_ALL: 'C.UTF-8', ...env });
  }

  /** Any program, to its end. */
  runProgram(file: string, args: readonly string[], patienceMs = 60_000, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    this.#keep(child);
    const timer = systemClock.after(patienceMs, () => child.kill('SIGKILL'));
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    return new Promise((done, fail) => {
      child.once('error', fail);
      child.once('close', (code) => {
        timer.cancel();
        done({ code, stdout, stderr });
      });
    });
  }

  /** A program of the machine, to run on; resolves at the first line that holds `ready`. */
  async foreign(
    file: string,
    args: readonly string[],
    ready: string,
    owner?: { uid: number; gid: number },
  ): Promise<ChildProcess> {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], cwd: owner ? '/' : root, ...owner });
    this.#keep(child);
    const said: string[] = [];
    await new Promise<void>((done, fail) => {
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on('line', (line) => {
          if (said.push(line) > 50) said.shift();
          if (line.includes(ready)) done();
        });
      child.once('error', fail);
      child.once('exit', (code) => fail(new Error(`${file} ended with ${code}: ${said.join(' | ')}`)));
    });
    return child;
  }

  /** Runs before the processes are ended, in reverse order. */
  atEnd(step: () => Promise<void> | void): void {
    this.#cleanUp.push(step);
  }

  log(name: string): string {
    const file = join(this.folder, 'log', `${name}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  #keep(child: ChildProcess): void {
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
  }

  #killAll(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  async dispose(): Promise<void> {
    for (const step of this.#cleanUp.splice(0).reverse()) await step();
    await Promise.all([...this.#children].map((child) => endOf(child)));
    process.removeListener('exit', this.#onExit);
    await serversGone(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Asks, and after twenty seconds insists. */
export async function endOf(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  child.kill(signal);
  const timer = systemClock.after(20_000, () => child.kill('SIGKILL'));
  const code = await ended;
  timer.cancel();
  return code;
}

/** The embedded database of a killed cloud shuts itself down; its files may go only after that. */
async function serversGone(folder: string): Promise<void> {
  const lock = join(folder, 'cloud/postgres/data/postmaster.pid');
  const deadline = systemClock.mono() + 20_000;
  while (existsSync(lock) && systemClock.mono() < deadline) {
    const pid = Number.parseInt(readFileSync(lock, 'utf8'), 10);
    if (!existsSync(`/proc/${pid}`)) return;
    await systemClock.sleep(50);
  }
}

/** Looks again every `everyMs` until `look` gives something, or fails with what it was waiting for. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  patienceMs = 40_000,
  everyMs = 50,
): Promise<T> {
  const deadline = systemClock.mono() + patienceMs;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    if (systemClock.mono() > deadline) throw new Error(`waited ${patienceMs} ms in vain for ${what}`);
    await systemClock.sleep(everyMs);
  }
}
