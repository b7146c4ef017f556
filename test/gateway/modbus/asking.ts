import type { Clock } from '../../../gateway/clock.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { chanceFrom } from '../../../gateway/collect/modbus/chance.ts';
import { type Counters, newCounters } from '../../../gateway/collect/modbus/counters.ts';
import { remoteLine } from '../../../gateway/collect/modbus/line-time.ts';
import type { Bus, Outcome } from '../../../gateway/collect/modbus/outcome.ts';
import type { Request } from '../../../gateway/collect/modbus/pdu.ts';
import { RtuBus } from '../../../gateway/collect/modbus/rtu-bus.ts';
import { Sweeper } from '../../../gateway/collect/modbus/sweeper.ts';
import { TcpBus } from '../../../gateway/collect/modbus/tcp-bus.ts';
import { dialTcp } from '../../../gateway/collect/modbus/wire.ts';
import { bitOf, valueOf } from './fault-server.ts';

/** Our end of the wire, as tests drive it. */

export interface Asker {
  readonly bus: Bus;
  readonly counters: Counters;
}

export function tcpAsker(port: number, window = 1, clock: Clock = systemClock): Asker {
  const counters = newCounters();
  const options = { dial: dialTcp('127.0.0.1', port, clock), clock, chance: chanceFrom('test'), counters };
  return { bus: new TcpBus({ ...options, sweeper: new Sweeper(clock), window }), counters };
}

export function rtuAsker(port: number, clock: Clock = systemClock): Asker {
  const counters = newCounters();
  const options = { dial: dialTcp('127.0.0.1', port, clock), clock, chance: chanceFrom('test'), counters };
  return { bus: new RtuBus({ ...options, line: remoteLine, turnaroundMs: 20, isRemote: true }), counters };
}

export function ask({ bus }: Asker, request: Request, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => bus.submit({ request, timeoutMs, done: resolve }));
}

export function holding(start: number, count = 4, unit = 1): Request {
  return { unit, fn: 3, start, count };
}

export function rightWords({ unit, fn, start, count }: Request): number[] {
  return Array.from({ length: count }, (_, i) => valueOf(unit, fn, start + i));
}

export function rightBits({ unit, fn, start, count }: Request): boolean[] {
  return Array.from({ length: count }, (_, i) => bitOf(unit, fn, start + i));
}

export type Verdict = 'right' | 'WRONG' | 'exception' | 'timeout' | 'refused' | 'closed' | 'unreachable' | 'stopped';

/** What an outcome is worth: good data must be that of the registers asked for, and of no others. */
export function judge(request: Request, outcome: Outcome): Verdict {
  if (outcome.kind === 'silent') return outcome.why;
  if (outcome.kind === 'exception') return 'exception';
  if (outcome.kind === 'written') return request.fn > 4 ? 'right' : 'WRONG';
  const got = outcome.kind === 'words' ? outcome.words : outcome.bits;
  const right = request.fn <= 2 ? rightBits(request) : rightWords(request);
  return JSON.stringify(got) === JSON.stringify(right) ? 'right' : 'WRONG';
}

/** Long enough for an answer that comes, on a machine that is busy with other tests. */
const patientMs = 3_000;
/** For an answer that does not come. */
const impatientMs = 150;

/** Asks one after the other and judges each answer. */
export async function judgeAll(asker: Asker, requests: readonly Request[], timeoutMs = patientMs): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const request of requests) verdicts.push(judge(request, await ask(asker, request, timeoutMs)));
  return verdicts;
}

/** Asks one after the other, waiting long only for those that are to be answered. */
export async function judgeExpecting(
  asker: Asker,
  requests: readonly Request[],
  expected: readonly Verdict[],
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [i, request] of requests.entries()) {
    const isSilent = expected[i] === 'timeout' || expected[i] === 'refused';
    verdicts.push(judge(request, await ask(asker, request, isSilent ? impatientMs : patientMs)));
  }
  return verdicts;
}
