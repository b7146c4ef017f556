import type { SerialShape } from '../collect/line/dialect.ts';
import { serialLine } from '../collect/line/line-time.ts';
import { quickMs, type Question } from './line-questions.ts';

/** Questions that are asked one after the other with one set of parameters. */
export interface Round {
  /** Null: behind a serial server, which alone knows. */
  readonly shape: SerialShape | null;
  readonly questions: readonly Question[];
  /** The slave is waited for no longer than most need; who has not answered is asked again, with patience. */
  readonly isQuick: boolean;
}

/** What a line behind a serial server is taken to have for the time that bytes need. */
export const remoteShape: SerialShape = { baud: 9_600, parity: 'none', stopBits: 1 };

/**
 * With every set of parameters all addresses in haste and then the meters; after that, again with every set, the addresses
 * with patience. Pure.
 */
export function roundsOf(questions: readonly Question[], shapes: readonly (SerialShape | null)[]): Round[] {
  const addresses = questions.filter(({ wire }) => wire === 'modbus');
  const meters = questions.filter(({ wire }) => wire !== 'modbus');
  const first = shapes.flatMap((shape) => [
    { shape, questions: addresses, isQuick: true },
    { shape, questions: meters, isQuick: false },
  ]);
  const second = shapes.map((shape) => ({ shape, questions: addresses, isQuick: false }));
  return [...first, ...second].filter((round) => round.questions.length > 0);
}

/** How long the slave may think, milliseconds. */
export function patienceOf({ timeoutMs }: Question, isQuick: boolean): number {
  return isQuick ? Math.min(quickMs, timeoutMs) : timeoutMs;
}

/** Milliseconds that these rounds take when nobody answers. Pure. */
export function lastingMs(rounds: readonly Round[]): number {
  let sum = 0;
  for (const { shape, questions, isQuick } of rounds) {
    const line = serialLine(shape ?? remoteShape);
    for (const question of questions)
      sum += line.bytesMs(question.ask.send.length) + Math.max(line.gapMs, patienceOf(question, isQuick));
    sum += settleMs(questions);
  }
  return sum;
}

/** How long after the last question of a round late answers are waited for: they would be taken for answers with the next parameters. */
export function settleMs(questions: readonly Question[]): number {
  return Math.max(0, ...questions.filter(({ wire }) => wire === 'modbus').map(({ timeoutMs }) => timeoutMs));
}
