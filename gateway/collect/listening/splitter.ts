/**
 * What stands at the head of a byte stream. `need`: perhaps a frame, more bytes will tell. `skip`: so many bytes belong to
 * no frame; `why` is said where they looked like one (a checksum that is not right), so that a protocol may answer.
 */
export type Cut<F> =
  | { readonly need: true }
  | { readonly take: number; readonly frame: F }
  | { readonly skip: number; readonly why?: string };

/** How a protocol's frames are told apart. Pure, and no bytes make it throw. */
export interface Framing<F> {
  /** The longest frame; `cut` must not need more than this. */
  readonly maxFrameBytes: number;
  /** `bytes` is never empty. */
  cut(bytes: Buffer): Cut<F>;
}

export type Split<F> = { readonly frame: F } | { readonly noise: number; readonly why?: string };

/**
 * Cuts one connection's bytes into frames, and finds the next frame after anything that is none. Keeps no more than one
 * frame and one chunk. Asked piece by piece, so that who asks may stop before all of a chunk of nonsense has been looked at.
 */
export class Splitter<F> {
  readonly #framing: Framing<F>;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(framing: Framing<F>) {
    this.#framing = framing;
  }

  /** Bytes that wait for the rest of their frame. */
  get waiting(): number {
    return this.#bytes.length - this.#at;
  }

  push(chunk: Buffer): void {
    const rest = this.#bytes.subarray(this.#at);
    this.#bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.#at = 0;
  }

  /** The next frame, or how many bytes before it were none; null: the rest waits for more bytes. */
  next(): Split<F> | null {
    let noise = 0;
    while (this.#at < this.#bytes.length) {
      const cut = this.#framing.cut(this.#bytes.subarray(this.#at));
      if ('need' in cut && this.waiting < this.#framing.maxFrameBytes) break;
      // Noise before a frame is told first; the frame is cut again with the next question.
      if ('frame' in cut && noise > 0) return { noise };
      if ('frame' in cut) {
        this.#at += Math.max(1, cut.take);
        return { frame: cut.frame };
      }
      // A framing that needs more than its own longest frame would keep a peer's bytes without end.
      const skip = 'need' in cut ? 1 : Math.max(1, cut.skip);
      this.#at += skip;
      noise += skip;
      if ('why' in cut && cut.why !== undefined) return { noise, why: cut.why };
    }
    this.#compact();
    return noise > 0 ? { noise } : null;
  }

  /** The rest of a frame did not come: its beginning is given up, and `next` looks for frames behind it. */
  giveUp(): void {
    if (this.waiting > 0) this.#at++;
  }

  /** Copied, so that a few waiting bytes do not hold a whole chunk. */
  #compact(): void {
    if (this.#at === 0) return;
    this.#bytes = Buffer.from(this.#bytes.subarray(this.#at));
    this.#at = 0;
  }
}

/** Where the frames stand in some bytes that are all there is. */
export function spansOf<F>(framing: Framing<F>, given: Uint8Array): { at: number; end: number }[] {
  const bytes = Buffer.from(given);
  const spans: { at: number; end: number }[] = [];
  for (let at = 0; at < bytes.length;) {
    const cut = framing.cut(bytes.subarray(at, at + framing.maxFrameBytes));
    const step = 'frame' in cut ? cut.take : 'need' in cut ? 1 : cut.skip;
    const end = Math.min(bytes.length, at + Math.max(1, step));
    if ('frame' in cut) spans.push({ at, end });
    at = end;
  }
  return spans;
}

/** Everything in some bytes that are all there is: for a codec that is asked by hand. */
export function splitAll<F>(framing: Framing<F>, bytes: Uint8Array): Split<F>[] {
  const splitter = new Splitter(framing);
  splitter.push(Buffer.from(bytes));
  const found: Split<F>[] = [];
  for (;;) {
    const split = splitter.next();
    if (split) found.push(split);
    else if (splitter.waiting === 0) return found;
    else splitter.giveUp();
  }
}
