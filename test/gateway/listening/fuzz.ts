import fc from 'fast-check';
import { expect } from 'vitest';
import { type Framing, type Split, splitAll, Splitter } from '../../../gateway/collect/listening/splitter.ts';

/** What is true of every framing, whatever the bytes. `key` says what makes two frames the same; null: the frame says nothing. */
export interface Fuzzed<F> {
  readonly framing: Framing<F>;
  readonly frames: readonly Buffer[];
  readonly key: (frame: F) => string | null;
}

function keysOf<F>({ key }: Fuzzed<F>, splits: readonly Split<F>[]): string[] {
  return splits.flatMap((split) => ('frame' in split ? [key(split.frame)] : [])).filter((each) => each !== null);
}

/** Every one-bit flip of a frame is refused, or still says the very same (the case of a hex digit, a line end). */
export function expectFlipsRefused<F>(fuzzed: Fuzzed<F>, frame: Buffer): void {
  const whole = keysOf(fuzzed, splitAll(fuzzed.framing, frame));
  expect(whole).toHaveLength(1);
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const flipped = Buffer.from(frame);
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    for (const said of keysOf(fuzzed, splitAll(fuzzed.framing, flipped))) expect(said, `bit ${bit}`).toBe(whole[0]);
  }
}

/** Frames with anything between them, in chunks of any size, are all found; nothing is kept beyond a frame and a chunk. */
export function expectFramesSurvive<F>(fuzzed: Fuzzed<F>, runs = 300): void {
  const { framing, frames } = fuzzed;
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    // The likeliest noise: a piece of a frame.
    fc
      .tuple(fc.constantFrom(...frames), fc.nat(), fc.nat())
      .map(([frame, from, to]) => new Uint8Array(frame.subarray(from % frame.length, to % frame.length))),
  );
  const piece = fc.record({ noise, frame: fc.constantFrom(...frames) });
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), noise, sizes, (pieces, end, cuts) => {
      const bytes = Buffer.concat([...pieces.flatMap((each) => [Buffer.from(each.noise), each.frame]), Buffer.from(end)]);
      const splitter = new Splitter(framing);
      const found: Split<F>[] = [];
      const drain = (): void => {
        for (let split = splitter.next(); split !== null; split = splitter.next()) found.push(split);
      };
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const to = Math.min(bytes.length, at + (cuts[i % cuts.length] as number));
        splitter.push(bytes.subarray(at, to));
        drain();
        expect(splitter.waiting).toBeLessThan(framing.maxFrameBytes);
        at = to;
      }
      while (splitter.waiting > 0) {
        splitter.giveUp();
        drain();
      }
      const keys = keysOf(fuzzed, found);
      const wanted = pieces.flatMap((each) => keysOf(fuzzed, splitAll(framing, each.frame)));
      // In order, whatever else the noise happened to spell.
      let at = -1;
      for (const key of wanted) {
        at = keys.indexOf(key, at + 1);
        expect(at, `${key} in ${keys.join(' | ')}`).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: runs },
  );
}

/** No bytes make it throw or take long: a chunk that is all beginnings of frames is the worst there is. */
export function expectNoBytesHurt<F>({ framing, frames }: Fuzzed<F>, nasty: readonly Buffer[] = []): void {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
      splitAll(framing, bytes);
    }),
    { numRuns: 300 },
  );
  const beginnings = frames.map((frame) => frame.subarray(0, Math.ceil(frame.length / 3)));
  for (const unit of [...beginnings, ...nasty]) {
    const chunk = Buffer.alloc(64 * 1024, unit);
    const begun = process.cpuUsage();
    const splitter = new Splitter(framing);
    splitter.push(chunk);
    let damaged = 0;
    // As a connection does it: after so many damaged frames the rest is not looked at.
    for (let split = splitter.next(); split !== null && damaged < 32; split = splitter.next())
      if ('noise' in split && split.why !== undefined) damaged++;
    // Far above what it takes (a few ms), far below what a quadratic search would. Of this process alone: others may be busy.
    expect(process.cpuUsage(begun).user / 1_000, unit.toString('latin1')).toBeLessThan(1_000);
  }
}
