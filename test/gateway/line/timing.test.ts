import { beforeEach, describe, expect, it } from 'vitest';
import { LineBus } from '../../../gateway/collect/line/bus.ts';
import type { Ask, SerialShape } from '../../../gateway/collect/line/dialect.ts';
import type { PlainRequest } from '../../../gateway/collect/modbus/pdu.ts';
import { modbusReads } from '../../../gateway/collect/modbus/reads.ts';
import { rtuAsk } from '../../../gateway/collect/modbus/rtu.ts';
import { ProbeBudget } from '../../../gateway/collect/poll/breaker.ts';
import { chanceFrom } from '../../../gateway/collect/poll/chance.ts';
import { newCounters } from '../../../gateway/collect/poll/counters.ts';
import { Cycle } from '../../../gateway/collect/poll/cycle.ts';
import { Schedule } from '../../../gateway/collect/poll/schedule.ts';
import { Slave } from '../../../gateway/collect/poll/slave.ts';
import { type Heard, heardOf, holding, judge } from '../modbus/asking.ts';
import { type Fault, honest } from '../modbus/fault-server.ts';
import { profileOf } from '../modbus/profiles.ts';
import { HandClock } from './hand-clock.ts';
import { line, type Line } from './memory-line.ts';

/** The timing of an RS-485 line at 9600 8N1, to the millisecond. */

const shape: SerialShape = { baud: 9600, parity: 'none', stopBits: 1 };
const byteMs = 10_000 / 9_600;

let clock: HandClock;

beforeEach(() => {
  clock = new HandClock();
});

function busOn(wire: Line): LineBus {
  const options = { routes: [wire.route] as const, clock, chance: chanceFrom('test'), counters: newCounters() };
  return new LineBus({ ...options, shape, turnaroundMs: 100, isRemote: false });
}

function submit(bus: LineBus, request: PlainRequest, timeoutMs: number, done: (heard: Heard) => void, gapMs?: number): void {
  const party = { key: `modbus:${request.unit}`, timeoutMs, gapMs };
  bus.submit({ ask: rtuAsk(request), party, done: (outcome) => done(heardOf(outcome)) });
}

describe('the line', () => {
  it('is silent for 3.5 characters before each request', async () => {
    const wire = line(clock, byteMs, 10, honest);
    const bus = busOn(wire);
    const heardAt: number[] = [];
    const ask = (start: number) => submit(bus, holding(start), 500, () => heardAt.push(clock.mono()));
    ask(1);
    ask(2);
    await clock.turn(200);
    expect((wire.sentAt[1] ?? 0) - (heardAt[0] ?? 0)).toBeCloseTo(3.5 * byteMs, 6);
  });

  it('leaves a slave the longer silence it asks for', async () => {
    const wire = line(clock, byteMs, 10, honest);
    const bus = busOn(wire);
    const heardAt: number[] = [];
    for (const start of [1, 2]) {
      submit(bus, holding(start), 500, () => heardAt.push(clock.mono()), 50);
    }
    await clock.turn(300);
    expect((wire.sentAt[1] ?? 0) - (heardAt[0] ?? 0)).toBeCloseTo(50, 6);
  });

  it('is quarantined for 150 ms after a time-out, and no longer than until the straggler has come', async () => {
    const after = async (lateMs: number): Promise<number> => {
      clock = new HandClock();
      let timedOutAt = 0;
      const wire = line(clock, byteMs, 0, (stage) => (stage.asked.n === 0 ? stage.send : () => undefined)(stage.good));
      const dial: Line['dial'] = (events) =>
        wire.dial({ ...events, data: (bytes) => void clock.after(lateMs, () => events.data(bytes)) });
      const late: Line = { ...wire, route: { where: 'late', dial } };
      const bus = busOn(late);
      submit(bus, holding(1), 100, () => (timedOutAt = clock.mono()));
      submit(bus, holding(2, 4, 2), 100, () => undefined);
      await clock.turn(1_000);
      return (wire.sentAt[1] ?? 0) - timedOutAt;
    };
    expect(await after(10_000)).toBeCloseTo(150, 6);
    // The answer of 13 bytes ends 20 ms after the time-out; then come 3.5 characters of silence.
    expect(await after(100 + 20)).toBeCloseTo(20 + 3.5 * byteMs, 6);
  });

  it('times the answer from its beginning: a long one is not cut off', async () => {
    const wire = line(clock, byteMs, 90, honest);
    const bus = busOn(wire);
    let outcome: Heard | undefined;
    const request = holding(1, 120);
    submit(bus, request, 100, (came) => (outcome = came));
    await clock.turn(1_000);
    expect(outcome && judge(request, outcome)).toBe('right');
  });

  it('ends every request at once when the adapter is pulled out', async () => {
    const wire = line(clock, byteMs, 10, () => undefined);
    const bus = busOn(wire);
    const ends: string[] = [];
    const done = (outcome: Heard) => ends.push(outcome.kind === 'silent' ? outcome.why : outcome.kind);
    submit(bus, holding(1), 500, done);
    await clock.turn(50);
    wire.unplug();
    expect(ends).toEqual(['closed']);
    submit(bus, holding(2), 500, done);
    await bus.stop();
    expect(ends.length).toBe(2);
  });
});

