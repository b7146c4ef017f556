import { setTimeout as pause } from 'node:timers/promises';
import { beLean } from '../../gateway/bin/lean.js';

/**
 * `node test/bench/poll-devices.js <port> <devices> <points> <seconds>`: the Modbus driver alone, each device on a loopback
 * address of its own, once a second. Prints one JSON line: CPU, memory, how late values were, what was missed. In plain
 * JavaScript, so that the process is as lean as the gateway's.
 */
beLean();
const { default: pino } = await import('pino');
const { systemClock } = await import('../../gateway/clock.ts');
const { driver } = await import('../../gateway/collect/modbus/driver.ts');
const { profileFrom } = await import('@yihu/device-profiles/library/parse.ts');

const [port = 0, devices = 1_000, points = 10, seconds = 20] = process.argv.slice(2).map(Number);
const everyMs = 1_000;

const profile = profileFrom({
  schema: 'yihu-profile/1',
  id: 'bench.meter',
  version: '1.0.0',
  name: { zh: '压测电表' },
  maker: { zh: '测试' },
  model: 'bench',
  category: 'meter.electricity',
  sources: ['made for the benchmark'],
  confidence: 'normalised',
  transport: { protocol: 'modbus', modes: ['tcp'], unitId: { default: 1 } },
  defaults: { table: 'holding' },
  groups: { fast: { every: `${everyMs}ms` } },
  availability: { offlineAfter: '1m' },
  points: Object.fromEntries(
    Array.from({ length: points }, (_, i) => [`p${i}`, { name: { zh: `数值 ${i}` }, group: 'fast', at: i * 2, type: 'f32' }]),
  ),
  vectors: [{ name: 'none', origin: 'synthetic', given: { table: 'holding', start: 0, words: [0] } }],
});
/** When each device's values came, monotonic ms. */
const came = new Map();
let isMeasuring = false;

const running = await driver.start({
  id: 'tcp',
  port: driver.port.parse({}),
  devices: Array.from({ length: devices }, (_, i) => ({
    id: `m-${i}`,
    profile,
    address: { unit: 1, host: `127.1.${Math.floor(i / 250)}.${(i % 250) + 1}`, port },
  })),
  clock: systemClock,
  log: pino({ level: 'silent' }),
  emit: (frames) => {
    const [frame] = frames;
    if (isMeasuring && frame?.body.kind === 'registers') {
      const times = came.get(frame.device);
      if (times === undefined) came.set(frame.device, [performance.now()]);
      else times.push(performance.now());
    }
    return Promise.resolve();
  },
  report: () => undefined,
});
await pause(8_000);
isMeasuring = true;
const before = process.cpuUsage();
const from = performance.now();
const skippedBefore = running.counters()['skipped_polls'] ?? 0;
await pause(seconds * 1_000);
isMeasuring = false;
const tookMs = performance.now() - from;
const { user, system } = process.cpuUsage(before);
/** A device keeps its phase, so that the earliest moment within the period is when its values can come. */
const late = [...came.values()].flatMap((times) => {
  const phases = times.map((at) => at - from).map((at, i) => at - i * everyMs);
  const first = Math.min(...phases);
  return phases.map((phase) => phase - first);
});
late.sort((a, b) => a - b);
const at = (share) => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? Number.NaN;
const result = {
  readsPerSecond: (late.length * 1_000) / tookMs,
  cpuPercent: (user + system) / 10 / tookMs,
  rssMegabytes: process.memoryUsage.rss() / 2 ** 20,
  lateP50Ms: at(0.5),
  lateP99Ms: at(0.99),
  skipped: (running.counters()['skipped_polls'] ?? 0) - skippedBefore,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
await running.stop();
process.exit(0);
