import type { Clock } from '../clock.ts';
import type { SerialShape } from '../collect/line/dialect.ts';
import { hexOf } from '../collect/line/framing.ts';
import type { Problem } from '../collect/poll/outcome.ts';
import { LineAsking } from './line-asking.ts';
import type { LinePlace } from './line-place.ts';
import { type LineWire, lineWires, questionsFor, type Slave, usualShapes } from './line-questions.ts';
import { lastingMs, remoteShape, type Round, roundsOf } from './scan-rounds.ts';
import { ScanWire } from './scan-wire.ts';

export interface LineScan {
  readonly place: LinePlace;
  /** Serial parameters to try, in this order. Default: `usualShapes`; behind a serial server only the server knows them. */
  readonly shapes?: readonly SerialShape[];
  /** Default: all. */
  readonly wires?: readonly LineWire[];
  /** Modbus addresses. Default: 1…32. */
  readonly units?: { readonly from: number; readonly to: number };
  /** How long a Modbus slave may think when it is asked with patience, milliseconds. */
  readonly modbusMs?: number;
  /** How long nobody may be heard before anything is asked. 0: the line is known to be ours. */
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
      /** Of so many questions, as far as is known now. */
      readonly of: number;
      /** How long the rest takes when nobody answers. */
      readonly leftMs: number;
    }
  | { readonly kind: 'found'; readonly slave: Slave; readonly shape: SerialShape | null; readonly tookMs: number }
  /** Something came that is no frame: other parameters, or several meters that answer at once. */
  | { readonly kind: 'noise'; readonly name: string; readonly shape: SerialShape | null; readonly heard: string }
  /** Somebody else asks on this line; nothing was sent. */
  | { readonly kind: 'occupied'; readonly heard: string }
  | { readonly kind: 'unreachable'; readonly problem: Problem }
  | { readonly kind: 'done'; readonly found: number; readonly wasStopped: boolean };

function hexText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** So long nobody may be heard before the first question; whoever asks more rarely is heard between the answers. */
export const usualListenMs = 150;

/**
 * 扫描总线: says nothing where others talk; asks each address with each set of parameters in haste and then the meters, from the first answer on
 * with that set alone; and at the end those that have not answered once more with patience. Yields what it does as it
 * happens; stops between two questions when `signal` aborts.
 */
export async function* scanLine(options: LineScan): AsyncGenerator<LineScanEvent> {
  const { place, clock, signal, listenMs = usualListenMs } = options;
  const given = options.shapes ?? usualShapes;
  const shapes = 'path' in place ? given : [null];
  const questions = questionsFor(options.wires ?? lineWires, options.units ?? { from: 1, to: 32 }, options.modbusMs);
  const rounds = roundsOf(questions, shapes);
  yield { kind: 'plan', questions: questions.length, shapes: shapes.length, atMostMs: listenMs + lastingMs(rounds) };
  const wire = await ScanWire.open(place, given[0] ?? remoteShape, clock, signal);
  try {
    await wire.listen(listenMs, () => false);
    const bytes = wire.drain();
    if (bytes.length > 0 && listenMs > 0) return yield { kind: 'occupied', heard: hexText(bytes) };
    yield* askAll(wire, rounds, options);
  } finally {
    await wire.close();
  }
}

async function* askAll(wire: ScanWire, rounds: readonly Round[], options: LineScan): AsyncGenerator<LineScanEvent> {
  const asking = new LineAsking(wire, options.clock, options.shapes?.[0] ?? remoteShape);
  const hits = new Set<SerialShape | null>();
  // A line has one set of parameters; few have two.
  const isWanted = ({ shape }: Round) => options.isThorough === true || hits.size === 0 || hits.has(shape);
  let [done, found] = [0, 0];
  for (const [at, round] of rounds.entries()) {
    if (wire.isStopped || wire.problem !== undefined) break;
    if (!isWanted(round)) continue;
    const { shape, questions } = round;
    let position = 0;
    for await (const heard of asking.round(round)) {
      if (heard.kind === 'occupied') return yield { kind: 'occupied', heard: hexText(heard.bytes) };
      if (heard.kind === 'noise')
        yield { kind: 'noise', name: heard.question.name, shape, heard: hexOf(heard.heard).toLowerCase() };
      if (heard.kind === 'asking') {
        // One that is asked again stands before.
        position = Math.max(position, questions.indexOf(heard.question));
        const left = [{ ...round, questions: questions.slice(position) }, ...rounds.slice(at + 1).filter(isWanted)];
        const of = done + position + left.reduce((sum, each) => sum + each.questions.length, 0);
        yield { kind: 'asking', name: heard.question.name, shape, done: done + position, of, leftMs: lastingMs(left) };
      }
      if (heard.kind !== 'found') continue;
      found += 1;
      hits.add(shape);
      yield { kind: 'found', slave: heard.slave, shape, tookMs: heard.tookMs };
    }
    done += questions.length;
  }
  if (wire.problem !== undefined) return yield { kind: 'unreachable', problem: wire.problem };
  yield { kind: 'done', found, wasStopped: wire.isStopped };
}
