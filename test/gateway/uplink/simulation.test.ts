import { describe, expect, it } from 'vitest';
import { lanes } from '@yihu/device-profiles/vocabulary/lanes.ts';
import { isWhole } from './cloud-and-gateway.ts';
import { makeWorld, type World } from './simulation.ts';

const faults: readonly ((world: World) => void)[] = [
  (world) => world.cut(),
  (world) => world.crash(),
  ({ weather }) => (weather.down = !weather.down),
  ({ weather }) => (weather.blackHole = !weather.blackHole),
  ({ weather }) => (weather.dbAway = !weather.dbAway),
  ({ weather, chance }) => (weather.ackLost = chance() < 0.5 ? 0.3 : 0),
  ({ weather, chance }) => (weather.jitterMs = chance() * 400),
  ({ weather, chance }) => (weather.delayMs = 1 + chance() * 400),
];

/** Ten minutes of trouble, then quiet; what must hold then. */
async function live(seed: number, workers: number): Promise<World> {
  const world = makeWorld(seed, workers);
  const { clock, chance, weather, ingest, log } = world;
  const written = { alarm: 0, telemetry: 0 };
  for (let turn = 0; turn < 60; turn++) {
    const [telemetry, alarm] = [Math.floor(chance() * 40), chance() < 0.3 ? 1 + Math.floor(chance() * 3) : 0];
    if (telemetry > 0) await world.append('telemetry', telemetry);
    if (alarm > 0) await world.append('alarm', alarm);
    written.telemetry += telemetry;
    written.alarm += alarm;
    if (chance() < 0.5) faults[Math.floor(chance() * faults.length)]?.(world);
    await clock.runUntil(clock.mono() + chance() * 20_000);
  }
  Object.assign(weather, { delayMs: 20, jitterMs: 20, down: false, blackHole: false, dbAway: false, ackLost: 0 });
  await clock.runUntil(clock.mono() + 120_000);
  for (const lane of lanes) {
    expect(isWhole(ingest.stored('gw-1', 'e1', lane), lane, written[lane]), `${lane} whole, seed ${seed}`).toBe(true);
    const stats = (await log.stats()).lanes[lane];
    expect(stats.readers['uplink'], `equation, seed ${seed}`).toMatchObject({
      cursor: written[lane],
      delivered: written[lane],
      buffered: 0,
    });
  }
  expect(ingest.conflicts('gw-1')).toBe(0);
  expect(clock.steps, `no livelock, seed ${seed}`).toBeLessThan(10_000);
  return world;
}

describe('the wire in simulation', () => {
  it.each(Array.from({ length: 20 }, (_, index) => index + 1))('one listener, seed %i', async (seed) => {
    await live(seed, 1);
  });

  it.each(Array.from({ length: 10 }, (_, index) => index + 101))(
    'three workers behind a cluster, no order between them, seed %i',
    async (seed) => {
      const world = await live(seed, 3);
      expect(world.stats().sent, 'what is sent again stays within bounds').toBeLessThan(1_000);
    },
  );

  it('drains 10,000 small batches at 40 ms round trip within ten seconds', async () => {
    const world = makeWorld(1);
    Object.assign(world.weather, { delayMs: 20, jitterMs: 0 });
    for (let index = 0; index < 10_000; index++) await world.append('telemetry', 1);
    await world.clock.runUntil(10_000);
    expect((await world.ingest.cursor('gw-1', 'e1')).telemetry).toBe(10_000);
  });
});
