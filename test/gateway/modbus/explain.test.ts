import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Codec } from '../../../gateway/collect/codec.ts';
import { codecs } from '../../../gateway/collect/modbus/codec.ts';
import { encodeAscii } from '../../../gateway/collect/modbus/ascii.ts';
import { encodeTcp } from '../../../gateway/collect/modbus/mbap.ts';
import type { Request } from '../../../gateway/collect/modbus/pdu.ts';
import { encodeRtu } from '../../../gateway/collect/modbus/rtu.ts';
import { rtuFrame } from './fault-server.ts';
import { profileOf } from './profiles.ts';

/** What an installer pastes from a line monitor. */

const [rtu, tcp, ascii] = codecs as readonly [Codec, Codec, Codec];
const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** `name=value` of every field, and what English makes of it. */
function said(codec: Codec, given: Uint8Array): string[] {
  const explained = codec.explain(given);
  if ('refused' in explained) return [`refused ${explained.refused.code}: ${explained.refused.en}`];
  return explained.fields.map(({ name, value, en }) => `${name} ${value}${en === undefined ? '' : ` (${en})`}`);
}

describe('public frames, field by field', () => {
  it('a meter’s answer of 230.2 V: two registers', () => {
    expect(said(rtu, bytes('01 04 04 43 66 33 34 1B 38'))).toEqual([
      'unit 01 (unit 1)',
      'function 04 (read input registers, answer)',
      'byte count 04 (4 bytes)',
      'register +0 43 66 (17254)',
      'register +1 33 34 (13108)',
      'CRC 1B 38 (checksum right)',
    ]);
  });

  it('a request and its answer in one paste: the registers have their addresses', () => {
    const pasted = bytes('01 03 00 00 00 02 C4 0B 01 03 04 02 92 FF 9B 5A 3D');
    expect(said(rtu, pasted)).toEqual([
      'unit 01 (unit 1)',
      'function 03 (read holding registers, request)',
      'start 00 00 (address 0, from zero)',
      'count 00 02 (2 of them)',
      'CRC C4 0B (checksum right)',
      'unit 01 (unit 1)',
      'function 03 (read holding registers, answer)',
      'byte count 04 (4 bytes)',
      'register 0 02 92 (658)',
      'register 1 FF 9B (65435, -101)',
      'CRC 5A 3D (checksum right)',
    ]);
  });

  it('the widely copied soil-sensor frame is refused, and it is said why', () => {
    const [line] = said(rtu, bytes('01 03 04 02 92 FF 9B 03 E8 00 38 5A 3D'));
    expect(line).toBe('refused wrong-crc: The CRC is 5A 3D, it should be 02 B6. The byte count says 4, and 8 follow.');
  });

  it('relays: switch one on, read eight, the answer', () => {
    expect(said(rtu, bytes('01 05 00 00 FF 00 8C 3A'))).toContain('value FF 00 (on)');
    expect(said(rtu, bytes('01 05 00 00 00 00 CD CA'))).toContain('value 00 00 (off)');
    expect(said(rtu, bytes('01 01 00 00 00 08 3D CC 01 01 01 41 91 B8'))).toContain('bits 41 (on: 0, 6)');
  });

  it.each([
    ['01 03 00 00 00 01 84 0A', 'start 00 00 (address 0, from zero)'],
    ['01 03 00 1E 00 01 E4 0C', 'start 00 1E (address 30, from zero)'],
  ])('a gas sensor is asked for its value and its exponent: %s', (hex, start) => {
    expect(said(rtu, bytes(hex))).toContain(start);
  });

  it('a broadcast unlocking of a gas sensor', () => {
    expect(said(rtu, bytes('00 06 00 11 00 18 D8 14'))).toEqual([
      'unit 00 (broadcast)',
      'function 06 (write one register, request or its answer)',
      'address 00 11 (address 17, from zero)',
      'register 17 00 18 (24)',
      'CRC D8 14 (checksum right)',
    ]);
  });

  it('the ASCII request of the standard, with and without the end of its line', () => {
    for (const end of ['\r\n', ''])
      expect(said(ascii, Buffer.from(`:0103006B00038E${end}`))).toEqual([
        'unit 01 (unit 1)',
        'function 03 (read holding registers, request)',
        'start 00 6B (address 107, from zero)',
        'count 00 03 (3 of them)',
        'LRC 8E (checksum right)',
      ]);
  });

  it('Modbus TCP with its head', () => {
    expect(said(tcp, bytes('00 01 00 00 00 03 01 83 02')).slice(0, 5)).toEqual([
      'transaction 00 01 (transaction 1)',
      'protocol 00 00 (Modbus)',
      'length 00 03 (3 bytes follow)',
      'unit 01 (unit 1)',
      'function 83 (read holding registers, exception)',
    ]);
  });
});