describe('a line with more to ask than there is time', () => {
  /** Polls a slave of ten registers every `everyMs` on its own phase, and counts its good cycles. */
  function polled(bus: LineBus, schedule: Schedule, unit: number, everyMs: number, good: Map<number, number[]>): void {
    const profile = profileOf({ a: { at: 0, type: 'string', length: 10 } });
    const slave = new Slave<Ask>({ id: `meter-${unit}`, key: `modbus:${unit}`, bus, timeoutMs: 500, retries: 1 });
    const reads = modbusReads(profile, ['a'], unit, rtuAsk);
    const deliver = async () => void good.set(unit, [...(good.get(unit) ?? []), clock.mono()]);
    const options = { slave, reads, everyMs, clock, counters: newCounters(), hasRoom: () => true, deliver };
    schedule.add(new Cycle({ ...options, changed: () => undefined }, unit, unit));
  }

  it('reads slow points in the time that fast ones leave, and in time', async () => {
    const bus = busOn(line(clock, byteMs, 5, honest));
    const schedule = new Schedule(clock);
    const good = new Map<number, number[]>();
    // Six slaves of 46 ms each second, and sixty more every minute: 276 ms and 46 ms of a second.
    for (let unit = 1; unit <= 6; unit += 1) polled(bus, schedule, unit, 500, good);
    for (let unit = 10; unit < 70; unit += 1) polled(bus, schedule, unit, 60_000, good);
    schedule.start();
    await clock.turn(60_000);
    schedule.stop();
    // Though all sixty were due in the same instant, no fast slave missed a period, and none was late by more than one exchange.
    for (let unit = 1; unit <= 6; unit += 1) {
      const times = good.get(unit) ?? [];
      expect(times.length).toBeGreaterThanOrEqual(119);
      expect(Math.max(...times.map((at, i) => at - (times[i - 1] ?? at)))).toBeLessThan(500 + 6 * 46 + 46);
    }
    expect(good.size).toBe(66);
  });

  it('starves nobody when it is overloaded', async () => {
    const bus = busOn(line(clock, byteMs, 5, honest));
    const schedule = new Schedule(clock);
    const good = new Map<number, number[]>();
    for (let unit = 1; unit <= 30; unit += 1) polled(bus, schedule, unit, 1_000, good);
    polled(bus, schedule, 40, 60_000, good);
    schedule.start();
    await clock.turn(300_000);
    schedule.stop();
    const shares = Array.from({ length: 30 }, (_, i) => good.get(i + 1)?.length ?? 0);
    // One and a half times what the line can carry: every slave has each period or every second one.
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.49 * Math.max(...shares));
    expect(good.get(40)?.length).toBeGreaterThanOrEqual(4);
  });

  it('lets a command wait for the exchange under way and no longer', async () => {
    const wire = line(clock, byteMs, 5, honest);
    const bus = busOn(wire);
    const schedule = new Schedule(clock);
    for (let unit = 1; unit <= 30; unit += 1) polled(bus, schedule, unit, 1_000, new Map());
    schedule.start();
    const waits: number[] = [];
    for (let i = 0; i < 200; i += 1) {
      await clock.turn(137);
      const from = clock.mono();
      const request: PlainRequest = { unit: 40, fn: 6, start: i, count: 1, values: [1] };
      const party = { key: 'modbus:40', timeoutMs: 500 };
      bus.submit({ ask: rtuAsk(request), party, urgent: true, done: () => waits.push(clock.mono() - from) });
    }
    await clock.turn(1_000);
    schedule.stop();
    expect(waits.length).toBe(200);
    // One exchange of 33 characters, 5 ms of thinking and a silence; then its own 16 characters.
    expect(Math.max(...waits)).toBeLessThan(33 * byteMs + 5 + 3.5 * byteMs + 16 * byteMs + 5 + 3.5 * byteMs + 1);
  });
});

