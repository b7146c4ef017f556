import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer, PlainRequest } from '../../../gateway/collect/modbus/pdu.ts';
import { modbusReads } from '../../../gateway/collect/modbus/reads.ts';
import { type TcpAsk, tcpAsk } from '../../../gateway/collect/modbus/tcp-bus.ts';
import { newCounters } from '../../../gateway/collect/poll/counters.ts';
import { Cycle } from '../../../gateway/collect/poll/cycle.ts';
import type { Bus, Job, Outcome } from '../../../gateway/collect/poll/outcome.ts';
import { Schedule } from '../../../gateway/collect/poll/schedule.ts';
import { Slave } from '../../../gateway/collect/poll/slave.ts';
import { HandClock } from '../line/hand-clock.ts';
import { profileOf } from '../modbus/profiles.ts';

/** One cycle on a hand-turned clock, against a bus that says what the test wants. */

/** A request as it came to the bus. */
interface Asked {
  readonly request: PlainRequest;
  readonly done: (said: Said, at?: number) => void;
}

type Said = Answer | Omit<Extract<Outcome, { kind: 'silent' }>, 'at'>;

let clock: HandClock;
let asked: Asked[];
let answer: (job: Asked) => Said | undefined;
let delivered: (readonly Frame[])[];
let keep: () => Promise<void>;
let hasRoom: boolean;
let counters = newCounters();

const bus: Bus<TcpAsk> = {
  submit(job: Job<TcpAsk>) {
    const done = (said: Said) => {
      const at = clock.now();
      job.done(said.kind === 'silent' ? { ...said, at } : { kind: 'answer', answer: said, at });
    };
    const heard: Asked = { request: job.ask.request as PlainRequest, done };
    asked.push(heard);
    const said = answer(heard);
    if (said !== undefined) clock.after(1, () => done(said));
  },
  wire: () => 'up',
  problem: () => undefined,
  note: () => undefined,
  session: () => 1,
  stop: () => Promise.resolve(),
};

const words = ({ request }: Asked) => ({
  kind: 'words' as const,
  words: Array.from({ length: request.count }, (_, i) => request.start + i),
});
const timeout = () => ({ kind: 'silent' as const, why: 'timeout' as const, detail: 'no answer within 500 ms' });
const exception = (code: number) => ({ kind: 'exception' as const, code });
const spans = () => asked.map(({ request }) => `${request.start}+${request.count}`);
const bodies = () =>
  delivered.map((frames) =>
    frames.map(({ body }) => (body.kind === 'fault' ? `${body.fault} ${body.start}+${body.count}` : body.kind)),
  );

beforeEach(() => {
  clock = new HandClock();
  asked = [];
  answer = words;
  delivered = [];
  keep = () => Promise.resolve();
  hasRoom = true;
  counters = newCounters();
});

function start(points: Parameters<typeof profileOf>[0], retries = 1): { cycle: Cycle<TcpAsk>; slave: Slave<TcpAsk> } {
  const slave = new Slave<TcpAsk>({ id: 'meter-1', key: 'modbus:1', bus, timeoutMs: 500, retries });
  const cycle = new Cycle<TcpAsk>(
    {
      slave,
      reads: modbusReads(profileOf(points), Object.keys(points), 1, tcpAsk),
      everyMs: 1_000,
      clock,
      counters,
      hasRoom: () => hasRoom,
      deliver: (frames) => {
        delivered.push(frames);
        return keep();
      },
      changed: () => undefined,
    },
    100,
    400,
  );
  const schedule = new Schedule(clock);
  schedule.add(cycle);
  schedule.start();
  return { cycle, slave };
}

