import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../demo/ports.ts';
import { driver } from '../../gateway/collect/line/driver.ts';
import { profileOf } from '../gateway/modbus/profiles.ts';
import { systemClock } from '../../gateway/clock.ts';
import pino from 'pino';
import type { Bench } from './run.ts';

const slaves = 32;
const dead = 16;
const periodMs = 2_000;
const warmSeconds = 20;
const seconds = 20;

/** A bus of 32 meters, ten registers each every two seconds, with none and with half of them dead: ours, and one after the other with pymodbus. */
export const lines: Bench = {
  name: 'lines',
  title: `A 9600 8N1 line of ${slaves} slaves, each asked every ${periodMs / 1_000} s: good reads of the ${slaves - dead} that stay well`,
  async run() {
    const [whole, half] = [await withLine(0, ours), await withLine(dead, ours)];
    const [naiveWhole, naiveHalf] = [await withLine(0, naive), await withLine(dead, naive)];
    return [
      { what: 'Yihu, all alive', value: whole, unit: 'reads/s' },
      { what: 'Yihu, half of them dead', value: half, unit: 'reads/s' },
      { what: 'Yihu: what is left', value: (half / whole) * 100, unit: '%', aim: '≥ 90' },
      { what: 'one after the other (pymodbus), all alive', value: naiveWhole, unit: 'reads/s' },
      { what: 'one after the other (pymodbus), half dead', value: naiveHalf, unit: 'reads/s' },
      { what: 'one after the other: what is left', value: (naiveHalf / naiveWhole) * 100, unit: '%' },
    ];
  },
};

async function withLine(deadSlaves: number, measure: (port: number) => Promise<number>): Promise<number> {
  const port = await freePort(0);
  const script = ['test/bench/rtu-line-server.ts', String(port), String(slaves), String(deadSlaves)];
  const server: ChildProcess = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (server.stdout) await once(server.stdout, 'data');
  try {
    return await measure(port);
  } finally {
    server.kill('SIGKILL');
  }
}

async function ours(port: number): Promise<number> {
  const profile = profileOf(
    { block: { at: 0, type: 'string', length: 10 } },
    { groups: { fast: { every: `${periodMs}ms` } }, transport: { timing: { timeout: '500ms' }, serial: { baud: 9600 } } },
  );
  const address = (unit: number) => driver.addressOf?.('modbus').parse({ unit }) ?? {};
  let good = 0;
  const running = await driver.start({
    id: 'line',
    port: driver.port.parse({ mode: 'tcp', host: '127.0.0.1', port }),
    devices: Array.from({ length: slaves }, (_, i) => ({ id: `m-${i + 1}`, profile, address: address(i + 1) })),
    clock: systemClock,
    log: pino({ level: 'silent' }),
    emit: (frames) => {
      const [frame] = frames;
      if (frame?.body.kind === 'registers' && Number(frame.device.slice(2)) <= slaves - dead) good += 1;
      return Promise.resolve();
    },
    report: () => undefined,
  });
  await pause(warmSeconds * 1_000);
  good = 0;
  const from = performance.now();
  await pause(seconds * 1_000);
  const rate = (good * 1_000) / (performance.now() - from);
  await running.stop();
  return rate;
}

async function naive(port: number): Promise<number> {
  const args = [port, slaves, slaves - dead, periodMs / 1_000, seconds].map(String);
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-W', 'ignore', 'test/bench/naive_poller.py', ...args]);
  return Number(stdout);
}
