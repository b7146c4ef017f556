import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { z } from 'zod';
import { systemClock } from '../../../gateway/clock.ts';
import type { BoundDevice } from '../../../gateway/collect/driver.ts';
import { driver } from '../../../gateway/collect/line/driver.ts';
import type { LineAddress } from '../../../gateway/collect/line/settings.ts';
import { compile } from '../../../gateway/decode/decode.ts';
import { loadProfiles } from '../../../gateway/site.ts';
import { describeWith } from '../../needs.ts';
import { type MeterState as WaterState, meterAnswers as waterAnswers } from '../cjt188/slave.ts';
import { type MeterState as PowerState, meterAnswers as powerAnswers } from '../dlt645/slave.ts';
import { cable, type Cable } from '../line/pty.ts';
import { run, type Running } from '../line/running.ts';
import { type MeterState as HeatState, meterAnswers as heatAnswers } from '../mbus/slave.ts';
import { type FarEnd, farEnd, honest, type Said, type Trouble } from './far-end.ts';

/** Meters of three protocols on one real serial line (a pty), and everything that can go wrong between them. */

const { profiles } = await loadProfiles();

/** The library's profile, asked more often than people would. */
function quick(id: string): Profile {
  const profile = profiles.get(id);
  if (profile === undefined) throw new Error(`no profile ${id}`);
  const groups = Object.fromEntries(Object.keys(profile.groups).map((group) => [group, { every: 1_500 }]));
  const timing = { ...(profile.transport['timing'] as object), timeout: 120 };
  return { ...profile, groups, transport: { ...profile.transport, timing } };
}

const bcd = (digits: string): number[] => (digits.match(/../g) as string[]).map((pair) => parseInt(pair, 16)).reverse();

