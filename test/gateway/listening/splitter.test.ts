import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Splitter, type Split, splitAll } from '../../../gateway/collect/listening/splitter.ts';
import { toyFraming } from './toy.ts';

type Toy = Split<{ device: string; text: string }>;

function drain(splitter: Splitter<{ device: string; text: string }>): Toy[] {
  const found: Toy[] = [];
  for (let split = splitter.next(); split !== null; split = splitter.next()) found.push(split);
  return found;
}

const frames = (splits: readonly Toy[]) => splits.flatMap((split) => ('frame' in split ? [split.frame] : []));
const noise = (splits: readonly Toy[]) => splits.reduce((sum, split) => sum + ('noise' in split ? split.noise : 0), 0);

describe('a splitter', () => {
  it('finds the same frames however the bytes are cut into chunks', () => {
    const pieces = fc.array(fc.oneof(fc.constant('a:x\n'), fc.constant('b:yy\n'), fc.constant('...'), fc.constant('!bad\n')), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(pieces, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 }), (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''));
        const splitter = new Splitter(toyFraming);
        const found: Toy[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const to = at + (cuts[i % cuts.length] as number);
          splitter.push(bytes.subarray(at, to));
          found.push(...drain(splitter));
          at = to;
        }
        const whole = splitAll(toyFraming, bytes);
        expect(frames(found)).toEqual(frames(whole));
        expect(frames(found)).toHaveLength(parts.filter((part) => /^[ab]/.test(part)).length);
        expect(noise(found) + splitter.waiting).toBe(noise(whole));
      }),
    );
  });

  it('accounts for every byte, and keeps no more than a frame and a chunk', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (chunks) => {
        const splitter = new Splitter(toyFraming);
        let given = 0;
        let taken = 0;
        for (const chunk of chunks) {
          splitter.push(Buffer.from(chunk));
          given += chunk.length;
          for (const split of drain(splitter))
            taken += 'noise' in split ? split.noise : split.frame.device.length + split.frame.text.length;
          expect(splitter.waiting).toBeLessThan(toyFraming.maxFrameBytes);
        }
        expect(taken).toBeLessThanOrEqual(given);
      }),
    );
  });

  it('does not wait for ever for a framing that asks for more than its longest frame', () => {
    const greedy = new Splitter<never>({ maxFrameBytes: 10, cut: () => ({ need: true }) });
    greedy.push(Buffer.alloc(1_000));
    expect(greedy.next()).toEqual({ noise: 991 });
    expect(greedy.waiting).toBe(9);
  });
});
