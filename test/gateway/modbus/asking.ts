import type { Clock } from '../../../gateway/clock.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { LineBus } from '../../../gateway/collect/line/bus.ts';
import { type Answer, isWrite, type PlainRequest, type Request } from '../../../gateway/collect/modbus/pdu.ts';
import { asciiAsk } from '../../../gateway/collect/modbus/ascii.ts';
import { rtuAsk } from '../../../gateway/collect/modbus/rtu.ts';
import { Sweeper } from '../../../gateway/collect/modbus/sweeper.ts';
import { TcpBus, tcpAsk } from '../../../gateway/collect/modbus/tcp-bus.ts';
import { chanceFrom } from '../../../gateway/collect/poll/chance.ts';
import { type Counters, newCounters } from '../../../gateway/collect/poll/counters.ts';
import type { Job, Outcome, Problem, Silence } from '../../../gateway/collect/poll/outcome.ts';
import { tcpRoute } from '../../../gateway/collect/wire/tcp.ts';
import type { Route } from '../../../gateway/collect/wire/wire.ts';
import { bitOf, valueOf } from './fault-server.ts';

/** Our end of the wire, as tests drive it. */

/** What a request came to: the answer, or why there is none. */
export type Heard =
  | (Answer & { readonly at: number })
  | { readonly kind: 'silent'; readonly why: Silence; readonly detail: string };

interface Bus {
  wire(): 'up' | 'connecting' | 'down';
  problem(): Problem | undefined;
  note(): Problem | undefined;
  stop(): Promise<void>;
}

export interface Asker {
  readonly bus: Bus;
  readonly counters: Counters;
  readonly submit: (request: Request, more: Omit<Job<unknown>, 'ask'>) => void;
}

export function tcpAsker(port: number, window = 1, clock: Clock = systemClock, fallback?: number): Asker {
  const counters = newCounters();
  const routes = [
    tcpRoute('127.0.0.1', port, clock),
    fallback === undefined ? undefined : tcpRoute('127.0.0.1', fallback, clock),
  ] as const;
  const options = { routes, fallBackAfter: 3, clock, chance: chanceFrom('test'), counters };
  const bus = new TcpBus({ ...options, sweeper: new Sweeper(clock), window });
  return { bus, counters, submit: (request, more) => bus.submit({ ...more, ask: tcpAsk(request) }) };
}

export function lineAsker(bus: LineBus, counters: Counters, framing: 'rtu' | 'ascii' = 'rtu'): Asker {
  const put = framing === 'rtu' ? rtuAsk : asciiAsk;
  return { bus, counters, submit: (request, more) => bus.submit({ ...more, ask: put(request) }) };
}

function remoteLineBus(route: Route, counters: Counters, clock: Clock = systemClock): LineBus {
  return new LineBus({ routes: [route], clock, chance: chanceFrom('test'), counters, turnaroundMs: 20, isRemote: true });
}

export function rtuAsker(port: number, clock: Clock = systemClock, framing: 'rtu' | 'ascii' = 'rtu'): Asker {
  const counters = newCounters();
  return lineAsker(remoteLineBus(tcpRoute('127.0.0.1', port, clock), counters, clock), counters, framing);
}

export function ask(asker: Asker, request: Request, timeoutMs: number, more: { urgent?: boolean } = {}): Promise<Heard> {
  return new Promise((resolve) => {
    const party = { key: `modbus:${request.unit}`, timeoutMs };
    asker.submit(request, { ...more, party, done: (outcome) => resolve(heardOf(outcome)) });
  });
}

/** A broadcast's answer is undefined: it was written. */
export function heardOf(outcome: Outcome): Heard {
  if (outcome.kind === 'silent') return outcome;
  return { ...((outcome.answer as Answer | undefined) ?? { kind: 'written' as const }), at: outcome.at };
}

export function holding(start: number, count = 4, unit = 1): PlainRequest {
  return { unit, fn: 3, start, count };
}

export function rightWords({ unit, fn, start, count }: PlainRequest): number[] {
  return Array.from({ length: count }, (_, i) => valueOf(unit, fn, start + i));
}

function rightBits({ unit, fn, start, count }: PlainRequest): boolean[] {
  return Array.from({ length: count }, (_, i) => bitOf(unit, fn, start + i));
}

export type Verdict = 'right' | 'WRONG' | 'exception' | Silence;

/** What an outcome is worth: good data must be that of the registers asked for, and of no others. */
export function judge(request: PlainRequest, outcome: Heard): Verdict {
  if (outcome.kind === 'silent') return outcome.why;
  if (outcome.kind === 'exception') return 'exception';
  if (outcome.kind === 'written') return isWrite(request) ? 'right' : 'WRONG';
  if (outcome.kind === 'identification') return 'WRONG';
  const got = outcome.kind === 'words' ? outcome.words : outcome.bits;
  const right = request.fn <= 2 ? rightBits(request) : rightWords(request);
  return JSON.stringify(got) === JSON.stringify(right) ? 'right' : 'WRONG';
}

/** Long enough for an answer that comes, on a machine that is busy with other tests. */
const patientMs = 3_000;
/** For an answer that does not come. */
const impatientMs = 150;

/** Asks one after the other and judges each answer. */
export async function judgeAll(asker: Asker, requests: readonly PlainRequest[], timeoutMs = patientMs): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const request of requests) verdicts.push(judge(request, await ask(asker, request, timeoutMs)));
  return verdicts;
}

/** Asks one after the other, waiting long only for those that are to be answered. */
export async function judgeExpecting(
  asker: Asker,
  requests: readonly PlainRequest[],
  expected: readonly Verdict[],
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [i, request] of requests.entries()) {
    const isSilent = expected[i] === 'timeout' || expected[i] === 'refused';
    verdicts.push(judge(request, await ask(asker, request, isSilent ? impatientMs : patientMs)));
  }
  return verdicts;
}
