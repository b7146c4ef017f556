import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16 } from '../../../gateway/collect/modbus/crc.ts';
import { encodeTcp, MbapReader } from '../../../gateway/collect/modbus/mbap.ts';
import { assertRequest, type PlainRequest, type Request, takeAnswer } from '../../../gateway/collect/modbus/pdu.ts';
import { encodeRtu, findRtu } from '../../../gateway/collect/modbus/rtu.ts';
import { judge } from './asking.ts';
import { pduOf, rtuFrame, tcpFrame } from './fault-server.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('frames as the standard prints them', () => {
  it('has the CRC of its own check value', () => {
    // CRC-16/MODBUS of "123456789" is 0x4B37.
    const bytes = Buffer.from('123456789');
    expect(crc16(bytes, 0, bytes.length)).toBe(0x4b37);
  });

  it.each<[string, Request, string]>([
    ['read 19 coils (§6.1)', { unit: 1, fn: 1, start: 19, count: 19 }, '0100130013'],
    ['read 22 discrete inputs (§6.2)', { unit: 1, fn: 2, start: 196, count: 22 }, '0200c40016'],
    ['read 3 holding registers (§6.3)', { unit: 1, fn: 3, start: 107, count: 3 }, '03006b0003'],
    ['read an input register (§6.4)', { unit: 1, fn: 4, start: 8, count: 1 }, '0400080001'],
    ['switch a coil on (§6.5)', { unit: 1, fn: 5, start: 172, count: 1, values: [1] }, '0500acff00'],
    ['write a register (§6.6)', { unit: 1, fn: 6, start: 1, count: 1, values: [3] }, '0600010003'],
    [
      'write 10 coils (§6.11)',
      { unit: 1, fn: 15, start: 19, count: 10, values: [1, 0, 1, 1, 0, 0, 1, 1, 1, 0] },
      '0f0013000a02cd01',
    ],
    ['write 2 registers (§6.12)', { unit: 1, fn: 16, start: 1, count: 2, values: [0x000a, 0x0102] }, '100001000204000a0102'],
  ])('%s', (_, request, pdu) => {
    expect(hex(encodeTcp(0x1234, request))).toBe(`12340000${(pdu.length / 2 + 1).toString(16).padStart(4, '0')}01${pdu}`);
    expect(hex(encodeRtu(request).subarray(1, -2))).toBe(pdu);
  });

  it.each<[string, Request, string]>([
    ['a coil (§6.5)', { unit: 1, fn: 5, start: 172, count: 1, values: [1] }, '0500acff00'],
    ['a register (§6.6)', { unit: 1, fn: 6, start: 1, count: 1, values: [3] }, '0600010003'],
    ['coils (§6.11)', { unit: 1, fn: 15, start: 19, count: 10, values: Array(10).fill(1) as number[] }, '0f0013000a'],
    ['registers (§6.12)', { unit: 1, fn: 16, start: 1, count: 2, values: [1, 2] }, '1000010002'],
  ])('takes the confirmation of a write to %s, and no other', (_, request, pdu) => {
    const right = Buffer.from(pdu, 'hex');
    expect(takeAnswer(request, right, 0, 5)).toEqual({ kind: 'written' });
    for (let at = 0; at < 5; at += 1) {
      const wrong = Buffer.from(right);
      wrong[at] = (wrong[at] ?? 0) ^ 1;
      expect(takeAnswer(request, wrong, 0, 5)).toBeUndefined();
    }
  });

  it('reads the 19 coils of §6.1', () => {
    const answer = takeAnswer({ unit: 1, fn: 1, start: 19, count: 19 }, Buffer.from('0103cd6b05', 'hex'), 0, 5);
    expect(answer).toEqual({ kind: 'bits', bits: Array.from('1011001111010110101', (bit) => bit === '1') });
  });

  it.each<[string, Request]>([
    ['126 registers', { unit: 1, fn: 3, start: 0, count: 126 }],
    ['2001 coils', { unit: 1, fn: 1, start: 0, count: 2001 }],
    ['nothing', { unit: 1, fn: 3, start: 0, count: 0 }],
    ['past the last address', { unit: 1, fn: 3, start: 65_535, count: 2 }],
    ['unit 256', { unit: 256, fn: 3, start: 0, count: 1 }],
    ['a write without its values', { unit: 1, fn: 16, start: 0, count: 2, values: [1] }],
  ])('never asks for %s', (_, request) => expect(() => assertRequest(request)).toThrow(RangeError));
});

