import { systemClock } from '../../gateway/clock.ts';
import { scanLine } from '../../gateway/commission/scan-line.ts';
import { addressedBus } from '../gateway/line/addressed-bus.ts';
import type { Bench, Row } from './run.ts';

const aim = '< 2';
const shape = { baud: 9_600, parity: 'none', stopBits: 1 } as const;

/** One slave on a line of 32 addresses: when it is shown. The pseudo terminal carries bytes at once; the scan waits as long as 9600 Bd would need. */
export const scan: Bench = {
  name: 'scan',
  title: 'A scan of 32 Modbus addresses with the usual parameters first, one slave on the line: until it is shown',
  async run() {
    const rows: Row[] = [];
    for (const [unit, afterMs] of [
      [1, 20],
      [11, 20],
      [32, 20],
      [11, 120],
      [32, 120],
    ] as const) {
      const what = `address ${unit}, thinks ${afterMs} ms`;
      rows.push({ what: `${what}, a line of our own`, value: await firstHit(unit, afterMs, 0), unit: 's', aim });
      rows.push({ what: `${what}, a line listened to first`, value: await firstHit(unit, afterMs), unit: 's', aim });
    }
    rows.push({ what: 'address 32, both rounds and the meters, to the end', value: await toTheEnd(), unit: 's' });
    return rows;
  },
};

async function firstHit(unit: number, afterMs: number, listenMs?: number): Promise<number> {
  const bus = await addressedBus([{ unit, afterMs }]);
  const begun = performance.now();
  try {
    const listening = listenMs === undefined ? {} : { listenMs };
    for await (const event of scanLine({ place: { path: bus.cable.ours }, clock: systemClock, ...listening }))
      if (event.kind === 'found') return (performance.now() - begun) / 1_000;
    throw new Error(`address ${unit} was not found`);
  } finally {
    await bus.close();
  }
}

async function toTheEnd(): Promise<number> {
  const bus = await addressedBus([{ unit: 32, afterMs: 20 }]);
  const begun = performance.now();
  for await (const event of scanLine({ place: { path: bus.cable.ours }, clock: systemClock, shapes: [shape] }))
    if (event.kind === 'done' && event.found !== 1) throw new Error(`${event.found} were found`);
  await bus.close();
  return (performance.now() - begun) / 1_000;
}
