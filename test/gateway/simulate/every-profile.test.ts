import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { protocolOf } from '@yihu/device-profiles/library/protocols.ts';
import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { hashSecret } from '../../../gateway/collect/mqtt/secret.ts';
import { compileChildren } from '../../../gateway/decode/children.ts';
import { compile } from '../../../gateway/decode/decode.ts';
import { loadDrivers } from '../../../gateway/drivers.ts';
import { siteEgress } from '../../../gateway/egress.ts';
import { loadProfiles } from '../../../gateway/site.ts';
import { type AloneDevice, aloneOn } from '../../../gateway/simulate/alone.ts';
import { pointsSaid } from '../../../gateway/simulate/said/message.ts';
import { isText, isTwoState } from '../../../gateway/simulate/motion.ts';
import { startSimulator } from '../../../gateway/simulate/simulator.ts';
import { detector } from './profiles.ts';

/**
 * Each device of the library, simulated from its profile alone on each wire that it speaks on, and read by the gateway's own
 * driver: what was set is what comes out, and every event is heard as what it is.
 */

const { profiles, problems } = await loadProfiles();
const drivers = await loadDrivers();
const all = [...profiles.values(), detector];
const somewhere = { host: '127.0.0.1', port: 1 };
const log = pino({ level: 'silent' });
const deviceKey = 'key-of-the-only-device-0123456789';
/** Waiting is never what is tested. */
const patience = { timeout: 25_000, interval: 20 };

/** Texts that a protocol has no letters for say something that it can. */
const sayable: Readonly<Record<string, string>> = {
  other_quantity: 'flow',
  clock: '2026-05-03T10:00:00+08:00',
  software: '1.2',
  firmware: '1.25',
};

/** Something each point can be, and is not by itself. */
function another(id: string, point: Point): NonNullable<Value> {
  const names = Object.values(point.enum ?? {}).map(({ value }) => value);
  const last = names.at(-1);
  if (last !== undefined) return last;
  if (isTwoState(point)) return true;
  if (isText(point)) return sayable[id] ?? 'AB12';
  const [low, high] = point.valid ?? [0, 100];
  const { from, to } = point.simulate ?? { from: low, to: Math.min(high, low + 100) };
  return Number((from + (to - from) * 0.75).toFixed(point.scale === undefined || point.scale >= 1 ? 0 : 1));
}

/** Points that the device says by itself, set to something; what others are calculated from follows. */
function wishes(profile: Profile): Record<string, NonNullable<Value>> {
  const said = pointsSaid(profile);
  const isMessages = protocolOf(profile).values === 'messages';
  return Object.fromEntries(
    Object.entries(profile.points).flatMap(([id, point]) => {
      const isFree = point.compute === undefined && point.scaleExp === undefined && point.unitFrom === undefined;
      const isNamed = Object.values(profile.points).some(({ scaleExp, unitFrom }) => scaleExp === id || unitFrom === id);
      const isTime = point.type?.includes('time') === true;
      return isFree && !isNamed && !isTime && !holdsOther(profile, point) && (!isMessages || said.has(id))
        ? [[id, another(id, point)]]
        : [];
    }),
  );
}

