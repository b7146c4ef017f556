import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../gateway/clock.ts';
import { startSimulator } from '../../gateway/simulate/simulator.ts';
import { loadProfiles } from '../../gateway/site.ts';
import { describeWith } from '../needs.ts';

const run = promisify(execFile);
const { profiles } = await loadProfiles();

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A simulated SDM120 as unit 5, with its voltage forced. */
async function meter(driver: 'modbus' | 'line', volts: number): Promise<number> {
  const port = await freePort();
  const profile = profiles.get('eastron.sdm120');
  if (!profile) throw new Error('the library has no SDM120');
  const simulator = await startSimulator({
    clock: systemClock,
    random: () => 0.5,
    log: pino({ level: 'silent' }),
    ports: [{ id: 'p', driver: { name: driver }, settings: { mode: 'tcp', host: '127.0.0.1', port } }],
    devices: [{ id: 'm', profile, port: 'p', address: { unit: 5 } }],
  });
  onTestFinished(() => simulator.stop());
  await simulator.set('m', 'voltage', volts);
  return port;
}

/** The first value mbpoll prints: `[1]: 	231.5`. */
function firstValue(printed: string): number {
  return Number(/^\[1\]:\s+(\S+)/m.exec(printed)?.[1]);
}

const oneFloat = ['-a', '5', '-t', '3:float', '-B', '-r', '1', '-c', '1', '-1', '-q'];

describeWith(['mbpoll', 'socat'], 'mbpoll, a master nobody here wrote, reads our simulated devices', () => {
  it('over Modbus TCP', async () => {
    const port = await meter('modbus', 231.5);
    const { stdout } = await run('mbpoll', ['-m', 'tcp', '-p', String(port), ...oneFloat, '127.0.0.1']);
    expect(firstValue(stdout)).toBe(231.5);
  });

  it('and writes to them, and reads back what it wrote', async () => {
    const port = await meter('modbus', 231.5);
    const common = ['-m', 'tcp', '-p', String(port), '-a', '5', '-q', '-r', '1'];
    await run('mbpoll', [...common, '-t', '4', '127.0.0.1', '4711', '4712']);
    const { stdout } = await run('mbpoll', [...common, '-t', '4', '-c', '2', '-1', '127.0.0.1']);
    expect(stdout).toMatch(/\[1\]:\s+4711\n\[2\]:\s+4712/);
  });

  it('over RTU on a serial line', async () => {
    const port = await meter('line', 198.25);
    const folder = mkdtempSync(join(tmpdir(), 'yihu-mbpoll-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const line = join(folder, 'line');
    const socat = spawn('socat', [`pty,raw,echo=0,link=${line}`, `tcp:127.0.0.1:${port}`]);
    onTestFinished(() => void socat.kill('SIGKILL'));
    for (let tries = 0; !existsSync(line) && tries < 100; tries++) await pause(20);
    const { stdout } = await run('mbpoll', ['-m', 'rtu', '-b', '9600', '-P', 'none', ...oneFloat, line]);
    expect(firstValue(stdout)).toBe(198.25);
  });
});
