import type { Clock, Timer } from '../clock.ts';
import type { SerialShape } from '../collect/line/dialect.ts';
import type { Problem } from '../collect/poll/outcome.ts';
import type { Wire } from '../collect/wire/wire.ts';
import { type LinePlace, lineRoute } from './line-place.ts';

/** What a line has said and nobody has looked at yet is kept up to this many bytes: much longer than any answer. */
const mostKept = 4_096;
/** How soon it is noticed that a scan was stopped. */
const sliceMs = 100;

/** The wire of a scan: open from its first question to its last, and every byte that comes meanwhile is kept until it is looked at. */
export class ScanWire {
  readonly #clock: Clock;
  readonly #wire: Wire;
  readonly #signal: AbortSignal | undefined;
  #shape: SerialShape;
  #heard: Buffer = Buffer.alloc(0);
  #heardAt = -Infinity;
  #isFresh = false;
  #wake: () => void = () => undefined;
  #problem: Problem | undefined;

  private constructor(place: LinePlace, shape: SerialShape, clock: Clock, signal: AbortSignal | undefined, open: () => void) {
    this.#clock = clock;
    this.#shape = shape;
    this.#signal = signal;
    this.#wire = lineRoute(place, shape, clock).dial({
      open,
      data: (chunk) => this.#take(chunk),
      lost: (problem) => {
        this.#problem = problem;
        open();
        this.#wake();
      },
    });
  }

  /** Resolves when it is open, or lost already; see `problem`. */
  static async open(place: LinePlace, shape: SerialShape, clock: Clock, signal?: AbortSignal): Promise<ScanWire> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wire = new ScanWire(place, shape, clock, signal, resolve);
    await promise;
    return wire;
  }

  /** Why it was lost. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  get isStopped(): boolean {
    return this.#signal?.aborted === true;
  }

  /** What was heard and not taken out. */
  get heard(): Buffer {
    return this.#heard;
  }

  /** `clock.mono()` of the last byte. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Takes `length` bytes at `at` out of what was heard. */
  cut(at: number, length: number): Uint8Array {
    const out = this.#heard.subarray(at, at + length);
    this.#heard = Buffer.concat([this.#heard.subarray(0, at), this.#heard.subarray(at + length)]);
    return out;
  }

  /** Everything that is left, and forgets it. */
  drain(): Buffer {
    const left = this.#heard;
    this.#heard = Buffer.alloc(0);
    this.#isFresh = false;
    return left;
  }

  send(bytes: Uint8Array): void {
    this.#wire.write(bytes);
  }

  async tune(shape: SerialShape): Promise<void> {
    if (shape === this.#shape) return;
    this.#shape = shape;
    // Where it is lost by that, `lost` says why.
    await this.#wire.retune?.(shape).catch(() => undefined);
    this.drain();
  }

  /** Waits for more bytes until `until()` (of `clock.mono()`); true when some came. Ends early when the wire is lost. */
  async more(until: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let timer: Timer | undefined;
    if (!this.#isFresh && this.#problem === undefined) {
      timer = this.#clock.after(Math.max(0, until - this.#clock.mono()), resolve);
      this.#wake = resolve;
      await promise;
      timer.cancel();
    }
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    return isFresh;
  }

  /** Says nothing for `ms` or until bytes come that `isEnough`; shorter when the scan is stopped. */
  async listen(ms: number, isEnough: () => boolean): Promise<void> {
    const end = this.#clock.mono() + ms;
    for (let now = end - ms; now < end && !this.isStopped && this.#problem === undefined; now = this.#clock.mono()) {
      const hasCome = await this.more(Math.min(end, now + sliceMs));
      if (hasCome && isEnough()) return;
    }
  }

  close(): Promise<void> {
    return this.#wire.close();
  }

  #take(chunk: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, chunk]).subarray(-mostKept);
    this.#heardAt = this.#clock.mono();
    this.#isFresh = true;
    this.#wake();
  }
}
