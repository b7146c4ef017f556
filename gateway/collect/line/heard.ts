/** Longer than any frame of any dialect (Modbus ASCII: 513 characters) with an echo of ours: what is older is no answer. */
const kept = 1_280;

/** What the line has said since we last spoke. */
export class Heard {
  readonly #buffer = Buffer.alloc(kept);
  #end = 0;

  get length(): number {
    return this.#end;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#end);
  }

  clear(): void {
    this.#end = 0;
  }

  push(chunk: Uint8Array): void {
    const fresh = chunk.length > kept ? chunk.subarray(chunk.length - kept) : chunk;
    const overflow = this.#end + fresh.length - kept;
    if (overflow > 0) {
      this.#buffer.copyWithin(0, overflow, this.#end);
      this.#end -= overflow;
    }
    this.#buffer.set(fresh, this.#end);
    this.#end += fresh.length;
  }

  /** Where our own bytes stand first, or -1. */
  indexOf(sent: Uint8Array): number {
    return this.bytes.indexOf(sent);
  }
}

/** `bytes` without the words that a wire itself says between answers; undefined where none of them is in there. */
export function without(bytes: Buffer, words: readonly Uint8Array[]): Buffer | undefined {
  let left = bytes;
  for (const word of words) {
    for (let at = left.indexOf(word); at >= 0; at = left.indexOf(word, at))
      left = Buffer.concat([left.subarray(0, at), left.subarray(at + word.length)]);
  }
  return left === bytes ? undefined : left;
}
