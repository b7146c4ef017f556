import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Clock } from '../../clock.ts';
import type { Ask } from '../line/dialect.ts';
import { openLine } from '../line/open.ts';
import type { LinePort } from '../line/settings.ts';
import { chanceFrom } from '../poll/chance.ts';
import { newCounters } from '../poll/counters.ts';
import type { Bus, Outcome, Problem } from '../poll/outcome.ts';
import { asciiAsk } from './ascii.ts';
import { exceptionName } from './exceptions.ts';
import { Hosts } from './hosts.ts';
import type { IdentifiedObject } from './identification.ts';
import { type Answer, assertRequest, isWrite, readRequest, type Request } from './pdu.ts';
import { rtuAsk } from './rtu.ts';
import type { ModbusPort } from './settings.ts';
import { tcpAsk } from './tcp-bus.ts';

export { exceptionText } from './exceptions.ts';

/** Where somebody is asked by hand: a port section of a site file, after its schema. */
export type Target =
  | { readonly driver: 'modbus'; readonly port: ModbusPort }
  | { readonly driver: 'line'; readonly port: LinePort; readonly framing?: 'rtu' | 'ascii' };

export interface AskOptions {
  readonly target: Target;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Certificate files count from here. Default: the working folder. */
  readonly folder?: string;
}

export interface ReadOptions extends AskOptions {
  readonly unit: number;
  readonly table: Table;
  /** Zero-based. */
  readonly at: number;
  /** 1…125 registers or 1…2000 bits. */
  readonly count: number;
}

type Failed = { readonly exception: number; readonly name: string } | { readonly unreachable: Problem };

export type ReadResult = { readonly words: number[] } | { readonly bits: boolean[] } | Failed;

/** A slave's account of itself. */
export type IdentifyResult = { readonly conformity: number; readonly objects: readonly IdentifiedObject[] } | Failed;

/** A wire of its own for some questions by hand; without retries. */
export class Questioner {
  readonly #ask: (request: Request, timeoutMs: number) => Promise<Outcome>;
  readonly #problem: () => Problem | undefined;
  readonly #timeoutMs: number;
  readonly #isLine: boolean;
  readonly stop: () => Promise<void>;

  constructor({ target, timeoutMs, clock, folder = '.' }: AskOptions) {
    const common = { clock, chance: chanceFrom(`by hand ${clock.now()}`), counters: newCounters() };
    this.#timeoutMs = timeoutMs;
    this.#isLine = target.driver === 'line';
    if (target.driver === 'line') {
      const line = openLine({ ...common, port: target.port });
      const put = target.framing === 'ascii' ? asciiAsk : rtuAsk;
      this.#ask = (request, ms) => once<Ask>(line.bus, put(request), request.unit, ms);
      this.#problem = () => line.bus.problem();
      this.stop = () => line.stop();
    } else {
      const hosts = new Hosts({ ...common, port: target.port, folder });
      const bus = hosts.of({ unit: 0 });
      this.#ask = (request, ms) => once(bus, tcpAsk(request), request.unit, ms);
      this.#problem = () => bus.problem();
      this.stop = () => hosts.stop();
    }
  }

  /** The answer, undefined to a broadcast. Throws a RangeError for what Modbus cannot ask. */
  async ask(request: Request): Promise<Answer | undefined | { readonly unreachable: Problem }> {
    assertRequest(request);
    if (request.unit === 0 && this.#isLine && !isWrite(request))
      throw new RangeError('unit 0 is the broadcast: nobody answers it');
    const outcome = await this.#ask(request, this.#timeoutMs);
    if (outcome.kind === 'answer') return outcome.answer as Answer | undefined;
    return { unreachable: this.#problem() ?? quiet(outcome.detail) };
  }
}

function once<A>(bus: Bus<A>, ask: A, unit: number, timeoutMs: number): Promise<Outcome> {
  return new Promise((done) => bus.submit({ ask, party: { key: `modbus:${unit}`, timeoutMs }, done }));
}

/** One read over a wire of its own, for the installer. Throws a RangeError for what Modbus cannot ask. */
export async function readOnce(options: ReadOptions): Promise<ReadResult> {
  const questioner = new Questioner(options);
  try {
    return await readWith(questioner, options);
  } finally {
    await questioner.stop();
  }
}

/** The same read over one wire again and again, `everyMs` after the answer before, until the signal. */
export async function* readAgain(
  options: ReadOptions & { readonly everyMs: number; readonly signal: AbortSignal },
): AsyncGenerator<ReadResult> {
  const { clock, everyMs, signal } = options;
  const questioner = new Questioner(options);
  try {
    while (!signal.aborted) {
      yield await readWith(questioner, options);
      await pause(clock, everyMs, signal);
    }
  } finally {
    await questioner.stop();
  }
}

async function readWith(questioner: Questioner, { unit, table, at, count }: ReadOptions): Promise<ReadResult> {
  const said = await questioner.ask(readRequest(unit, table, at, count));
  if (said !== undefined && 'kind' in said && (said.kind === 'words' || said.kind === 'bits'))
    return said.kind === 'words' ? { words: said.words } : { bits: said.bits };
  return failedOf(said);
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = clock.after(ms, resolve);
    signal.addEventListener('abort', () => (timer.cancel(), resolve()), { once: true });
  });
}

/** Objects that one identification may come to: ids are bytes. */
const mostObjects = 256;

/** All that a slave says of itself (function 43, MEI 14), followed while it says that there is more. */
export async function identifyOnce(
  options: AskOptions & { readonly unit: number; readonly code?: 1 | 2 | 3 },
): Promise<IdentifyResult> {
  const questioner = new Questioner(options);
  try {
    const objects: IdentifiedObject[] = [];
    for (let object: number | undefined = 0; ;) {
      const said = await questioner.ask({ unit: options.unit, fn: 43, code: options.code ?? 2, object });
      if (said === undefined || !('kind' in said) || said.kind !== 'identification') return failedOf(said);
      objects.push(...said.objects);
      object = said.next;
      if (object === undefined || objects.length >= mostObjects) return { conformity: said.conformity, objects };
    }
  } finally {
    await questioner.stop();
  }
}

function failedOf(said: Answer | undefined | { readonly unreachable: Problem }): Failed {
  if (said === undefined) throw new Error('a read was taken for a broadcast');
  if ('unreachable' in said) return said;
  if (said.kind === 'exception') return { exception: said.code, name: exceptionName(said.code) };
  throw new Error(`a read was answered with ${said.kind}`);
}

function quiet(detail: string): Problem {
  return {
    zh: '没有应答。请核对从站地址、波特率、校验位和接线（A/B 是否接反）。',
    en: `No usable answer (${detail}). Check unit id, baud rate, parity and wiring (A and B may be swapped).`,
  };
}
