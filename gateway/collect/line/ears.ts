import type { Ask } from './dialect.ts';
import { Heard, without } from './heard.ts';

type Found = ReturnType<Ask['match']>;

/** What is heard on a line after a request: the answer among echo, noise and the words of the wire itself. */
export class Ears {
  readonly #heard = new Heard();
  readonly #words: readonly Uint8Array[];
  readonly #broke: (error: unknown) => void;
  #adapterEchoes = false;

  /** `words`: what the wire itself says between answers. `broke` is told of a dialect that threw. */
  constructor(words: readonly Uint8Array[] = [], broke: (error: unknown) => void) {
    this.#words = words;
    this.#broke = broke;
  }

  get length(): number {
    return this.#heard.length;
  }

  get bytes(): Buffer {
    return this.#heard.bytes;
  }

  clear(): void {
    this.#heard.clear();
  }

  /** The adapter may be another one now. */
  forget(): void {
    this.#heard.clear();
    this.#adapterEchoes = false;
  }

  isWord(chunk: Buffer): boolean {
    return this.#words.some((word) => chunk.equals(word));
  }

  /** Takes bytes and looks whether the answer to `asked` is there now. */
  hear(chunk: Uint8Array, asked: Ask): Found {
    this.#heard.push(chunk);
    const bytes = this.#withoutEcho(asked);
    try {
      const found = asked.match(bytes);
      if (found !== undefined) return found;
      // A heartbeat may stand in the middle of an answer that came in pieces; the checksum tells.
      const cleaned = without(bytes, this.#words);
      return cleaned === undefined ? undefined : asked.match(cleaned);
    } catch (error) {
      // No bytes make a dialect throw; should some, their slave goes without an answer, and nobody else.
      this.#broke(error);
      this.#heard.clear();
      return undefined;
    }
  }

  /** Behind an echoing adapter the first copy of what was sent is our own voice, even where the answer repeats the request. */
  #withoutEcho({ send, mayRepeatItself }: Ask): Buffer {
    const at = this.#heard.indexOf(send);
    if (at < 0) return this.#heard.bytes;
    if (mayRepeatItself !== true) this.#adapterEchoes ||= at === 0;
    else if (!this.#adapterEchoes) return this.#heard.bytes;
    return this.#heard.bytes.subarray(at + send.length);
  }
}
