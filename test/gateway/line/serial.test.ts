import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { LineBus } from '../../../gateway/collect/line/bus.ts';
import type { SerialShape } from '../../../gateway/collect/line/dialect.ts';
import { LinePort } from '../../../gateway/collect/line/settings.ts';
import { readOnce } from '../../../gateway/collect/modbus/read.ts';
import { rtuAsk } from '../../../gateway/collect/modbus/rtu.ts';
import { chanceFrom } from '../../../gateway/collect/poll/chance.ts';
import { newCounters } from '../../../gateway/collect/poll/counters.ts';
import { serialRoute } from '../../../gateway/collect/wire/serial.ts';
import { describeWith } from '../../needs.ts';
import {
  ask,
  type Asker,
  type Heard,
  heardOf,
  holding,
  judge,
  judgeAll,
  judgeExpecting,
  lineAsker,
  rightWords,
  type Verdict,
} from '../modbus/asking.ts';
import { type Fault, honest } from '../modbus/fault-server.ts';
import * as faults from '../modbus/faults.ts';
import { cable, type Cable, serialSlave, type SerialSlave } from './pty.ts';

/** The fault rows of the serial line through real serial ports, joined by a cable of socat. */

let line: Cable;
let far: SerialSlave;
let asker: Asker;

const shape: SerialShape = { baud: 115_200, parity: 'none', stopBits: 1 };

function serialAsker(path: string): Asker {
  const counters = newCounters();
  const options = { clock: systemClock, chance: chanceFrom('test'), counters, shape, turnaroundMs: 20, isRemote: false };
  return lineAsker(new LineBus({ ...options, routes: [serialRoute(path, shape)] }), counters);
}

beforeEach(async () => {
  line = await cable();
  far = await serialSlave(line.theirs);
  asker = serialAsker(line.ours);
});

afterEach(async () => {
  await asker.bus.stop();
  await far.close();
  await line.remove();
});

const reads = [holding(100), holding(200), holding(300), holding(400)];

