import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buildInto, type Pages } from '../screens/building.ts';
import type { Server } from './records/servers.ts';

/**
 * What a whole run of the tests has once: a database server of each kind, and the built screens. Nothing is started before a
 * test asks: this process only listens on a socket, and the first test file that names a thing is the one that waits for its
 * initdb or build. Each test file works in databases of its own, copied from a migrated template.
 */
export type ServerKind = 'embedded' | 'debian';

export type Shared = Pick<Server, 'connection' | 'template'>;

const variable = 'YIHU_TEST_SERVERS';

interface Serving {
  readonly reached: Promise<Shared>;
  stop(): Promise<void>;
}

/** In a process of its own: it outlives the worker that asked, and ends when this process lets go of its stdin. */
function serve(kind: ServerKind): Serving {
  const program = path.join(import.meta.dirname, 'records/serve.ts');
  const child = spawn(process.execPath, [program, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const reached = new Promise<Shared>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as Shared));
  });
  // The one who asked hears of it; who asks nobody later must not end the run.
  reached.catch(() => undefined);
  return {
    reached,
    stop: () => {
      child.stdin.end();
      return ended;
    },
  };
}

export default async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync('/tmp/yihu-shared-');
  // Half of what a program of ours costs to start is the compiling of what has not changed; the tests start hundreds.
  process.env['NODE_COMPILE_CACHE'] ??= path.join(import.meta.dirname, '../../node_modules/.cache/yihu-compiled');
  const started = new Map<ServerKind, Serving>();
  const built = new Map<Pages, Promise<string>>();
  const answer = async (asked: string): Promise<object> => {
    if (asked === 'screens' || asked === 'installer') {
      const building = built.get(asked) ?? buildInto(path.join(folder, asked), asked);
      built.set(asked, building);
      return { dist: await building };
    }
    const kind: ServerKind = asked === 'debian' ? 'debian' : 'embedded';
    const server = started.get(kind) ?? serve(kind);
    started.set(kind, server);
    return server.reached;
  };
  const listener = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (asked) => {
      answer(asked.toString()).then(
        (answered) => socket.end(JSON.stringify(answered)),
        (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
      );
    });
  });
  const at = path.join(folder, 'ask');
  await new Promise<void>((resolve) => listener.listen(at, resolve));
  process.env[variable] = at;
  return async () => {
    listener.close();
    await Promise.all([...started.values()].map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
}

/** The run's server of this kind; null where the tests were not started with this file as their global setup. */
export function askForServer(kind: ServerKind): Promise<Shared> | null {
  return ask<Shared>(kind);
}

/** The folder of the run's built pages, to be read only; null as above. */
export function askForPages(pages: Pages): Promise<{ readonly dist: string }> | null {
  return ask<{ dist: string }>(pages);
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what is asked for says what is answered
function ask<T extends object>(what: string): Promise<T> | null {
  const at = process.env[variable];
  if (at === undefined) return null;
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = connect(at, () => socket.write(what));
    socket.setEncoding('utf8').on('data', (text: string) => (said += text));
    socket.on('error', reject);
    socket.on('close', () => {
      const answer = JSON.parse(said === '' ? '{"error":"no answer"}' : said) as T | { error: string };
      if ('error' in answer) reject(new Error(`the run's ${what}: ${answer.error}`));
      else resolve(answer);
    });
  });
}