describe('every function', () => {
  const mask: Request = { unit: 1, fn: 22, start: 4, and: 0xf2, or: 0x25 };
  const exchange: Request = { unit: 1, fn: 23, start: 3, count: 2, writeStart: 14, values: [255] };
  it.each<[string, Request, string[]]>([
    [
      'discrete inputs',
      { unit: 1, fn: 2, start: 196, count: 22 },
      ['start 00 C4 (address 196, from zero)', 'count 00 16 (22 of them)'],
    ],
    [
      'coils',
      { unit: 1, fn: 15, start: 19, count: 10, values: [1, 0, 1, 1, 0, 0, 1, 1, 1, 0] },
      ['byte count 02 (2 bytes)', 'bits CD 01 (on: 19, 21, 22, 25, 26, 27)'],
    ],
    [
      'registers',
      { unit: 1, fn: 16, start: 1, count: 2, values: [10, 258] },
      ['register 1 00 0A (10)', 'register 2 01 02 (258)'],
    ],
    [
      'a mask',
      mask,
      ['AND mask 00 F2 (keeps these bits: 0000000011110010)', 'OR mask 00 25 (sets the others to: 0000000000000101)'],
    ],
    [
      'read and write',
      exchange,
      ['read start 00 03 (address 3, from zero)', 'write start 00 0E (address 14, from zero)', 'register 14 00 FF (255)'],
    ],
    [
      'identification',
      { unit: 1, fn: 43, code: 2, object: 0 },
      ['MEI type 0E (device identification)', 'code 02 (regular)', 'object 00 (vendor name)'],
    ],
  ])('%s, in all three framings', (_, request, expected) => {
    for (const [codec, frame] of [
      [rtu, encodeRtu(request)],
      [tcp, encodeTcp(7, request)],
      [ascii, encodeAscii(request)],
    ] as const)
      expect(said(codec, frame)).toEqual(expect.arrayContaining(expected));
  });

  it('the answer to an identification, with its texts', () => {
    const pdu = Buffer.concat([bytes('2b 0e 01 01 ff 01 01 00 04'), Buffer.from('Acme')]);
    expect(said(rtu, rtuFrame(1, pdu))).toEqual(
      expect.arrayContaining([
        'more follows FF (there is more)',
        'next object 01 (product code)',
        'object 0 41 63 6D 65 (vendor name: Acme)',
      ]),
    );
  });

  it('an unknown function is shown as it stands', () => {
    expect(said(rtu, rtuFrame(1, bytes('65 01 02')))).toEqual([
      'unit 01 (unit 1)',
      'function 65 (unknown function, answer)',
      'data 01 02',
      expect.stringContaining('CRC'),
    ]);
  });

  it('exceptions are told in words', () => {
    expect(said(rtu, rtuFrame(1, bytes('83 02')))[2]).toMatch(/^exception 02 \(Exception 2 \(illegal data address\)/);
  });
});

describe('what is refused', () => {
  it.each<[string, Codec, Uint8Array, string]>([
    ['nothing', rtu, bytes(''), 'too-short'],
    ['three bytes', rtu, bytes('01 03 00'), 'too-short'],
    ['a byte count that lies under a right checksum', rtu, rtuFrame(1, bytes('03 06 02 92 FF 9B')), 'wrong-byte-count'],
    ['an odd number of bytes as registers', rtu, rtuFrame(1, bytes('03 03 02 92 FF')), 'wrong-byte-count'],
    ['an exception with a byte too many', rtu, rtuFrame(1, bytes('83 02 00')), 'wrong-length'],
    ['a coil that is neither on nor off', rtu, rtuFrame(1, bytes('05 00 00 12 34')), 'wrong-length'],
    [
      'an answer to another request',
      rtu,
      Buffer.concat([encodeRtu({ unit: 1, fn: 3, start: 0, count: 3 }), rtuFrame(1, bytes('03 04 02 92 FF 9B'))]),
      'not-its-answer',
    ],
    [
      'a second frame that is broken',
      rtu,
      Buffer.concat([encodeRtu({ unit: 1, fn: 3, start: 0, count: 2 }), bytes('01 03 04 02 92 FF 9B 5A 3C')]),
      'wrong-crc',
    ],
    ['RTU taken for Modbus TCP', tcp, bytes('01 04 04 43 66 33 34 1B 38'), 'wrong-protocol'],
    ['a length that lies', tcp, bytes('00 01 00 00 00 09 01 03 02'), 'wrong-length'],
    ['a broken LRC', ascii, Buffer.from(':0103006B00038F\r\n'), 'wrong-lrc'],
    ['a line without its start', ascii, Buffer.from('0103006B00038E\r\n'), 'no-start'],
    ['characters that are none', ascii, Buffer.from(':01\x8303006B00038E\r\n', 'latin1'), 'not-hex'],
    ['half a byte', ascii, Buffer.from(':0103006B00038\r\n'), 'too-short'],
    ['a book', rtu, new Uint8Array(100_000), 'too-long'],
  ])('%s', (_, codec, given, code) => {
    const explained = codec.explain(given);
    expect('refused' in explained && explained.refused.code).toBe(code);
    if (!('refused' in explained)) return;
    expect(explained.refused.zh).toMatch(/[一-鿿].*。$/);
    expect(explained.refused.en).toMatch(/[A-Z].*\.$/);
  });

  it('no bytes make it throw, and no bit of a frame can be another', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ minLength: 1, maxLength: 60 }).map((pdu) => rtuFrame(1, Buffer.from(pdu))),
    );
    fc.assert(
      fc.property(anything, (given) => {
        for (const codec of codecs) {
          codec.explain(given);
          codec.frames?.(profileOf({ a: { at: 0 } }), given);
        }
      }),
      { numRuns: 2_000 },
    );
    const frame = bytes('01 03 04 02 92 FF 9B 5A 3D');
    for (let bit = 0; bit < frame.length * 8; bit += 1) {
      const flipped = Buffer.from(frame);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect('refused' in rtu.explain(flipped)).toBe(true);
    }
  });
});

