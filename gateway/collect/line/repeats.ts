import type { Ask } from './dialect.ts';

interface Answered {
  readonly slave: string;
  readonly sent: Uint8Array;
  readonly heard: Uint8Array;
  readonly tookMs: number;
}

/** A slave is given at least this long to say something else, ms. */
const shortestMs = 20;

/**
 * 重复应答: some slaves and serial servers say an answer twice, and the second copy may come when the next request is out
 * already, whose answer has the same shape. So the same bytes in answer to another question are believed only when nothing
 * else follows them.
 */
export class Repeats {
  #last: Answered | undefined;

  answered(asked: Ask, heard: Uint8Array, tookMs: number): void {
    this.#last = { slave: asked.slave, sent: asked.send, heard: Uint8Array.from(heard), tookMs };
  }

  forget(): void {
    this.#last = undefined;
  }

  /** How many bytes at the head of `heard` are the answer before once more, and how long to wait for another, ms; undefined where none are. */
  find(asked: Ask, heard: Uint8Array): { readonly length: number; readonly waitMs: number } | undefined {
    const last = this.#last;
    if (last === undefined || last.slave !== asked.slave || asked.shape === undefined) return undefined;
    const { length } = last.heard;
    if (equal(last.sent, asked.send) || !equal(last.heard, heard.subarray(0, length))) return undefined;
    return { length, waitMs: Math.max(shortestMs, 2 * last.tookMs) };
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
