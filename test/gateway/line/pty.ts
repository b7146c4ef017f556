import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SerialPort } from 'serialport';
import { slave, type Fault, type Slave } from '../modbus/fault-server.ts';

/** Two serial ports joined by a cable that socat holds. */
export interface Cable {
  readonly ours: string;
  readonly theirs: string;
  /** Pulls the cable: both ports vanish. */
  unplug(): Promise<void>;
  plug(): Promise<void>;
  remove(): Promise<void>;
}

export async function cable(): Promise<Cable> {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-pty-'));
  const ours = join(folder, 'ours');
  const theirs = join(folder, 'theirs');
  let socat: ChildProcess | undefined;
  const unplug = async (): Promise<void> => {
    const running = socat;
    socat = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGTERM');
    await ended;
  };
  const plug = async (): Promise<void> => {
    socat = spawn('socat', [`pty,raw,echo=0,link=${ours}`, `pty,raw,echo=0,link=${theirs}`], { stdio: 'ignore' });
    while (!existsSync(ours) || !existsSync(theirs)) await sleep(5);
  };
  await plug();
  const remove = async () => {
    await unplug();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ours, theirs, unplug, plug, remove };
}

export interface SerialSlave extends Slave {
  close(): Promise<void>;
}

/** A misbehaving slave at the far end of the cable. */
export async function serialSlave(path: string, fault?: Fault): Promise<SerialSlave> {
  const device = slave('rtu', fault);
  const port = new SerialPort({ path, baudRate: 115_200, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  const carrier = { write: (bytes: Buffer) => void port.write(bytes), reset: () => undefined, finish: () => undefined };
  port.on('data', (chunk: Buffer) => device.hear(chunk, carrier));
  port.on('error', () => device.forget());
  const close = () => {
    device.forget();
    return new Promise<void>((resolve) => (port.isOpen ? port.close(() => resolve()) : resolve()));
  };
  return Object.assign(device, { close });
}
