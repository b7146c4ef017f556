import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codecs } from '../../../gateway/collect/dlt645/codec.ts';
import { encodeFrame } from '../../../gateway/collect/dlt645/frame.ts';
import { wireOf } from '../meters/codec.ts';
import { bytesOf, hexOf, oneBitFlips } from '../meters/converse.ts';
import { meter } from '../meters/profile.ts';

const { explain, frames, fields: fieldsOf, readings } = wireOf(codecs);

const kwh = { type: 'bcd32', order: 'DCBA', scale: 0.01 };
const profile = meter(
  { protocol: 'dlt645' },
  {
    combined: { at: '00000000', ...kwh },
    forward: { at: '00010000', ...kwh },
    reverse: { at: '00020000', ...kwh },
    voltage: { at: '02010100', type: 'bcd16', order: 'DCBA', scale: 0.1 },
  },
);
const profile1997 = meter({ protocol: 'dlt645', version: '1997' }, { forward: { at: '9010', ...kwh } });

/** Public frames; where from stands behind each. */
const questions: [string, string, string, string][] = [
  // peace0phmind/dlt645 frame_test.go
  ['V3', '68 90 78 56 34 12 00 68 11 04 33 33 33 33 55 16', '001234567890', '00000000'],
  ['V4', '68 78 56 34 12 00 00 68 11 04 33 34 34 35 C9 16', '000012345678', '02010100'],
  ['V5, 1997', '68 67 45 23 01 00 00 68 11 02 44 E9 E0 16', '000001234567', 'B611'],
  // kaledl.com/down/1493168
  ['1997 with its own function', '68 54 07 13 00 80 13 68 01 02 43 C3 DA 16', '138000130754', '9010'],
];
const answers: [string, string, string, number, typeof profile][] = [
  // dgiot/dgiot dlt645_decoder.erl: five data bytes where the standard has four
  ['V6', '68 41 07 00 00 16 04 68 91 09 33 33 33 33 33 33 33 33 36 9A 16', 'combined', 0, profile],
  // hwhale.com/article/138066
  ['forward', '68 61 01 00 00 00 00 68 91 08 33 33 34 33 59 33 33 33 8A 16', 'forward', 0.26, profile],
  ['reverse', '68 61 01 00 00 00 00 68 91 08 33 33 35 33 59 34 33 33 8C 16', 'reverse', 1.26, profile],
  ['voltage', '68 61 01 00 00 00 00 68 91 06 33 34 34 35 34 43 10 16', 'voltage', 100.1, profile],
  ['voltage behind FE', 'FE FE FE FE 68 61 01 00 00 00 00 68 91 06 33 34 34 35 34 43 10 16', 'voltage', 100.1, profile],
  // kaledl.com/down/1493168
  ['1997', '68 54 07 13 00 80 13 68 81 06 43 C3 34 33 33 33 2B 16', 'forward', 0.01, profile1997],
];