/** 32 meters on one line, each asked for ten registers every two seconds; good cycles of each after the first minute. */
async function cyclesOf(minutes: number, fault: Fault): Promise<number[]> {
  const wire = line(clock, byteMs, 5, fault);
  const bus = busOn(wire);
  const budget = new ProbeBudget(clock.mono());
  const profile = profileOf({ a: { at: 0, type: 'string', length: 10 } });
  const schedule = new Schedule(clock);
  const good = Array.from({ length: 33 }, () => 0);
  const counters = newCounters();
  for (let unit = 1; unit <= 32; unit += 1) {
    const slave = new Slave<Ask>({ id: `meter-${unit}`, key: `modbus:${unit}`, bus, budget, timeoutMs: 500, retries: 1 });
    const reads = modbusReads(profile, Object.keys(profile.points), unit, rtuAsk);
    const deliver = async (frames: readonly { body: { kind: string } }[]) => {
      if (frames[0]?.body.kind === 'registers') good[unit] = (good[unit] ?? 0) + 1;
    };
    const options = { slave, reads, everyMs: 2_000, clock, counters, hasRoom: () => true, deliver };
    schedule.add(new Cycle({ ...options, changed: () => undefined }, unit * 50, unit * 50));
  }
  schedule.start();
  await clock.turn(60_000);
  good.fill(0);
  await clock.turn(minutes * 60_000);
  schedule.stop();
  return good.slice(1);
}

describe('a bus of 32', () => {
  it('with half of it dead keeps at least 90 % of the healthy rate, and finds the others again', async () => {
    const all = await cyclesOf(5, honest);
    clock = new HandClock();
    const isDead = (unit: number) => unit % 2 === 0;
    const half = await cyclesOf(5, ({ asked, send, good }) => !isDead(asked.unit) && send(good));
    for (let unit = 1; unit <= 32; unit += 2) {
      expect(half[unit - 1]).toBeGreaterThanOrEqual(0.9 * (all[unit - 1] ?? 0));
    }
    expect(all[1]).toBeGreaterThan(100);
    expect(half[1]).toBe(0);
  });

  it('keeps four fifths of the healthy rate in the very minute in which half of it loses power', async () => {
    let isPowered = true;
    clock.after(60_000, () => (isPowered = false));
    const dying = await cyclesOf(1, ({ asked, send, good }) => (isPowered || asked.unit % 2 === 1) && send(good));
    for (let unit = 1; unit <= 32; unit += 2) expect(dying[unit - 1]).toBeGreaterThanOrEqual(24);
    expect(dying[1]).toBe(0);
  });

  it('with one dead lengthens nobody’s period by more than a tenth', async () => {
    const all = await cyclesOf(5, honest);
    clock = new HandClock();
    const one = await cyclesOf(5, ({ asked, send, good }) => asked.unit !== 7 && send(good));
    for (const unit of [1, 6, 8, 32]) expect(one[unit - 1]).toBeGreaterThanOrEqual((all[unit - 1] ?? 0) / 1.1);
  });

  it('finds its dead slaves again when they come back', async () => {
    let isPowered = true;
    clock.after(20_000, () => (isPowered = false));
    clock.after(60_000, () => (isPowered = true));
    const back = await cyclesOf(5, ({ asked, send, good }) => (isPowered || asked.unit % 2 === 1) && send(good));
    // Five minutes hold 150 periods; the last of sixteen dead slaves is probed within the second of them.
    for (let unit = 2; unit <= 32; unit += 2) expect(back[unit - 1]).toBeGreaterThan(60);
  });
});