describe('the period', () => {
  it('is kept to the millisecond, however long the answers take', async () => {
    const starts: number[] = [];
    answer = (job) => {
      starts.push(clock.mono());
      return words(job);
    };
    start({ a: { at: 1 } });
    await clock.turn(5_000);
    expect(starts).toEqual([100, 400, 1_400, 2_400, 3_400, 4_400]);
    expect(counters.skipped_polls).toBe(0);
  });

  it('skips and counts what a slow slave cannot keep up with, and piles nothing up', async () => {
    answer = (job) => {
      clock.after(2_500, () => job.done({ kind: 'words', words: [1] }));
      return undefined;
    };
    start({ a: { at: 1 } });
    await clock.turn(10_000);
    expect(asked.length).toBe(4);
    expect(counters).toMatchObject({ cycles: 4, skipped_polls: 7 });
  });

  it('does not make up for the time the machine stood still', async () => {
    start({ a: { at: 1 } });
    await clock.turn(450);
    clock.stall(10_000);
    await clock.turn(1_000);
    expect(asked.length).toBe(4);
    expect(counters.skipped_polls).toBe(9);
  });

  it('holds back while the store does', async () => {
    const kept: (() => void)[] = [];
    keep = () => new Promise((resolve) => kept.push(resolve));
    start({ a: { at: 1 } });
    await clock.turn(3_000);
    expect(asked.length).toBe(1);
    keep = () => Promise.resolve();
    kept.forEach((resolve) => resolve());
    await clock.turn(1_000);
    expect(asked.length).toBe(2);
    hasRoom = false;
    await clock.turn(1_000);
    expect(asked.length).toBe(2);
  });
});

describe('one delivery per cycle', () => {
  it('holds all of its frames, registers, bits and faults', async () => {
    answer = (job) => {
      if (job.request.fn === 1) return { kind: 'bits', bits: [true] };
      return job.request.start === 300 ? exception(4) : words(job);
    };
    start({ a: { at: 1, type: 'f32' }, b: { at: 300 }, c: { at: 5, table: 'coil', type: 'bit' } });
    await clock.turn(200);
    const at = expect.any(Number);
    const fault = {
      kind: 'fault',
      table: 'holding',
      start: 300,
      count: 1,
      fault: 'exception',
      detail: 'exception 4 (server device failure)',
    };
    expect(delivered).toEqual([
      [
        { device: 'meter-1', at, body: { kind: 'bits', table: 'coil', start: 5, bits: [true] } },
        { device: 'meter-1', at, body: { kind: 'registers', table: 'holding', start: 1, words: [1, 2] } },
        { device: 'meter-1', at, body: fault },
      ],
    ]);
  });

  it('says nothing of a retry that succeeded', async () => {
    answer = (job) => (asked.length === 1 ? timeout() : words(job));
    start({ a: { at: 1 } });
    await clock.turn(200);
    expect(bodies()).toEqual([['registers']]);
    expect(asked.length).toBe(2);
  });
});

describe('a merged read that is refused', () => {
  const points = { a: { at: 0 }, b: { at: 4 }, c: { at: 5 }, d: { at: 6 }, e: { at: 7 } };
  const withoutRegister = (bad: number) => (job: Asked) =>
    job.request.start <= bad && bad < job.request.start + job.request.count ? exception(2) : words(job);

  it('is taken apart in the same cycle, and stays so', async () => {
    answer = withoutRegister(2);
    const { cycle } = start(points);
    await clock.turn(200);
    expect(spans()).toEqual(['0+8', '0+1', '4+4']);
    expect(bodies()).toEqual([['registers', 'registers']]);
    asked = [];
    await clock.turn(300);
    expect(spans()).toEqual(['4+4', '0+1']);
    expect(cycle.reads.length).toBe(2);
    expect(counters.splits).toBe(1);
  });

  it('costs only the one value that is not there, which is asked again now and then', async () => {
    answer = withoutRegister(6);
    start(points);
    await clock.turn(3_500);
    expect(bodies().map((cycle) => cycle.toSorted())).toEqual(
      Array.from({ length: 5 }, () => ['registers', 'registers', 'registers', 'unsupported 6+1']),
    );
    const before = asked.filter(({ request }) => request.start === 6 && request.count === 1).length;
    expect(before).toBe(1);
    await clock.turn(40_000);
    const later = asked.filter(({ request }) => request.start === 6 && request.count === 1).length;
    expect(later).toBe(2);
  });

  it('is also taken apart when the slave says nothing instead', async () => {
    answer = (job) => (job.request.start <= 300 && 300 < job.request.start + job.request.count ? timeout() : words(job));
    start({ a: { at: 0 }, b: { at: 299 }, c: { at: 300 }, d: { at: 301 } }, 0);
    await clock.turn(6_000);
    expect(bodies().at(-1)?.toSorted()).toEqual(['no-answer 300+1', 'registers', 'registers', 'registers']);
  });
});

