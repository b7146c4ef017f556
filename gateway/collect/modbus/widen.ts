import { type Answer, answerLength, maxBits, maxRegisters, type PlainRequest, type Request } from './pdu.ts';

/**
 * What an answer can be told by, where frames carry no id: of a read its function and length, of a write what it repeats.
 * Of an identification the first object it holds.
 */
export function shapeOf(request: Request): string {
  if (request.fn === 43) return `43/${request.code}/${request.object}`;
  if (request.fn <= 4 || request.fn === 23) return `${request.fn}/${answerLength(request)}`;
  if (request.fn === 22) return `22/${request.start}/${request.and}/${request.or}`;
  const { fn, start, count, values } = request;
  return `${fn}/${start}/${fn === 5 || fn === 6 ? (values?.[0] ?? 0) : count}`;
}

export interface Wide {
  readonly request: PlainRequest;
  /** Values to drop in front of the wanted ones, and how many those are. */
  readonly skip: number;
  readonly count: number;
}

/** `request` with `steps` more registers, or eight bits each, so that its answer is longer; nothing where that cannot be. */
export function widen(request: Request, steps: number): Wide | undefined {
  if (request.fn > 4) return undefined;
  const { fn, start, count } = request as PlainRequest;
  const isBits = fn <= 2;
  const wider = count + steps * (isBits ? 8 : 1);
  if (wider > (isBits ? maxBits : maxRegisters)) return undefined;
  const from = Math.min(start, 0x10000 - wider);
  return from < 0
    ? undefined
    : { request: { ...(request as PlainRequest), start: from, count: wider }, skip: start - from, count };
}

/** The wanted part of the answer to a widened request. */
export function narrow(answer: Answer, skip: number, count: number): Answer {
  if (answer.kind === 'words') return { kind: 'words', words: answer.words.slice(skip, skip + count) };
  if (answer.kind === 'bits') return { kind: 'bits', bits: answer.bits.slice(skip, skip + count) };
  return answer;
}
