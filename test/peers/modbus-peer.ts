import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** A server that somebody else wrote, in a process of its own. */
export type Peer = ChildProcess;

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Starts a script of this folder with Debian's Python; resolves when it says `ready`. */
export async function python(script: string, ...args: string[]): Promise<Peer> {
  const file = new URL(`./${script}`, import.meta.url).pathname;
  const child = spawn('/usr/bin/python3', ['-W', 'ignore', file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  for await (const said of createInterface(child.stdout)) if (said === 'ready') return child;
  throw new Error(`${script} ended before it was ready`);
}

/** Ends it and the processes it has made. */
export async function stop(child: Peer | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}
