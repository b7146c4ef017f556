import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { LineBus } from '../../../gateway/collect/line/bus.ts';
import type { PlainRequest } from '../../../gateway/collect/modbus/pdu.ts';
import { chanceFrom } from '../../../gateway/collect/poll/chance.ts';
import { newCounters } from '../../../gateway/collect/poll/counters.ts';
import { serialRoute } from '../../../gateway/collect/wire/serial.ts';
import { cable, serialSlave } from '../line/pty.ts';
import { describeWith } from '../../needs.ts';
import { ask, type Asker, judge, lineAsker, rtuAsker, tcpAsker, type Verdict } from './asking.ts';
import { type Fault, faultServer, honest } from './fault-server.ts';
import * as faults from './faults.ts';

/**
 * A hundred thousand reads with faults thrown in by a seeded die, as fast as the wires allow: many devices or lines at
 * once, because most of a fault is waiting. Every register holds a value made of its unit, function and address, so that
 * a value in the wrong place cannot pass for a right one. `YIHU_SOAK=10` makes it ten times as many.
 */

const times = Number(process.env['YIHU_SOAK'] ?? 1);
const patience = { timeout: 120_000 * times };
const seed = 'yihu 1';
const timeoutMs = 25;

const common: Fault[] = [
  faults.silent,
  faults.late(timeoutMs + 15),
  faults.late(timeoutMs * 2),
  faults.exception(2),
  faults.exceptionOfOtherFunction,
  faults.wrongUnit,
  faults.wrongFunction,
  faults.fewer,
  faults.more,
  faults.byteCount(2),
  faults.byteCount(200),
  faults.truncated,
  faults.garbage('ffffff'),
  faults.twice,
  faults.fragments,
  faults.reset,
  faults.finish,
];
const tcpOnly: Fault[] = [
  faults.protocolId,
  faults.mbapLength(0),
  faults.mbapLength(1),
  faults.mbapLength(65_535),
  faults.unasked,
  faults.late(timeoutMs * 8),
];
const rtuOnly: Fault[] = [
  faults.noise('00ffab'),
  faults.looksLikeHeader,
  faults.echo,
  faults.bitFlip(2),
  faults.bitFlip(5),
  faults.late(timeoutMs + 165),
  faults.late(timeoutMs + 400),
];
/** A serial port has no connection to be reset. */
const ptyFaults = [...common.filter((fault) => fault !== faults.reset && fault !== faults.finish), ...rtuOnly];

/** One of the faults in `share` of all answers. */
function mixed(all: readonly Fault[], share: number, own: string): Fault {
  const chance = chanceFrom(`${seed} ${own}`);
  return (stage) => {
    const fault = chance() < share ? all[Math.floor(chance() * all.length)] : undefined;
    (fault ?? honest)(stage);
  };
}

function requests(own: string): () => PlainRequest {
  const chance = chanceFrom(`${seed} requests ${own}`);
  const upTo = (most: number) => Math.floor(chance() * most);
  const functions = [1, 2, 3, 3, 3, 4] as const;
  return () => ({ unit: 1 + upTo(4), fn: functions[upTo(functions.length)] ?? 3, start: upTo(3_000), count: 2 + upTo(6) });
}

type Verdicts = Map<Verdict, number>;

/** Asks one peer `reads` times, `lanes` of them at once. */
async function soak(asker: Asker, reads: number, lanes: number, own: string, verdicts: Verdicts): Promise<void> {
  const next = requests(own);
  let left = reads;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const request = next();
      const verdict = judge(request, await ask(asker, request, timeoutMs));
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      // A wire that is down is asked again when its back-off may have passed.
      if (verdict === 'unreachable') await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function expectNoneWrong(verdicts: Verdicts, reads: number): void {
  const of = (...all: Verdict[]) => all.reduce((sum, verdict) => sum + (verdicts.get(verdict) ?? 0), 0);
  expect(of('WRONG')).toBe(0);
  expect([...verdicts.values()].reduce((sum, count) => sum + count, 0)).toBe(reads);
  expect(of('right')).toBeGreaterThan(reads * 0.5);
  // The faults were there.
  expect(of('timeout', 'refused', 'closed')).toBeGreaterThan(reads * 0.003);
}

it.each([
  [1, 6, 5_000, 0.03],
  // Nonsense costs all that is in flight, so fewer faults do the same harm.
  [16, 4, 10_000, 0.008],
])(
  'Modbus TCP, window %i: %i devices of %i reads among faults, none of them wrong',
  patience,
  async (window, devices, reads, share) => {
    const verdicts: Verdicts = new Map();
    const one = async (index: number) => {
      const own = `tcp ${window} ${index}`;
      const server = await faultServer('tcp', mixed([...common, ...tcpOnly], share, own));
      const asker = tcpAsker(server.port, window);
      await soak(asker, reads * times, window * 2, own, verdicts);
      await asker.bus.stop();
      await server.close();
    };
    await Promise.all(Array.from({ length: devices }, (_, i) => one(i)));
    expectNoneWrong(verdicts, devices * reads * times);
  },
);

it('RTU over TCP: 10 lines of 1,500 reads among faults, none of them wrong', patience, async () => {
  const verdicts: Verdicts = new Map();
  const one = async (index: number) => {
    const own = `rtu ${index}`;
    const server = await faultServer('rtu', mixed([...common, ...rtuOnly], 0.015, own));
    const asker = rtuAsker(server.port);
    await soak(asker, 1_500 * times, 4, own, verdicts);
    await asker.bus.stop();
    await server.close();
  };
  await Promise.all(Array.from({ length: 10 }, (_, i) => one(i)));
  expectNoneWrong(verdicts, 15_000 * times);
});

describeWith(['socat'], 'serial lines', () => {
  it('8 of them, 1,875 reads on each among faults, none of them wrong', patience, async () => {
    const verdicts: Verdicts = new Map();
    const shape = { baud: 115_200, parity: 'none', stopBits: 1 } as const;
    const one = async (index: number) => {
      const own = `pty ${index}`;
      const line = await cable();
      onTestFinished(() => line.remove());
      const far = await serialSlave(line.theirs, mixed(ptyFaults, 0.015, own));
      const counters = newCounters();
      const options = { clock: systemClock, chance: chanceFrom(own), counters, shape, turnaroundMs: 20, isRemote: false };
      const asker = lineAsker(new LineBus({ ...options, routes: [serialRoute(line.ours, shape)] }), counters);
      await soak(asker, 1_875 * times, 4, own, verdicts);
      await asker.bus.stop();
      await far.close();
    };
    await Promise.all(Array.from({ length: 8 }, (_, i) => one(i)));
    expectNoneWrong(verdicts, 15_000 * times);
  });
});