const request: fc.Arbitrary<PlainRequest> = fc.record({
  unit: fc.integer({ min: 1, max: 3 }),
  fn: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
  start: fc.integer({ min: 0, max: 60_000 }),
  count: fc.integer({ min: 1, max: 20 }),
});

/** Bytes as a hostile line might carry them: anything, and pieces that almost fit. */
const chunks = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.tuple(request, fc.nat(300)).map(([r, cut]) => rtuFrame(r.unit, pduOf(r.unit, r.fn, r.start, r.count)).subarray(0, cut)),
    fc
      .tuple(request, fc.nat(300))
      .map(([r, cut]) => tcpFrame(r.start, r.unit, pduOf(r.unit, r.fn, r.start, r.count)).subarray(0, cut)),
  ),
  { maxLength: 20 },
);

describe('codecs against any bytes at all', () => {
  it('the TCP reader neither throws nor keeps more than one frame', () => {
    fc.assert(
      fc.property(chunks, (pieces) => {
        const reader = new MbapReader((_id, _unit, buffer, at, length) => {
          expect(at + length).toBeLessThanOrEqual(buffer.length);
          expect(length).toBeGreaterThanOrEqual(2);
          return undefined;
        });
        for (const piece of pieces) {
          if (reader.feed(Buffer.from(piece)) !== undefined) reader.clear();
          expect(reader.partial).toBeLessThanOrEqual(260);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('the TCP reader finds each frame, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(40)), (requests, cuts) => {
        const stream = Buffer.concat(requests.map((r, id) => tcpFrame(id, r.unit, pduOf(r.unit, r.fn, r.start, r.count))));
        const verdicts: string[] = [];
        const reader = new MbapReader((id, _unit, buffer, at, length) => {
          const asked = requests[id];
          const answer = asked && takeAnswer(asked, buffer, at, length);
          verdicts.push(asked && answer ? judge(asked, { ...answer, at: 0 }) : 'none');
          return undefined;
        });
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          reader.feed(stream.subarray(at, at + cut));
          at += cut;
        }
        expect(verdicts).toEqual(requests.map(() => 'right'));
      }),
      { numRuns: 500 },
    );
  });

  it('the RTU reader does not throw, and takes no frame of other registers but by its length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_280 }), request, (bytes, asked) => {
        const end = findRtu(asked, bytes)?.end ?? 5;
        expect(end).toBeGreaterThanOrEqual(5);
        expect(end).toBeLessThanOrEqual(Math.max(5, bytes.length));
      }),
      { numRuns: 2_000 },
    );
  });

  it('the RTU reader finds the answer behind any noise that is not one itself', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), request, (before, asked) => {
        if (findRtu(asked, before) !== undefined) return;
        const frame = rtuFrame(asked.unit, pduOf(asked.unit, asked.fn, asked.start, asked.count));
        for (let length = 1; length < frame.length; length += 1)
          expect(findRtu(asked, Buffer.concat([before, frame.subarray(0, length)]))).toBeUndefined();
        const found = findRtu(asked, Buffer.concat([before, frame]));
        expect(found && judge(asked, { ...found.answer, at: 0 })).toBe('right');
        expect(found?.end).toBe(before.length + frame.length);
      }),
      { numRuns: 500 },
    );
  });
});
