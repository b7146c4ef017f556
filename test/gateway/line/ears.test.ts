import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ears } from '../../../gateway/collect/line/ears.ts';
import type { Ask } from '../../../gateway/collect/line/dialect.ts';
import { asciiAsk } from '../../../gateway/collect/modbus/ascii.ts';
import type { Answer, PlainRequest } from '../../../gateway/collect/modbus/pdu.ts';
import { rtuAsk } from '../../../gateway/collect/modbus/rtu.ts';
import { judge } from '../modbus/asking.ts';
import { pduOf, rtuFrame } from '../modbus/fault-server.ts';

/** What is heard on a line after a request: the answer among echo, noise and the words of the wire. */

const request: fc.Arbitrary<PlainRequest> = fc.record({
  unit: fc.integer({ min: 1, max: 3 }),
  fn: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
  start: fc.integer({ min: 0, max: 60_000 }),
  count: fc.integer({ min: 1, max: 20 }),
});
const frameOf = (asked: PlainRequest) => rtuFrame(asked.unit, pduOf(asked.unit, asked.fn, asked.start, asked.count));
const rightly = (asked: PlainRequest, found: { answer: unknown } | undefined) =>
  found && judge(asked, { ...(found.answer as Answer), at: 0 });

function ears(words: readonly Uint8Array[] = []): Ears {
  return new Ears(words, (error) => {
    throw error;
  });
}

describe('an answer', () => {
  it('is found behind noise and our own echo, byte by byte, and not before it is whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), request, fc.boolean(), (noise, asked, echoes) => {
        const ask = rtuAsk(asked);
        const line = ears();
        if (line.hear(noise, ask) !== undefined) return;
        if (echoes && line.hear(ask.send, ask) !== undefined) return;
        const frame = frameOf(asked);
        for (const byte of frame.subarray(0, -1)) expect(line.hear(Uint8Array.of(byte), ask)).toBeUndefined();
        expect(rightly(asked, line.hear(frame.subarray(-1), ask))).toBe('right');
      }),
      { numRuns: 300 },
    );
  });

  it('is found with a heartbeat anywhere in it', () => {
    const beat = Buffer.from('+beat+');
    fc.assert(
      fc.property(request, fc.nat(), (asked, where) => {
        const frame = frameOf(asked);
        const at = where % (frame.length + 1);
        const line = ears([beat]);
        expect(rightly(asked, line.hear(Buffer.concat([frame.subarray(0, at), beat, frame.subarray(at)]), rtuAsk(asked)))).toBe(
          'right',
        );
      }),
      { numRuns: 300 },
    );
  });

  it('is the second copy of a write, once the adapter is known to echo', () => {
    const line = ears();
    const read = rtuAsk({ unit: 1, fn: 3, start: 0, count: 1 });
    line.hear(Buffer.concat([read.send, frameOf({ unit: 1, fn: 3, start: 0, count: 1 })]), read);
    line.clear();
    const write = rtuAsk({ unit: 1, fn: 6, start: 7, count: 1, values: [9] });
    expect(line.hear(write.send, write)).toBeUndefined();
    expect(line.hear(write.send, write)).toMatchObject({ answer: { kind: 'written' } });
    // Another adapter may be there after the wire was lost.
    line.forget();
    expect(line.hear(write.send, write)).toMatchObject({ answer: { kind: 'written' } });
  });
});

describe('any bytes at all', () => {
  it('neither grow it nor make it slow, and what a dialect throws stays its own', () => {
    const thrown: unknown[] = [];
    const line = new Ears([Buffer.from('HB')], (error) => thrown.push(error));
    const broken: Ask = {
      ...rtuAsk({ unit: 1, fn: 3, start: 0, count: 1 }),
      match: () => {
        throw new Error('no');
      },
    };
    expect(line.hear(Uint8Array.of(1), broken)).toBeUndefined();
    expect(thrown).toEqual([new Error('no')]);
    const asks = [
      rtuAsk({ unit: 1, fn: 3, start: 0, count: 1 }),
      rtuAsk({ unit: 1, fn: 43, code: 1, object: 0 }),
      asciiAsk({ unit: 1, fn: 3, start: 0, count: 1 }),
    ];
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 12 }), (chunks) => {
        for (const chunk of chunks)
          for (const ask of asks) {
            line.hear(chunk, ask);
            expect(line.length).toBeLessThanOrEqual(1_280);
          }
      }),
      { numRuns: 300 },
    );
    // The worst that RTU can be given: every offset looks like the head of an answer.
    const head = Buffer.from('0103020103020103020103', 'hex');
    const worst = Buffer.concat(Array.from({ length: 120 }, () => head));
    for (let i = 0; i < 500; i += 1) line.hear(worst.subarray(i, i + 40), asks[0] as Ask);
    expect(line.length).toBeLessThanOrEqual(1_280);
  });
});