describe('frames from public sources', () => {
  it.each(questions)('%s is a question', (_, hex, address, identifier) => {
    const fields = fieldsOf(hex);
    expect(fields['A0…A5']).toContain(address);
    expect(fields['C']).toContain('question, read data');
    expect(fields['DI']).toContain(identifier);
  });

  it.each(questions)('%s is what our encoder makes', (_, hex, address) => {
    const bytes = bytesOf(hex);
    const data = bytes.subarray(10, -2).map((byte) => byte - 0x33);
    expect(hexOf(encodeFrame({ address, control: bytes[8] as number, data }))).toBe(hex);
  });

  it.each(answers)('%s is decoded', (_, hex, point, value, of) => {
    expect(readings(of, hex)).toEqual([{ point, value, quality: 'good', at: 0 }]);
  });

  it('says what an answer holds, the way the display shows it', () => {
    expect(fieldsOf('68 61 01 00 00 00 00 68 91 06 33 34 34 35 34 43 10 16')).toEqual({
      'A0…A5': '61 01 00 00 00 00 | meter address 000000000161',
      C: '91 | answer, read data',
      L: '06 | 6 data bytes',
      DI: '02010100 | voltage, phase A',
      DATA: '01 10 | 100.1 V',
      CS: '10 | checksum right',
    });
  });

  it('takes a set highest bit of a signed value for its sign', () => {
    const data = [0x00, 0x01, 0x02, 0x02, 0x34, 0x12, 0x80];
    const explained = fieldsOf(hexOf(encodeFrame({ address: '000000000161', control: 0x91, data: Uint8Array.from(data) })));
    expect(explained['DATA']).toBe('34 12 80 | -1.234 A');
  });

  it('names what a refusal says', () => {
    const refusal = hexOf(encodeFrame({ address: '000000000161', control: 0xd1, data: Uint8Array.of(0x02) }));
    expect(fieldsOf(refusal)).toMatchObject({ C: 'D1 | answer, refused, read data', ERR: '02 | no such data' });
    expect(frames(profile, bytesOf(refusal))).toMatchObject({ refused: { code: 'refused' } });
  });

  it('does not show a password', () => {
    const data = Uint8Array.from([0x02, 0x56, 0x34, 0x12, 0x01, 0, 0, 0, 0x1a, 0, 0, 0, 0, 1, 1, 0x26]);
    const fields = fieldsOf(hexOf(encodeFrame({ address: '000000000161', control: 0x1c, data })));
    expect(JSON.stringify(fields)).not.toContain('56 34 12');
    expect(fields['DATA']).toContain('not shown');
  });
});

describe('frames that are refused', () => {
  const all = [...questions.map(([name, hex]) => [name, hex] as const), ...answers.map(([name, hex]) => [name, hex] as const)];

  it.each(all)('%s with any one bit turned', (_, hex) => {
    const fill = hex.startsWith('FE') ? 4 : 0;
    for (const flipped of oneBitFlips(bytesOf(hex).subarray(fill))) {
      expect(explain(flipped), hexOf(flipped)).toHaveProperty('refused');
      expect(frames(profile, flipped)).toHaveProperty('refused');
    }
  });

  it.each(all)('%s cut off anywhere, and with a byte more', (_, hex) => {
    const bytes = bytesOf(hex);
    for (let length = 0; length < bytes.length; length += 1) expect(explain(bytes.subarray(0, length))).toHaveProperty('refused');
    expect(explain(Uint8Array.from([...bytes, 0]))).toHaveProperty('refused');
  });

  it('a question is no answer', () => {
    expect(frames(profile, bytesOf(questions[0]?.[1] ?? ''))).toMatchObject({ refused: { code: 'no-answer' } });
  });

  it('a block that does not come out even', () => {
    const block = { size: 2, items: ['02010100', '02010200', '02010300'] };
    const three = meter(
      { protocol: 'dlt645', blocks: { '0201FF00': block } },
      { a: { at: '02010100', type: 'bcd16', order: 'DCBA' } },
    );
    const answer = (...data: number[]) =>
      encodeFrame({ address: '000000000161', control: 0x91, data: Uint8Array.from([0, 0xff, 1, 2, ...data]) });
    expect(frames(three, answer(1, 0x22, 2, 0x22, 3))).toMatchObject({ refused: { code: 'odd-block' } });
    const whole = frames(three, answer(1, 0x22, 2, 0x22, 3, 0x22));
    expect('bodies' in whole && whole.bodies[0]).toEqual({
      kind: 'items',
      items: [
        { key: '02010100', bytes: Uint8Array.of(1, 0x22) },
        { key: '02010200', bytes: Uint8Array.of(2, 0x22) },
        { key: '02010300', bytes: Uint8Array.of(3, 0x22) },
      ],
    });
  });
});

describe('any bytes at all', () => {
  it('give fields or a sentence, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const explained = explain(bytes);
        expect('refused' in explained ? explained.refused.zh : explained.fields).toBeTruthy();
        expect(frames(profile, bytes)).toBeTypeOf('object');
      }),
    );
  });

  it('in a right frame too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 255 }), fc.nat(255), (data, control) => {
        const bytes = encodeFrame({ address: '012345678901', control, data });
        expect(explain(bytes)).toHaveProperty('fields');
        expect(frames(profile, bytes)).toBeTypeOf('object');
      }),
    );
  });
});
