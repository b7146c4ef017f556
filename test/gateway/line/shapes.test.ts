import { beforeEach, describe, expect, it } from 'vitest';
import { LineBus } from '../../../gateway/collect/line/bus.ts';
import type { Ask, SerialShape } from '../../../gateway/collect/line/dialect.ts';
import { rtuAsk } from '../../../gateway/collect/modbus/rtu.ts';
import { chanceFrom } from '../../../gateway/collect/poll/chance.ts';
import { newCounters } from '../../../gateway/collect/poll/counters.ts';
import type { Outcome } from '../../../gateway/collect/poll/outcome.ts';
import { holding } from '../modbus/asking.ts';
import { pduOf, rtuFrame } from '../modbus/fault-server.ts';
import { HandClock } from './hand-clock.ts';
import { type LineSlave, sharedLine, type SharedLine } from './shared-line.ts';

/** Slaves of several serial parameters on one line: DL/T 645 at 2400 8E1 beside Modbus at 9600 8N1. */

const fast: SerialShape = { baud: 9600, parity: 'none', stopBits: 1 };
const slow: SerialShape = { baud: 2400, parity: 'even', stopBits: 1 };

function registers(shape: SerialShape, ...units: number[]): LineSlave {
  const answer = (heard: Uint8Array) => {
    const bytes = Buffer.from(heard);
    const unit = bytes[0] ?? 0;
    return units.includes(unit) ? rtuFrame(unit, pduOf(unit, 3, bytes.readUInt16BE(2), bytes.readUInt16BE(4))) : undefined;
  };
  return { shape, thinkMs: 10, answer };
}

let clock: HandClock;
let wire: SharedLine;
let bus: LineBus;
let counters = newCounters();

beforeEach(() => {
  clock = new HandClock();
  counters = newCounters();
  wire = sharedLine(clock, fast, [registers(fast, 1, 2, 3), registers(slow, 11, 12, 13)]);
  const options = { routes: [wire.route] as const, clock, chance: chanceFrom('test'), counters };
  bus = new LineBus({ ...options, shape: fast, turnaroundMs: 100, isRemote: false });
});

interface Answered {
  readonly unit: number;
  readonly at: number;
  readonly kind: Outcome['kind'];
}

function ask(unit: number, to: Answered[], more: { urgent?: boolean } = {}): void {
  const ask: Ask = rtuAsk(holding(1, 4, unit));
  const party = { key: ask.slave, timeoutMs: 200, shape: unit > 10 ? slow : fast };
  bus.submit({ ask, party, ...more, done: ({ kind }) => to.push({ unit, at: clock.mono(), kind }) });
}

/** Asks again and again, as polls do. */
function keepAsking(unit: number, to: Answered[]): void {
  const again: Answered[] = [];
  const next = () => {
    again.length = 0;
    const ask: Ask = rtuAsk(holding(1, 4, unit));
    const party = { key: ask.slave, timeoutMs: 200, shape: unit > 10 ? slow : fast };
    const done = ({ kind }: Outcome) => {
      to.push({ unit, at: clock.mono(), kind });
      next();
    };
    bus.submit({ ask, party, done });
  };
  next();
}

describe('one line, two kinds of parameters', () => {
  it('answers all of them, those of a kind together', async () => {
    const answered: Answered[] = [];
    for (const unit of [1, 11, 2, 12, 3, 13]) ask(unit, answered);
    await clock.turn(2_000);
    expect(answered.map(({ unit }) => unit)).toEqual([1, 2, 3, 11, 12, 13]);
    expect(answered.every(({ kind }) => kind === 'answer')).toBe(true);
    expect(wire.retunes.map(({ baud }) => baud)).toEqual([2400]);
    expect(counters.retunes).toBe(1);
  });

  it('says each request with the parameters of its slave, and allows the bytes their time', async () => {
    const answered: Answered[] = [];
    for (const unit of [1, 11]) ask(unit, answered);
    await clock.turn(2_000);
    expect(wire.sent.map(({ baud, bytes }) => [baud, bytes[0]])).toEqual([
      [9600, 1],
      [2400, 11],
    ]);
    // The slow answer of 13 characters takes 60 ms, and the fast one 14.
    expect(answered.map(({ kind }) => kind)).toEqual(['answer', 'answer']);
  });

  it('lets neither kind starve the other, and changes no more often than once a second', async () => {
    const answered: Answered[] = [];
    for (const unit of [1, 2, 3, 11, 12, 13]) keepAsking(unit, answered);
    await clock.turn(60_000);
    const times = (unit: number) => answered.filter((each) => each.unit === unit).map(({ at }) => at);
    for (const unit of [1, 2, 3, 11, 12, 13]) {
      const gaps = times(unit).map((at, i, all) => at - (all[i - 1] ?? 0));
      expect(Math.max(...gaps)).toBeLessThan(1_500);
      expect(times(unit).length).toBeGreaterThan(60);
    }
    expect(wire.retunes.length).toBeLessThanOrEqual(60);
    expect(wire.retunes.length).toBeGreaterThan(50);
    expect(answered.every(({ kind }) => kind === 'answer')).toBe(true);
  });

  it('changes at once for a command', async () => {
    const answered: Answered[] = [];
    for (const unit of [1, 2, 3]) keepAsking(unit, answered);
    await clock.turn(500);
    const commanded: Answered[] = [];
    ask(11, commanded, { urgent: true });
    const from = clock.mono();
    await clock.turn(1_000);
    // At most the exchange under way, the change, and its own 8 and 13 characters of 4.6 ms.
    expect((commanded[0]?.at ?? Infinity) - from).toBeLessThan(200);
    expect(answered.filter(({ at }) => at > from + 200).length).toBeGreaterThan(10);
  });

  it('ends what waits when the port cannot be opened with other parameters', async () => {
    const dial: (typeof wire.route)['dial'] = (events) => ({
      ...wire.route.dial(events),
      retune: async () => {
        await clock.sleep(5);
        events.lost({ zh: '拔出了', en: 'was pulled out' });
        throw new Error('was pulled out');
      },
    });
    const options = { routes: [{ where: 'x', dial }] as const, clock, chance: chanceFrom('test'), counters };
    bus = new LineBus({ ...options, shape: fast, turnaroundMs: 100, isRemote: false });
    const answered: Answered[] = [];
    for (const unit of [1, 11, 12]) ask(unit, answered);
    await clock.turn(1_000);
    expect(answered.map(({ unit, kind }) => [unit, kind])).toEqual([
      [1, 'answer'],
      [11, 'silent'],
      [12, 'silent'],
    ]);
    ask(2, answered);
    await clock.turn(1_000);
    expect(answered.at(-1)).toMatchObject({ unit: 2, kind: 'answer' });
  });
});
