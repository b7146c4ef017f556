import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { freePort } from '../../demo/ports.ts';
import { allocator, nodeFlags } from '../../gateway/bin/lean.js';
import type { Bench } from './run.ts';

const devices = 1_000;
const points = 10;
const seconds = 20;

interface Measured {
  readonly readsPerSecond: number;
  readonly cpuPercent: number;
  readonly rssMegabytes: number;
  readonly lateP50Ms: number;
  readonly lateP99Ms: number;
  readonly skipped: number;
}

/** The Modbus driver by itself, without log, history and cloud: `memory` measures the whole gateway with the same devices. */
export const polls: Bench = {
  name: 'polls',
  title: `${devices} Modbus TCP devices × ${points} points each second, the driver alone, for ${seconds} s`,
  async run() {
    const port = await freePort(0);
    const server = spawn(process.execPath, ['test/bench/modbus-server.ts', String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(server.stdout, 'data');
    try {
      const args = [...nodeFlags, 'test/bench/poll-devices.js', ...[port, devices, points, seconds].map(String)];
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        maxBuffer: 1 << 20,
        env: { ...process.env, ...allocator },
      });
      const measured = JSON.parse(stdout) as Measured;
      return [
        { what: 'reads', value: measured.readsPerSecond, unit: 'reads/s', aim: String(devices) },
        { what: 'polls missed', value: measured.skipped, unit: '', aim: '0' },
        { what: 'CPU', value: measured.cpuPercent, unit: '% of a core', aim: '≤ 13' },
        { what: 'memory', value: measured.rssMegabytes, unit: 'MB', aim: '≤ 110' },
        { what: 'lateness p50', value: measured.lateP50Ms, unit: 'ms' },
        { what: 'lateness p99', value: measured.lateP99Ms, unit: 'ms' },
      ];
    } finally {
      server.kill('SIGKILL');
    }
  },
};