describe('the vectors of profiles', () => {
  const profile = profileOf({
    humidity: { at: 0 },
    temperature: { at: 1, type: 's16' },
    energy: { at: 100, type: 'u64' },
    on: { at: 0, table: 'coil' },
  });
  const frames = (codec: Codec, given: Uint8Array) => codec.frames?.(profile, given);

  it('a request and its answer are registers at their place', () => {
    expect(frames(rtu, bytes('01 03 00 00 00 02 C4 0B 01 03 04 02 92 FF 9B 5A 3D'))).toEqual({
      bodies: [{ kind: 'registers', table: 'holding', start: 0, words: [0x292, 0xff9b] }],
    });
  });

  it('an answer alone is enough where only one read can have brought it', () => {
    expect(frames(rtu, bytes('01 03 04 02 92 FF 9B 5A 3D'))).toEqual({
      bodies: [{ kind: 'registers', table: 'holding', start: 0, words: [0x292, 0xff9b] }],
    });
    expect(frames(rtu, rtuFrame(1, bytes('03 08 00 00 00 00 00 00 00 2a')))).toMatchObject({
      bodies: [{ start: 100, words: [0, 0, 0, 42] }],
    });
    expect(frames(rtu, bytes('01 01 01 41 91 B8'))).toMatchObject({
      bodies: [{ kind: 'bits', table: 'coil', start: 0, bits: [true] }],
    });
  });

  it('and is refused where several can, or none', () => {
    const refusedWith = (given: Uint8Array) => {
      const heard = frames(rtu, given);
      return heard !== undefined && 'refused' in heard ? heard.refused.code : undefined;
    };
    // One register: humidity alone or temperature alone.
    expect(refusedWith(rtuFrame(1, bytes('03 02 00 2a')))).toBe('needs-request');
    expect(refusedWith(rtuFrame(1, bytes('04 04 00 00 00 00')))).toBe('needs-request');
    expect(refusedWith(bytes('01 03 00 00 00 02 C4 0B'))).toBe('no-answer');
    expect(refusedWith(bytes('01 03 04 02 92 FF 9B 03 E8 00 38 5A 3D'))).toBe('wrong-crc');
    expect(refusedWith(bytes('01 03 00 00 00 02 C4 0B 01 04 04 43 66 33 34 1B 38'))).toBe('not-its-answer');
  });

  it('an exception is the fault it would be on the line', () => {
    const given = Buffer.concat([encodeRtu({ unit: 1, fn: 3, start: 0, count: 2 }), rtuFrame(1, bytes('83 02'))]);
    expect(frames(rtu, given)).toEqual({
      bodies: [
        {
          kind: 'fault',
          table: 'holding',
          start: 0,
          count: 2,
          fault: 'unsupported',
          detail: 'exception 2 (illegal data address)',
        },
      ],
    });
  });
});
