import type { Clock } from '../clock.ts';
import type { SerialShape } from '../collect/line/dialect.ts';
import { serialLine } from '../collect/line/line-time.ts';
import { openLine } from '../collect/line/open.ts';
import { chanceFrom } from '../collect/poll/chance.ts';
import { newCounters } from '../collect/poll/counters.ts';
import { ExchangeLog } from '../collect/poll/exchange-log.ts';
import type { Bus, Outcome, Problem } from '../collect/poll/outcome.ts';
import type { Ask } from '../collect/line/dialect.ts';
import { type LinePlace, linePort } from './line-place.ts';
import { type LineWire, lineWires, type Question, questionsFor, type Slave, usualShapes } from './line-questions.ts';
import { listenToLine } from './listen-line.ts';

export interface LineScan {
  readonly place: LinePlace;
  /** Serial parameters to try, in this order. Default: `usualShapes`; behind a serial server only the server knows them. */
  readonly shapes?: readonly SerialShape[];
  /** Default: all. */
  readonly wires?: readonly LineWire[];
  /** Modbus addresses. Default: 1…32. */
  readonly units?: { readonly from: number; readonly to: number };
  /** How long a Modbus slave may think, milliseconds. */
  readonly modbusMs?: number;
  /** How long nobody may be heard before anything is asked; 0: whoever else talks is talked over. */
  readonly listenMs?: number;
  /** Try the other parameters also when devices were found with one. */
  readonly isThorough?: boolean;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export type LineScanEvent =
  /** What is going to be asked, and how long that takes when nobody answers. */
  | { readonly kind: 'plan'; readonly questions: number; readonly shapes: number; readonly atMostMs: number }
  | {
      readonly kind: 'asking';
      readonly name: string;
      readonly shape: SerialShape | null;
      readonly done: number;
      readonly of: number;
    }
  | { readonly kind: 'found'; readonly slave: Slave; readonly shape: SerialShape | null; readonly tookMs: number }
  /** Something came that is no frame: other parameters, or several meters that answer at once. */
  | { readonly kind: 'noise'; readonly name: string; readonly shape: SerialShape | null; readonly heard: string }
  /** Somebody else asks on this line; nothing was sent. */
  | { readonly kind: 'occupied'; readonly bytes: Uint8Array }
  | { readonly kind: 'unreachable'; readonly problem: Problem }
  | { readonly kind: 'done'; readonly found: number; readonly wasStopped: boolean };

/** How long the line stays quiet after a question that nobody answered. */
const quarantineMs = 150;
/** Pollers ask at least once in a second. */
export const usualListenMs = 1_200;

/**
 * 扫描总线: listens first and says nothing where others talk, then asks each question with each set of parameters until
 * somebody answers; from then on with that set alone. Yields what it does as it happens; stops between two questions when `signal` aborts.
 */
export async function* scanLine(options: LineScan): AsyncGenerator<LineScanEvent> {
  const { place, clock, signal, listenMs = usualListenMs } = options;
  const shapes = 'path' in place ? (options.shapes ?? usualShapes) : [null];
  const questions = questionsFor(options.wires ?? lineWires, options.units ?? { from: 1, to: 32 }, options.modbusMs);
  yield { kind: 'plan', questions: questions.length, shapes: shapes.length, atMostMs: listenMs + atMost(questions, shapes) };
  if (listenMs > 0) {
    const first = shapes[0] ?? usualShapes[0];
    if (first === undefined) return;
    const heard = await listenToLine({ place, shape: first, ms: listenMs, clock, ...(signal && { signal }) });
    if ('unreachable' in heard) return yield { kind: 'unreachable', problem: heard.unreachable };
    if (heard.bytes.length > 0) return yield { kind: 'occupied', bytes: heard.bytes };
  }
  yield* askAll(options, questions, shapes);
}

/** Milliseconds that it takes when nobody answers. Pure. */
export function atMost(questions: readonly Question[], shapes: readonly (SerialShape | null)[]): number {
  return shapes
    .flatMap((shape) => {
      const line = shape && serialLine(shape);
      return questions.map(({ ask, timeoutMs }) => timeoutMs + quarantineMs + (line?.bytesMs(ask.send.length) ?? 0));
    })
    .reduce((sum, ms) => sum + ms, 0);
}

async function* askAll(
  options: LineScan,
  questions: readonly Question[],
  shapes: readonly (SerialShape | null)[],
): AsyncGenerator<LineScanEvent> {
  const { place, clock, signal, isThorough = false } = options;
  const line = openLine({ port: linePort(place), clock, chance: chanceFrom(`scan ${clock.now()}`), counters: newCounters() });
  const of = questions.length * shapes.length;
  const hits = new Set<SerialShape | null>();
  let [done, found] = [0, 0];
  try {
    for (const round of roundsOf(questions, shapes)) {
      // A line has one set of parameters; few have two.
      if (!isThorough && hits.size > 0 && !hits.has(round.shape)) continue;
      for (const question of round.questions) {
        if (signal?.aborted === true) return yield { kind: 'done', found, wasStopped: true };
        yield { kind: 'asking', name: question.name, shape: round.shape, done, of };
        const event = await ask(line.bus, question, round.shape, clock);
        done += 1;
        if (event?.kind === 'unreachable') return yield event;
        if (event?.kind === 'found') {
          found += 1;
          hits.add(round.shape);
        }
        if (event) yield event;
      }
    }
  } finally {
    await line.stop();
  }
  yield { kind: 'done', found, wasStopped: false };
}

interface Round {
  readonly shape: SerialShape | null;
  readonly questions: readonly Question[];
}

/** With every set of parameters first what most devices answer, then the rest: the right set is known soon, whichever it is. */
function roundsOf(questions: readonly Question[], shapes: readonly (SerialShape | null)[]): Round[] {
  // Where there is one set alone, addresses go before the meters, which are waited for longer.
  if (shapes.length === 1) return shapes.map((shape) => ({ shape, questions }));
  const likely = questions.filter((question) => question.isLikely);
  const rest = questions.filter((question) => !question.isLikely);
  return [likely, rest].flatMap((some) => shapes.map((shape) => ({ shape, questions: some })));
}

async function ask(
  bus: Bus<Ask>,
  question: Question,
  shape: SerialShape | null,
  clock: Clock,
): Promise<Extract<LineScanEvent, { kind: 'found' | 'noise' | 'unreachable' }> | undefined> {
  const exchanges = new ExchangeLog();
  const party = { key: question.ask.slave, timeoutMs: question.timeoutMs, exchanges, ...(shape && { shape }) };
  const begun = clock.mono();
  const outcome = await new Promise<Outcome>((done) => bus.submit({ ask: question.ask, party, done }));
  if (outcome.kind === 'answer')
    return { kind: 'found', slave: outcome.answer as Slave, shape, tookMs: Math.round(clock.mono() - begun) };
  const problem = bus.problem();
  if (outcome.why === 'unreachable' && problem) return { kind: 'unreachable', problem };
  const heard = exchanges.list().at(-1)?.heard;
  return heard === undefined ? undefined : { kind: 'noise', name: question.name, shape, heard };
}
