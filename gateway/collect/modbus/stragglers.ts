import type { Answer, Request } from './pdu.ts';
import { answerLength, maxBits, maxRegisters } from './pdu.ts';

/** A request as it goes out: the one that was wanted, or a wider one whose answer has another length. */
export interface Asked {
  readonly request: Request;
  /** Values to drop in front of the wanted ones. */
  readonly skip: number;
}

/** An answer later than this is not expected any more. */
const rememberedMs = 5_000;
const most = 3;

/**
 * RTU frames carry no id: after a time-out only the length can tell a late answer from a new one. Remembers what each
 * slave may still answer and widens a request whose answer would look the same.
 */
export class Stragglers {
  readonly #expected = new Map<number, Map<number, number>>();

  /** `request` timed out: its answer may still come. */
  expect(request: Request, now: number): void {
    const shapes = this.#expected.get(request.unit) ?? new Map<number, number>();
    shapes.set(shapeOf(request), now + rememberedMs);
    this.#expected.set(request.unit, shapes);
  }

  /** The late answer to `request` has come. */
  came(request: Request): void {
    this.#expected.get(request.unit)?.delete(shapeOf(request));
  }

  /** A slave answers in order: after a refusal of the wider request nothing older should be on its way. */
  clear(unit: number): void {
    this.#expected.delete(unit);
  }

  clearAll(): void {
    this.#expected.clear();
  }

  vary(request: Request, now: number): Asked {
    const shapes = this.#expected.get(request.unit);
    if (shapes === undefined || request.fn > 4) return { request, skip: 0 };
    for (let wider = 0; wider <= most; wider += 1) {
      const asked = widen(request, wider);
      if (asked && (shapes.get(shapeOf(asked.request)) ?? -Infinity) <= now) return asked;
    }
    return { request, skip: 0 };
  }
}

function shapeOf(request: Request): number {
  return request.fn * 1000 + answerLength(request);
}

/** `request` with `steps` more registers, or eight bits each, so that its answer is longer; nothing where that cannot be. */
function widen(request: Request, steps: number): Asked | undefined {
  if (steps === 0) return { request, skip: 0 };
  const isBits = request.fn <= 2;
  const count = request.count + steps * (isBits ? 8 : 1);
  if (count > (isBits ? maxBits : maxRegisters)) return undefined;
  const start = Math.min(request.start, 0x10000 - count);
  return start < 0 ? undefined : { request: { ...request, start, count }, skip: request.start - start };
}

/** The wanted part of the answer to a widened request. */
export function narrow(answer: Answer, flight: { readonly asked: Asked; readonly job: { readonly request: Request } }): Answer {
  const { asked, job } = flight;
  if (asked.request === job.request) return answer;
  const end = asked.skip + job.request.count;
  if (answer.kind === 'words') return { kind: 'words', words: answer.words.slice(asked.skip, end) };
  if (answer.kind === 'bits') return { kind: 'bits', bits: answer.bits.slice(asked.skip, end) };
  return answer;
}
