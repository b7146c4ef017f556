import { afterEach, expect, it } from 'vitest';
import type { PlainRequest } from '../../../gateway/collect/modbus/pdu.ts';
import { chanceFrom } from '../../../gateway/collect/poll/chance.ts';
import { ask, type Asker, judge, rtuAsker, tcpAsker, type Verdict } from './asking.ts';
import { type Fault, type FaultServer, faultServer, honest } from './fault-server.ts';
import * as faults from './faults.ts';

/**
 * Thousands of reads with faults thrown in by a seeded die. Every register holds a value made of its unit, function and
 * address, so that a value in the wrong place cannot pass for a right one.
 */

const seed = 'yihu 1';
const timeoutMs = 25;

let server: FaultServer | undefined;
let asker: Asker | undefined;

afterEach(async () => {
  await asker?.bus.stop();
  await server?.close();
});

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

/** One of the faults in `share` of all answers. */
function mixed(all: readonly Fault[], share: number): Fault {
  const chance = chanceFrom(seed);
  return (stage) => {
    const fault = chance() < share ? all[Math.floor(chance() * all.length)] : undefined;
    (fault ?? honest)(stage);
  };
}

function requests(): () => PlainRequest {
  const chance = chanceFrom(`${seed} requests`);
  const upTo = (most: number) => Math.floor(chance() * most);
  const functions = [1, 2, 3, 3, 3, 4] as const;
  return () => ({ unit: 1 + upTo(4), fn: functions[upTo(functions.length)] ?? 3, start: upTo(3_000), count: 2 + upTo(6) });
}

async function soak(reads: number, lanes: number): Promise<Map<Verdict, number>> {
  const verdicts = new Map<Verdict, number>();
  const next = requests();
  let left = reads;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const request = next();
      const verdict = judge(request, await ask(asker as Asker, request, timeoutMs));
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      // A wire that is down is asked again when its back-off may have passed.
      if (verdict === 'unreachable') await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return verdicts;
}

it.each([
  [1, 8_000, 0.03],
  // Nonsense costs all that is in flight, so fewer faults do the same harm.
  [16, 14_000, 0.008],
])('Modbus TCP, window %i: %i reads among faults, none of them wrong', { timeout: 60_000 }, async (window, reads, share) => {
  server = await faultServer('tcp', mixed([...common, ...tcpOnly], share));
  asker = tcpAsker(server.port, window);
  const verdicts = await soak(reads, window * 2);
  expect(verdicts.get('WRONG') ?? 0).toBe(0);
  expect(verdicts.get('right') ?? 0).toBeGreaterThan(reads * 0.5);
  expect((verdicts.get('timeout') ?? 0) + (verdicts.get('refused') ?? 0) + (verdicts.get('closed') ?? 0)).toBeGreaterThan(
    reads * 0.004,
  );
});

it('RTU over TCP: 2,100 reads among faults, none of them wrong', { timeout: 60_000 }, async () => {
  server = await faultServer('rtu', mixed([...common, ...rtuOnly], 0.05));
  asker = rtuAsker(server.port);
  const verdicts = await soak(2_100, 4);
  expect(verdicts.get('WRONG') ?? 0).toBe(0);
  expect(verdicts.get('right') ?? 0).toBeGreaterThan(2_100 * 0.5);
  expect((verdicts.get('timeout') ?? 0) + (verdicts.get('refused') ?? 0) + (verdicts.get('closed') ?? 0)).toBeGreaterThan(50);
});
