import type { LocalScan } from '@yihu/device-profiles/vocabulary/local.ts';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { driver } from '../../../gateway/collect/line/driver.ts';
import { Scans } from '../../../gateway/local/scans.ts';
import { describeWith } from '../../needs.ts';
import { type Addressed, addressedBus } from '../line/addressed-bus.ts';
import { profileOf } from '../modbus/profiles.ts';

/** The scan of the gateway's page, with the same engine as the command's. */

async function page(slaves: readonly Addressed[], baud: number) {
  const bus = await addressedBus(slaves);
  const place = bus.cable.ours;
  const profile = profileOf({ v: { at: 0, type: 'u16' } });
  const device = { id: 'meter-11', profile, address: { unit: 11 } };
  const port = { id: 'bus', driver, settings: driver.port.parse({ mode: 'serial', path: place, baud }), devices: [device] };
  const scans = new Scans({
    clock: systemClock,
    ports: () => [port],
    lend: (_port, run) => run(new AbortController().signal),
  });
  onTestFinished(async () => {
    await scans.end();
    await bus.close();
  });
  const seen: LocalScan[] = [];
  scans.follow((scan) => seen.push(scan));
  const ended = (state: LocalScan['state']) =>
    new Promise<LocalScan>((resolve) => {
      scans.follow((scan) => scan.state === state && resolve(scan));
    });
  return { bus, place, scans, seen, ended };
}

describeWith(['socat'], 'a scan of a line of this gateway', () => {
  it('begins with the parameters that its devices have, and knows a device of the site file', async () => {
    const { place, scans, seen, ended, bus } = await page([{ unit: 11, afterMs: 0 }], 19_200);
    const stopped = ended('stopped');
    scans.follow(({ found }) => found.length > 0 && scans.stop());
    scans.start({ place, from: 1, to: 32 });
    const { found } = await stopped;
    expect(found).toMatchObject([{ address: { unit: 11 }, shape: '19200 8N1', known: 'meter-11' }]);
    const asked = seen.flatMap(({ asking }) => (asking === null ? [] : [asking]));
    expect(asked[0]).toBe('modbus 1 · 19200 8N1');
    // It was stopped between two questions, in the first round.
    expect(bus.asked.length).toBeLessThanOrEqual(20);
    const running = seen.filter(({ state }) => state === 'asking');
    for (const { done, of } of running) expect(done).toBeLessThan(of);
  });

  it('is one at a time', async () => {
    const { place, scans, ended } = await page([], 9_600);
    const stopped = ended('stopped');
    expect(scans.start({ place, from: 1, to: 32 })).toHaveProperty('scan');
    expect(scans.start({ place, from: 1, to: 32 })).toHaveProperty('refused');
    scans.stop();
    await stopped;
  });
});