/** Whether some of a point's bits are a point of their own, so that both cannot be chosen. */
function holdsOther({ points }: Profile, point: Point): boolean {
  const { bits, at, table } = point;
  if (bits === undefined || at === undefined) return false;
  return Object.values(points).some(
    (other) => other !== point && other.at === at && other.table === table && (other.bits?.width ?? 64) < bits.width,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** Both ends of a wire: the simulated device, and the driver with a list in place of the pipeline. */
async function both(profile: Profile, wireName: string) {
  const port = await freePort();
  const alone = aloneOn(profile, all, { host: '127.0.0.1', port }).find(({ driver }) => driver === wireName) as AloneDevice;
  const folder = mkdtempSync(join(tmpdir(), 'yihu-sim-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const key = Buffer.alloc(32, 7);
  writeFileSync(join(folder, 'device-key'), key, { mode: 0o600 });
  const driver = drivers.get(alone.driver);
  if (!driver) throw new Error(`no driver ${alone.driver}`);
  const keyed = alone.needsKey === true;
  const settings = driver.port.parse({ ...alone.port, ...(keyed && { deviceKeyFile: 'device-key' }) });
  const address = { ...alone.address, ...(keyed && { key: hashSecret(key, deviceKey) }) };
  const simulate = async () => {
    const simulator = await startSimulator({
      ports: [{ id: 'p', driver: { name: alone.driver }, settings }],
      devices: [{ id: 'd', profile, port: 'p', address: { ...address, part: alone.part } }],
      clock: systemClock,
      random: () => 0.5,
      log,
      secretOf: () => (keyed ? deviceKey : undefined),
    });
    onTestFinished(() => simulator.stop());
    return simulator;
  };
  const frames: Frame[] = [];
  let counters: () => Readonly<Record<string, number>> = () => ({});
  const listen = async () => {
    const schema = driver.addressOf?.(alone.bound.transport.protocol) ?? driver.address;
    const running = await driver.start({
      id: 'p',
      port: settings,
      devices: [{ id: 'd', profile: alone.bound, address: schema.parse(address) }],
      folder,
      clock: systemClock,
      log,
      egress: siteEgress(['127.0.0.0/8']),
      emit: (given) => Promise.resolve(void frames.push(...given)),
      report: () => undefined,
    });
    onTestFinished(() => running.stop());
    counters = () => running.counters();
  };
  const split = compileChildren(alone.bound);
  const decoder = compile(profile);
  const isOwn = ({ child }: Frame) => (alone.bound === profile ? child?.profile === undefined : child?.profile === profile.id);
  const decoded = () =>
    frames
      .flatMap(split)
      .filter(isOwn)
      .map((frame) => decoder.decode(frame));
  return { simulate, listen, decoded, isListening: 'listen' in alone.port, damaged: () => counters()['frames_damaged'] ?? 0 };
}

function isAsSet(profile: Profile, id: string, reading: Reading | undefined, wanted: NonNullable<Value>): boolean {
  if (reading?.quality !== 'good') return false;
  if (typeof wanted !== 'number') return reading.value === wanted;
  const step = Math.abs(profile.points[id]?.scale ?? 0);
  return Math.abs(Number(reading.value) - wanted) <= step / 2 + 0.051;
}

const wired = all.flatMap((profile) =>
  aloneOn(profile, all, somewhere).map(({ driver }) => [profile.id, driver, profile] as const),
);

describe('every device of the library, simulated from its profile alone', () => {
  it('is one that loads', () => expect(problems).toEqual([]));

  it.each(wired)('%s over %s comes out as it was set', async (_id, driver, profile) => {
    const { simulate, listen, decoded, isListening, damaged } = await both(profile, driver);
    const wanted = wishes(profile);
    const { isPolled } = protocolOf(profile);
    // Whoever goes to the other finds it there: nobody has to wait for a second try.
    if (isListening) await listen();
    const simulator = await simulate();
    if (isPolled) await simulator.setMany('d', wanted);
    if (!isListening) await listen();
    if (!isPolled) await simulator.setMany('d', wanted);
    const wrong = () => {
      const latest = new Map(decoded().flatMap(({ readings }) => readings.map((reading) => [reading.point, reading])));
      return Object.entries(wanted)
        .filter(([id, value]) => !isAsSet(profile, id, latest.get(id), value))
        .map(([id, value]) => ({ id, wanted: value, got: latest.get(id)?.value, quality: latest.get(id)?.quality }));
    };
    await expect.poll(wrong, patience).toEqual([]);
    expect(decoded().flatMap(({ refused }) => refused ?? [])).toEqual([]);
    // Whatever it is by itself, before anybody sets it.
    expect(damaged()).toBe(0);
    // Nobody has pressed or broken anything yet.
    const grave = new Set<unknown>(Object.values(profile.alarms).map((rule) => ('event' in rule ? rule.event : undefined)));
    expect(decoded().flatMap(({ events }) => events.filter(({ type }) => grave.has(type)))).toEqual([]);
    for (const type of simulator.devices()[0]?.events ?? []) {
      await simulator.fire('d', type);
      const heard = () => decoded().flatMap(({ events }) => events.map((event) => event.type));
      await expect.poll(heard, patience).toContain(type);
    }
  });
});