describeWith(['socat'], 'a serial line', () => {
  it.each<[string, Fault, Verdict]>([
    ['a late answer', faults.late(220), 'timeout'],
    ['no answer', faults.silent, 'timeout'],
    ['the wrong unit', faults.wrongUnit, 'refused'],
    ['the wrong function', faults.wrongFunction, 'refused'],
    ['an exception for another function', faults.exceptionOfOtherFunction, 'refused'],
    ['fewer registers than asked', faults.fewer, 'refused'],
    ['more registers than asked', faults.more, 'refused'],
    ['a byte count of 2 instead of 8', faults.byteCount(2), 'refused'],
    ['a byte count of 200', faults.byteCount(200), 'refused'],
    ['a truncated answer', faults.truncated, 'refused'],
    ['a bit flipped in the byte count', faults.bitFlip(2), 'refused'],
    ['a bit flipped in the data', faults.bitFlip(4), 'refused'],
    ['a bit flipped in the CRC', faults.bitFlip(11), 'refused'],
    ['garbage', faults.garbage('00ff1020'), 'refused'],
    ['every byte on its own', faults.fragments, 'right'],
    ['noise before the answer', faults.noise('00ffab'), 'right'],
    ['noise that looks like unit and function', faults.looksLikeHeader, 'right'],
    ['an echo of the request', faults.echo, 'right'],
    ['the answer twice', faults.twice, 'right'],
    ['an exception', faults.exception(6), 'exception'],
  ])('%s', async (_, fault, verdict) => {
    far.fault = faults.only(1, fault);
    const expected: Verdict[] = ['right', verdict, 'right', 'right'];
    expect(await judgeExpecting(asker, reads, expected)).toEqual(expected);
    far.fault = fault;
    expect(await judgeAll(asker, reads, 80)).not.toContain('WRONG');
    far.fault = honest;
    await expect.poll(() => judgeAll(asker, [holding(7)]), { interval: 50 }).toEqual(['right']);
  });

  it.each<[string, number[]]>([
    ['one slave', [1, 1, 1]],
    ['three slaves', [1, 2, 3]],
  ])('three requests at once to %s: one after the other, each its own answer', async (_, units) => {
    let onLine = 0;
    let most = 0;
    far.fault = ({ send, good }) => {
      most = Math.max(most, (onLine += 1));
      setTimeout(() => {
        onLine -= 1;
        send(good);
      }, 5);
    };
    const requests = units.map((unit, i) => holding(100 * (i + 1), 4, unit));
    const outcomes = await Promise.all(requests.map((request) => ask(asker, request, 3_000)));
    expect(outcomes.map((outcome, i) => judge(requests[i] ?? holding(0), outcome))).toEqual(['right', 'right', 'right']);
    expect(most).toBe(1);
  });

  it('an answer after its time-out is taken for no other: of other registers, of another count, of another slave', async () => {
    for (const next of [holding(200), holding(100, 7), holding(100, 4, 2)]) {
      far.fault = faults.only(far.seen.length, faults.late(70));
      const outcomes = await Promise.all([ask(asker, holding(100), 30), ask(asker, next, 3_000)]);
      expect(judge(holding(100), outcomes[0])).toBe('timeout');
      expect(judge(next, outcomes[1])).toBe('right');
    }
  });

  it('the second copy of an answer that comes when the next request is out is not taken for its answer', async () => {
    far.fault = faults.copyAfterNextRequest(1);
    expect(await judgeAll(asker, [...reads, ...reads])).toEqual([...reads, ...reads].map(() => 'right'));
  });

  it('a broadcast is sent, waited for and answered by nobody', async () => {
    far.fault = ({ asked, send, good }) => asked.unit !== 0 && send(good);
    expect(await ask(asker, { unit: 0, fn: 6, start: 1, count: 1, values: [2] }, 5_000)).toMatchObject({ kind: 'written' });
    expect(await judgeAll(asker, [holding(1)])).toEqual(['right']);
    expect(asker.counters.timeouts).toBe(0);
  });

  it('ends what is in flight when the adapter is pulled out, and is well again when it is back', async () => {
    expect(await judgeAll(asker, [holding(1)])).toEqual(['right']);
    far.fault = faults.silent;
    const waiting = ask(asker, holding(2), 60_000);
    await expect.poll(() => far.seen.length).toBe(2);
    await line.unplug();
    expect(await waiting).toMatchObject({ kind: 'silent', why: 'closed' });
    await far.close();
    await expect.poll(() => judgeAll(asker, [holding(3)])).toEqual(['unreachable']);
    expect(asker.bus.problem()?.zh).toContain(line.ours);
    await line.plug();
    far = await serialSlave(line.theirs);
    await expect.poll(() => judgeAll(asker, [holding(4)]), { timeout: 10_000, interval: 50 }).toEqual(['right']);
  });

  it('leaves the port free for the next one when it stops', async () => {
    const port = LinePort.parse({ mode: 'serial', path: line.ours, baud: 115_200 });
    const target = { driver: 'line', port } as const;
    await asker.bus.stop();
    for (let i = 0; i < 5; i += 1) {
      const read = { target, unit: 1, table: 'holding', at: i, count: 2, timeoutMs: 3_000, clock: systemClock } as const;
      expect(await readOnce(read)).toEqual({ words: rightWords(holding(i, 2)) });
    }
  });

  it('is closed and opened with other parameters between the questions to slaves of several kinds', async () => {
    const counters = newCounters();
    const options = { clock: systemClock, chance: chanceFrom('test'), counters, shape, turnaroundMs: 20, isRemote: false };
    await asker.bus.stop();
    const bus = new LineBus({ ...options, routes: [serialRoute(line.ours, shape)] });
    asker = lineAsker(bus, counters);
    const shapes: SerialShape[] = [
      shape,
      { baud: 2_400, parity: 'even', stopBits: 1 },
      { baud: 9_600, parity: 'none', stopBits: 2 },
    ];
    const verdicts: Verdict[] = [];
    for (let i = 0; i < 12; i += 1) {
      const request = holding(i * 10, 4, 1 + (i % 3));
      const own = shapes[i % 3];
      const heard = await new Promise<Heard>((done) =>
        bus.submit({
          ask: rtuAsk(request),
          party: { key: `modbus:${request.unit}`, timeoutMs: 3_000, shape: own },
          done: (outcome) => done(heardOf(outcome)),
        }),
      );
      verdicts.push(judge(request, heard));
    }
    expect(verdicts).toEqual(Array.from({ length: 12 }, () => 'right'));
    expect(counters).toMatchObject({ retunes: 11, connects: 1, timeouts: 0 });
  });

  it('says which port is missing', async () => {
    await asker.bus.stop();
    await line.unplug();
    asker = serialAsker('/dev/ttyYihuNone');
    expect(await judgeAll(asker, [holding(1)])).toEqual(['unreachable']);
    expect(asker.bus.problem()?.en).toContain('There is no serial port /dev/ttyYihuNone');
  });
});