describe('a value that means that the device does not have it', () => {
  const absent = { unsupported: [65_535] };

  it('is asked for once in 32 cycles, told as what it is in each, and read again when it has come', async () => {
    let isThere = false;
    answer = (job) => (job.request.start === 300 && !isThere ? { kind: 'words', words: [65_535] } : words(job));
    start({ a: { at: 1 }, b: { at: 300, ...absent } });
    await clock.turn(30_000);
    const count = () => asked.filter(({ request }) => request.start === 300).length;
    expect(count()).toBe(1);
    expect(new Set(bodies().map((each) => each.toSorted().join()))).toEqual(new Set(['registers,registers']));
    isThere = true;
    await clock.turn(10_000);
    expect(count()).toBeGreaterThan(5);
  });

  it('is read on while it is all that the device says: by it the device is known to be there', async () => {
    answer = () => ({ kind: 'words', words: [65_535] });
    const { slave } = start({ a: { at: 1, ...absent }, b: { at: 300, ...absent } });
    await clock.turn(30_000);
    expect(asked.length).toBeGreaterThan(29);
    expect(slave.state().failures).toBe(0);
    expect(clock.now() - (slave.state().heardAt ?? 0)).toBeLessThan(1_100);
  });
});

describe('a slave that says nothing', () => {
  const points = { a: { at: 0 }, b: { at: 100 }, c: { at: 200 }, d: { at: 300 } };

  it('is given up for the cycle, and every value is told as missing', async () => {
    answer = timeout;
    const { slave } = start(points);
    await clock.turn(200);
    // One retry for the first read, none for the second, and the others are not asked.
    expect(spans()).toEqual(['0+1', '0+1', '100+1']);
    expect(bodies()).toEqual([['no-answer 0+1', 'no-answer 100+1', 'no-answer 200+1', 'no-answer 300+1']]);
    expect(slave.state()).toEqual({ heardAt: null, failures: 1, breaker: 'closed', fault: 'no answer within 500 ms' });
    asked = [];
    await clock.turn(300);
    expect(asked.length).toBe(1);
  });

  it('is probed once per window after three cycles, and polled again when it answers', async () => {
    answer = timeout;
    const { slave } = start({ a: { at: 0 } });
    await clock.turn(1_500);
    expect(slave.state()).toMatchObject({ failures: 3, breaker: 'open' });
    asked = [];
    await clock.turn(60_000);
    // The windows double from 0.5 s to 10 s.
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThan(13);
    answer = words;
    await clock.turn(11_000);
    expect(slave.state()).toMatchObject({ failures: 0, breaker: 'closed' });
    asked = [];
    await clock.turn(5_000);
    expect(asked.length).toBe(5);
  });

  it('is found again though its first read stays deaf', async () => {
    answer = timeout;
    start(points, 0);
    await clock.turn(3_000);
    answer = (job) => (job.request.start === 0 ? timeout() : words(job));
    await clock.turn(40_000);
    expect(bodies().at(-1)?.toSorted()).toEqual(['no-answer 0+1', 'registers', 'registers', 'registers']);
  });

  it('is not blamed for a wire that is not there', async () => {
    answer = () => ({ kind: 'silent', why: 'unreachable', detail: 'refuses' });
    const { slave } = start(points);
    await clock.turn(10_000);
    expect(slave.state()).toMatchObject({ failures: 11, breaker: 'closed' });
    expect(counters.skipped_polls).toBe(0);
  });
});

describe('exceptions', () => {
  it.each([
    [1, 'unsupported'],
    [2, 'unsupported'],
    [3, 'unsupported'],
    [4, 'exception'],
    [5, 'exception'],
    [6, 'exception'],
    [8, 'exception'],
    [10, 'no-answer'],
    [11, 'no-answer'],
    [200, 'exception'],
  ])('code %i is %s', async (code, fault) => {
    answer = () => exception(code);
    start({ a: { at: 0 } });
    await clock.turn(200);
    expect(bodies()).toEqual([[`${fault} 0+1`]]);
  });

  it('a busy slave is left alone for longer and longer, and not counted as lost', async () => {
    answer = () => exception(6);
    const { slave } = start({ a: { at: 0 } });
    await clock.turn(30_000);
    expect(asked.length).toBeLessThan(8);
    expect(slave.state()).toMatchObject({ failures: 0, breaker: 'closed' });
  });

  it('a gateway that cannot reach its slave counts as the slave being silent', async () => {
    answer = () => exception(11);
    const { slave } = start({ a: { at: 0 } });
    await clock.turn(5_000);
    expect(slave.state()).toMatchObject({ breaker: 'open', fault: 'exception 11 (gateway target device failed to respond)' });
  });
});