/** Every meter has numbers of its own, so that a value of another is seen at once. */
function powerMeter(n: number): PowerState {
  const data = new Map([
    ['02010100', bcd(`22${n}1`)],
    ['02010200', bcd(`22${n}2`)],
    ['02010300', bcd(`22${n}3`)],
    ['02020100', bcd(`000${n}11`)],
    ['02030000', bcd(`0${n}0022`)],
    ['02060000', bcd(`09${n}1`)],
    ['00010000', bcd(`00${n}${n}${n}${n}01`)],
    ['04000503', [0x10, 0]],
  ]);
  return { address: `00000000010${n}`, data, password: '02246810', ...(n === 2 && { frameBytes: 2 }) };
}
function waterMeter(n: number): WaterState {
  const values = [...bcd(`00000${n}00`), 0x2c, ...bcd(`00000${n}01`), 0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  return { type: 0x10, address: `0000000000000${n}`, values, order: n === 1 ? 'low-first' : 'high-first' };
}
function heatMeter(n: number): HeatState {
  const telegrams = [
    [0x0c, 0x06, ...bcd(`00000${n}10`), 0x0c, 0x13, ...bcd(`000${n}0000`), 0x1f],
    [0x0c, 0x3b, ...bcd(`0000000${n}`)],
  ];
  return { primary: n, id: `1234567${n}`, maker: [0x24, 0x40, 1, 4], telegrams };
}

const powers = [1, 2].map(powerMeter);
const waters = [1, 2].map(waterMeter);
const heats = [1, 2].map(heatMeter);
const slaves = [
  ...powers.map((state) => (question: Uint8Array) => powerAnswers(state, question)),
  ...waters.map((state) => (question: Uint8Array) => waterAnswers(state, question)),
  ...heats.map((state) => (question: Uint8Array) => heatAnswers(state, question)),
];

/** What each device must say, if it says anything. */
const truth: Readonly<Record<string, Readonly<Record<string, number | string>>>> = {
  p1: { voltage: 221.1, current: 0.111, power_active: 1002.2, power_factor: 0.911, energy_import: 1111.01, relay: 'open' },
  p2: { voltage: 222.1, current: 0.211, power_active: 2002.2, power_factor: 0.921, energy_import: 2222.01, relay: 'open' },
  w1: { volume: 1, volume_settled: 1.01, valve: 'open', battery_state: 'normal' },
  w2: { volume: 2, volume_settled: 2.01, valve: 'open', battery_state: 'normal' },
  h1: { heat: 110, volume: 10 },
  h2: { heat: 210, volume: 20 },
};

let line: Cable;
let far: FarEnd;
let folder: string;

function devices(): BoundDevice<LineAddress>[] {
  const [power, water, heat] = [quick('generic.dlt645-single-phase'), quick('generic.cjt188-water'), quick('generic.mbus-heat')];
  const control = { passwordFile: 'password', operator: '00000001' };
  const bound = (id: string, profile: Profile, address: object): BoundDevice<LineAddress> => ({
    id,
    profile,
    address: addressOf(profile.transport.protocol).parse(address),
  });
  return [
    bound('p1', power, { meter: '000000000101', control }),
    bound('p2', power, { meter: '000000000102' }),
    bound('w1', water, { meter: '00000000000001' }),
    bound('w2', water, { meter: '00000000000002' }),
    bound('h1', heat, { primary: 1, id: '12345671' }),
    bound('h2', heat, { secondary: '12345672' }),
  ];
}

function addressOf(protocol: string): z.ZodType<LineAddress> {
  const schema = driver.addressOf?.(protocol);
  if (schema === undefined) throw new Error(`nobody speaks ${protocol}`);
  return schema;
}

beforeEach(async () => {
  line = await cable();
  far = await farEnd(line.theirs, slaves);
  folder = mkdtempSync(join(tmpdir(), 'yihu-meters-'));
  writeFileSync(join(folder, 'password'), '02246810\n');
});

afterEach(async () => {
  await far.close();
  await line.remove();
});

async function start(): Promise<{ running: Running; bound: BoundDevice<LineAddress>[] }> {
  const bound = devices();
  // Faster than meters are, so that the test ends in seconds.
  const section = { mode: 'serial', path: line.ours, baud: 57_600, parity: 'even' };
  expect(driver.check(driver.port.parse(section), bound)).toEqual([]);
  return { running: await run(driver, section, bound, { folder }), bound };
}

/** Good readings by device and point, after a look that every one of them is true. */
function goodOf({ calls }: Running, bound: readonly BoundDevice<LineAddress>[], from = 0): Map<string, Set<string>> {
  const decoders = new Map(bound.map(({ id, profile }) => [id, compile(profile)]));
  const good = new Map<string, Set<string>>();
  for (const frame of calls.slice(from).flat()) {
    for (const { point, value, quality } of decoders.get(frame.device)?.decode(frame).readings ?? []) {
      if (quality !== 'good') continue;
      const wanted = truth[frame.device]?.[point];
      if (wanted !== undefined) expect(value, `${frame.device} ${point}`).toBe(wanted);
      good.set(frame.device, (good.get(frame.device) ?? new Set()).add(point));
    }
  }
  return good;
}

async function allAreHeard(running: Running, bound: readonly BoundDevice<LineAddress>[]): Promise<void> {
  const from = running.calls.length;
  await expect
    .poll(
      () => {
        const good = goodOf(running, bound, from);
        return Object.entries(truth).flatMap(([id, points]) =>
          Object.keys(points)
            .filter((point) => good.get(id)?.has(point) !== true)
            .map((point) => `${id} ${point}`),
        );
      },
      { timeout: 25_000, interval: 100 },
    )
    .toEqual([]);
}

/** The n-th trouble for the n-th question, over and over. */
function oneByOne(troubles: readonly Trouble[]): Trouble {
  let n = 0;
  return (question, answer) => (troubles[n++ % troubles.length] as Trouble)(question, answer);
}

const said = (bytes: Uint8Array | undefined, afterMs = 5): Said[] => (bytes === undefined ? [] : [{ afterMs, bytes }]);
const late: Trouble = (_, answer) => said(answer(), 450);
const silent: Trouble = () => [];
const echo: Trouble = (question, answer) => [...said(question, 1), ...said(answer(), 10)];
const twice: Trouble = (_, answer) => [...said(answer(), 5), ...said(answer(), 40)];
const noise: Trouble = (_, answer) => [...said(Uint8Array.of(0x68, 0x00, 0xe5, 0x10, 0x68), 1), ...said(answer(), 10)];
const cutOff: Trouble = (_, answer) => said(answer()?.slice(0, -3));
const inPieces: Trouble = (_, answer) => {
  const bytes = answer() ?? new Uint8Array();
  return [...said(bytes.slice(0, 7), 5), ...said(bytes.slice(7), 45)];
};
const flipped: Trouble = (_, answer) => {
  const bytes = answer();
  if (bytes === undefined) return [];
  const wrong = Uint8Array.from(bytes);
  wrong[wrong.length - 4] = (wrong.at(-4) ?? 0) ^ 0x04;
  return said(wrong);
};
/** Every meter of the line speaks, unasked, before the one that was asked; or instead of it. */
const unasked = (): Uint8Array[] =>
  [
    ...powers.map((state) =>
      powerAnswers(
        state,
        Uint8Array.from([0x68, ...bcd(state.address), 0x68, 0x11, 4, 0x33, 0x34, 0x34, 0x35, sumOf(state.address), 0x16]),
      ),
    ),
    ...waters.map((state) => waterAnswers({ ...state, order: 'high-first' }, waterQuestion(state))),
  ].filter((bytes) => bytes !== undefined);
const crowd: Trouble = (_, answer) => [...unasked().map((bytes, n) => ({ afterMs: 1 + n * 8, bytes })), ...said(answer(), 50)];

function sumOf(address: string): number {
  return [0x68, ...bcd(address), 0x68, 0x11, 4, 0x33, 0x34, 0x34, 0x35].reduce((sum, byte) => sum + byte, 0) & 0xff;
}

function waterQuestion({ address }: WaterState): Uint8Array {
  const body = [0x68, 0x10, ...bcd(address), 0x01, 3, 0x90, 0x1f, 0];
  return Uint8Array.from([...body, body.reduce((sum, byte) => sum + byte, 0) & 0xff, 0x16]);
}

describeWith(['socat'], 'meters of three protocols on one line', () => {
  it('are all read, block by item, follow-up by follow-up, telegram by telegram', async () => {
    const { running, bound } = await start();
    await allAreHeard(running, bound);
    const { devices: states } = running.port.state();
    for (const { id } of bound) expect(states[id], id).toMatchObject({ failures: 0 });
  });

  it('never give a value of another meter or of another question, whatever comes', async () => {
    const { running, bound } = await start();
    await allAreHeard(running, bound);
    far.trouble = oneByOne([
      late,
      honest,
      crowd,
      silent,
      honest,
      echo,
      noise,
      twice,
      late,
      honest,
      cutOff,
      inPieces,
      honest,
      flipped,
      crowd,
    ]);
    const from = running.calls.length;
    await expect.poll(() => running.calls.length - from, { timeout: 30_000 }).toBeGreaterThan(30);
    goodOf(running, bound, from);
    far.trouble = honest;
    await allAreHeard(running, bound);
  }, 90_000);

  it('are told what to do: a relay with its password, which stands in no trace, a valve, and the clocks', async () => {
    const { running, bound } = await start();
    await allAreHeard(running, bound);
    const act = (device: string, command: string) => {
      const spec = bound.find(({ id }) => id === device)?.profile.commands[command];
      if (spec === undefined) throw new Error(`no command ${command}`);
      const order = { id: command, device, command, spec, args: {}, deadlineMono: systemClock.mono() + 20_000 };
      return running.port.act?.(order);
    };
    expect(await act('p1', 'close')).toEqual({ state: 'sent' });
    expect(powers[0]?.relay).toBe(0x1c);
    expect(await act('p2', 'trip')).toMatchObject({ state: 'refused', code: 'no-password' });
    expect(powers[1]?.relay).toBeUndefined();
    expect(await act('w2', 'close_valve')).toEqual({ state: 'sent' });
    expect(waters[1]?.valve).toBe('closed');
    expect(await act('p2', 'set_clock')).toEqual({ state: 'sent' });
    expect(powers.map(({ clock }) => clock?.length)).toEqual([17, 17]);
    const traces = JSON.stringify(running.port.exchanges?.('p1'));
    // 02 24 68 10, low byte first and 33h added.
    expect(far.questions.map((bytes) => Buffer.from(bytes).toString('hex')).join(' ')).toContain('35439b57');
    expect(traces.toLowerCase().replaceAll(' ', '')).not.toContain('35439b57');
  });

  it('one of three phases gives its blocks, and item by item those it does not know, and is asked that way from then on', async () => {
    const data = new Map<string, number[]>([
      ['0201FF00', [...bcd('2201'), ...bcd('2202'), ...bcd('2203')]],
      ['02800002', bcd('5000')],
      ...['01', '02', '03'].map((n): [string, number[]] => [`0202${n}00`, bcd(`0010${n}`)]),
      ...['02030000', '02060000', '00000000', '00010000', '00020000'].map((key): [string, number[]] => [key, [1, 0, 0, 0]]),
      ...[1, 3, 4, 5, 6].map((n): [string, number[]] => [`0400050${n}`, [0, 0]]),
    ]);
    await far.close();
    far = await farEnd(line.theirs, [(question) => powerAnswers({ address: '000000000109', data }, question)]);
    const profile = quick('generic.dlt645-three-phase');
    const bound = [{ id: 'm', profile, address: addressOf('dlt645').parse({ meter: '000000000109' }) }];
    const running = await run(driver, { mode: 'serial', path: line.ours, baud: 57_600, parity: 'even' }, bound, { folder });
    const good = () => goodOf(running, bound).get('m');
    await expect
      .poll(() => Object.keys(profile.points).filter((point) => good()?.has(point) !== true), { timeout: 20_000 })
      .toEqual([]);
    const decoder = compile(profile);
    const voltages = running.calls
      .flat()
      .flatMap((frame) => decoder.decode(frame).readings.filter(({ point }) => point.startsWith('voltage_')));
    expect(new Set(voltages.map(({ point, value }) => `${point} ${value}`))).toEqual(
      new Set(['voltage_a 220.1', 'voltage_b 220.2', 'voltage_c 220.3']),
    );
    // The blocks it does not know were asked for once.
    const asked = (identifier: string) =>
      far.questions.filter((bytes) => Buffer.from(bytes).toString('hex').includes(identifier)).length;
    await expect.poll(() => asked('33323435'), { timeout: 20_000 }).toBeGreaterThan(2);
    expect([asked('33323535'), asked('32383337')]).toEqual([1, 1]);
  });
});

describeWith(['socat'], 'a UPS on a line of its own', () => {
  it('is read, and told to test itself', async () => {
    let isTesting = false;
    await far.close();
    far = await farEnd(line.theirs, [
      (question) => {
        const word = Buffer.from(question).toString();
        if (word === 'T\r') isTesting = true;
        return word === 'Q1\r' ? Buffer.from(`(215.0 195.0 230.0 014 49.0 2.27 30.0 00001${isTesting ? 1 : 0}00\r`) : undefined;
      },
    ]);
    const profile = quick('generic.ups-megatec');
    const bound = [{ id: 'ups', profile, address: addressOf('megatec').parse({}) }];
    const running = await run(driver, { mode: 'serial', path: line.ours }, bound, { folder });
    const decoder = compile(profile);
    const last = (point: string) =>
      running.calls
        .flat()
        .flatMap((frame) => decoder.decode(frame).readings)
        .findLast((reading) => reading.point === point)?.value;
    await expect.poll(() => last('input_voltage'), { timeout: 10_000 }).toBe(215);
    expect(last('testing')).toBe(false);
    const spec = profile.commands['test'] as NonNullable<(typeof profile.commands)[string]>;
    const order = { id: '1', device: 'ups', command: 'test', spec, args: {}, deadlineMono: systemClock.mono() + 10_000 };
    expect(await running.port.act?.(order)).toEqual({ state: 'sent' });
    await expect.poll(() => last('testing'), { timeout: 10_000 }).toBe(true);
  });
});
