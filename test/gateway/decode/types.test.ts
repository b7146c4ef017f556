import { describe, expect, it } from 'vitest';
import { compile } from '../../../gateway/decode/decode.ts';
import { frame, items, modbus, values } from './profile.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const item = (key: string, bytes: string) => frame({ kind: 'items', items: [{ key, bytes: hex(bytes) }] });
/** One point of an item with these bytes. */
const one = (point: object, bytes: string, more: object = {}) =>
  values(items({ p: { at: 'K', ...point } }, more), item('K', bytes))['p'];
const words = (text: string) => text.match(/[0-9A-F]{4}/g)?.map((word) => Number.parseInt(word, 16)) ?? [];
const read = (points: Record<string, object>, text: string, more: object = {}) =>
  values(modbus(points, more), frame({ kind: 'registers', table: 'input', start: 0, words: words(text) }));

describe('row 1: types', () => {
  it.each([
    // DL/T 645-2007 data as public tests have it (V6a).
    ['energy of four bytes', { type: 'bcd32', scale: 0.01 }, '78 56 34 12', 123456.78],
    ['voltage of two bytes', { type: 'bcd16', scale: 0.1 }, '01 23', 230.1],
    ['a negative current', { type: 'bcd24', scale: 0.1, signed: true }, '34 01 A1', -21013.4],
    ['a negative value of two bytes', { type: 'bcd16', scale: 0.01, signed: true }, '12 94', -14.12],
    ['the same bytes without a sign', { type: 'bcd16', scale: 0.01 }, '12 94', 94.12],
    // V6: a reply with a byte more than the standard says.
    ['four bytes of five', { type: 'bcd32', scale: 0.01 }, '00 00 00 00 03', 0],
    ['one byte', { type: 'bcd8' }, '42', 42],
    ['a nibble that is no digit', { type: 'bcd16' }, '1A 00', 'not-a-number'],
    ['48 bits', { type: 'u48' }, '06 05 04 03 02 01', 0x010203040506],
    ['48 bits, negative', { type: 's48' }, 'FE FF FF FF FF FF', -2],
    ['24 bits', { type: 's24' }, 'FE FF FF', -2],
    ['too few bytes', { type: 'u32' }, '01 02 03', 'too-short'],
  ])('%s', (_name, point, bytes, expected) => expect(one(point, bytes)).toBe(expected));

  it('several values of one item (V8: the answer of a CJ/T 188 water meter)', () => {
    // SER, current, unit, day-frozen, unit, time, status; 2C is m³.
    const meter = items({
      current: { at: '901F', skip: 1, type: 'bcd32', scale: 0.01, unit: 'm3' },
      frozen: { at: '901F', skip: 6, type: 'bcd32', scale: 0.01, unit: 'm3' },
      status: { at: '901F', skip: 18, type: 'u16', order: 'ABCD' },
    });
    const data = '00 10 00 10 00 2C 10 00 10 00 2C 00 00 00 00 00 00 00 00 FF';
    expect(values(meter, item('901F', data))).toEqual({ current: 1000.1, frozen: 1000.1, status: 0x00ff });
  });

  it('48 bits of BCD in registers (V10: a gas flow meter)', () => {
    const block = '4B3C6156 449B6392 00000000 40220C4A 000012431116 40200000 122856864222 41AD3127 42CC6C8B';
    const points = {
      total: { at: 0, type: 'f32' },
      total_fine: { at: 2, type: 'f32', round: 4 },
      flow: { at: 6, type: 'f32', round: 3 },
      bcd_one: { at: 8, type: 'bcd48', scale: 0.0001 },
      flow_two: { at: 11, type: 'f32' },
      bcd_two: { at: 13, type: 'bcd48', scale: 0.0001 },
      warm: { at: 16, type: 'f32', round: 3 },
      pressure: { at: 18, type: 'f32', round: 3 },
    };
    expect(read(points, block)).toEqual({
      total: 12345686,
      total_fine: 1243.1116,
      flow: 2.532,
      bcd_one: 1243.1116,
      flow_two: 2.5,
      bcd_two: 12285686.4222,
      warm: 21.649,
      pressure: 102.212,
    });
  });

  it('text in GB 18030, cut at NUL, and a time of six bytes (V20, V21: parts of fire panels)', () => {
    const part = items({
      text: { at: 'T', type: 'string', length: 31, encoding: 'gb18030', kind: 'text' },
      time: { at: 'T', skip: 31, type: 'time6', kind: 'text' },
    });
    const v20 = `a3c1c7f8a3b1b2e3dfc8b2b8d7dfc0c8 ${'00'.repeat(15)} 301213010814`;
    const v21 = '31bac5bdd3bfdab0e531bbd8c2b731bac5 00 bac5d6f7bbfaf898cfa0000000 25110301060c';
    // 2020-08-01 19:18:48 and 2012-06-01 03:17:37 in the panel's zone, +08:00.
    expect(values(part, item('T', v20))).toEqual({ text: 'Ａ区１层呷哺走廊', time: '2020-08-01T11:18:48Z' });
    expect(values(part, item('T', v21))).toEqual({ text: '1号接口板1回路1号', time: '2012-05-31T19:17:37Z' });
  });

  it.each([
    ['six bytes, the second first', { type: 'time6' }, '18 11 0D 16 0A 14', '2020-10-22T05:17:24Z'],
    ['the same, the year first', { type: 'time6', order: 'ABCD' }, '14 0A 16 0D 11 18', '2020-10-22T05:17:24Z'],
    ['BCD without a second', { type: 'bcdtime5' }, '59 23 31 12 25', '2025-12-31T15:59:00Z'],
    ['BCD', { type: 'bcdtime6' }, '30 59 23 31 12 25', '2025-12-31T15:59:30Z'],
    ['BCD with the century', { type: 'bcdtime7' }, '30 59 23 31 12 25 20', '2025-12-31T15:59:30Z'],
    ['the 29th of February', { type: 'time6' }, '00 00 00 1D 02 18', '2024-02-28T16:00:00Z'],
    ['no such day', { type: 'time6' }, '00 00 00 1D 02 17', 'invalid-value'],
    ['zeros', { type: 'bcdtime6' }, '00 00 00 00 00 00', 'invalid-value'],
    ['FF', { type: 'bcdtime6' }, 'FF FF FF FF FF FF', 'invalid-value'],
    ['a nibble that is no digit', { type: 'bcdtime6' }, '3A 59 23 31 12 25', 'invalid-value'],
  ])('time in %s', (_name, point, bytes, expected) => expect(one({ ...point, kind: 'text' }, bytes)).toBe(expected));

  it.each([
    ['Z', '2025-12-31T23:59:30Z'],
    ['-05:00', '2026-01-01T04:59:30Z'],
    ['Europe/Berlin', '2025-12-31T22:59:30Z'],
  ])('a time in the zone %s', (zone, expected) =>
    expect(one({ type: 'bcdtime6', kind: 'text' }, '30 59 23 31 12 25', { zone })).toBe(expected),
  );

  it('a time in registers', () => {
    const points = {
      clock: { at: 0, type: 'time6', kind: 'text' },
      bcd: { at: 3, type: 'bcdtime6', order: 'CDAB', kind: 'text' },
    };
    expect(read(points, '140A160D1118 59302331 2512')).toEqual({ clock: '2020-10-22T05:17:24Z', bcd: 'invalid-value' });
    expect(read({ bcd: { at: 0, type: 'bcdtime6', kind: 'text' } }, '251231235930')).toEqual({ bcd: '2025-12-31T15:59:30Z' });
  });

  it('bytes as their digits: an address, a card number', () => {
    expect(one({ type: 'string', encoding: 'hex', length: 6, kind: 'text', order: 'ABCD' }, '00 12 34 AB CD EF')).toBe(
      '001234ABCDEF',
    );
    expect(one({ type: 'string', encoding: 'hex', length: 6, kind: 'text' }, '41 07 00 00 16 04')).toBe('041600000741');
  });
});

describe('row 2: 64 bits are exact', () => {
  it('through scale and offset', () => {
    expect(one({ type: 'u64', kind: 'counter' }, 'FF FF FF FF FF FF FF FF')).toBe('18446744073709551615');
    expect(one({ type: 'u64', scale: 0.01, kind: 'counter' }, 'FF FF FF FF FF FF FF FF')).toBe('184467440737095516.15');
    expect(one({ type: 's64', offset: 1 }, '00 00 00 00 00 00 00 80')).toBe('-9223372036854775807');
  });
});

describe('row 3: the order of bytes, of a point and of a profile', () => {
  it.each([
    ['ABCD', '43663333'],
    ['CDAB', '33334366'],
    ['BADC', '66433333'],
    ['DCBA', '33336643'],
  ])('%s', (order, text) => {
    const point = { at: 0, type: 'f32', round: 1 };
    expect(read({ p: { ...point, order } }, text)).toEqual({ p: 230.2 });
    expect(read({ p: point }, text, { defaults: { table: 'input', order } })).toEqual({ p: 230.2 });
  });
});

describe('row 4: addresses from zero or from one', () => {
  it('and the table said', () =>
    expect(read({ p: { at: 2, type: 'u16' } }, '00010002', { defaults: { table: 'input', addressing: 'one-based' } })).toEqual({
      p: 2,
    }));
});

describe('row 7: values that are none', () => {
  it.each([
    ['a sentinel', { type: 'u16', invalid: [0xffff] }, 'FF FF', 'invalid-value'],
    ['a sentinel of a signed value, as the manual prints it', { type: 's16', invalid: [0x8000] }, '00 80', 'invalid-value'],
    ['what the device does not have', { type: 'u16', unsupported: [0xfffe] }, 'FE FF', 'unsupported'],
    ['NaN', { type: 'f32' }, '00 00 C0 7F', 'not-a-number'],
    ['out of range', { type: 'u16', valid: [0, 500] }, 'F5 01', 'out-of-range'],
    ['a good one', { type: 'u16', valid: [0, 500], invalid: [0xffff], unsupported: [0xfffe] }, 'F4 01', 500],
  ])('%s', (_name, point, bytes, expected) => expect(one(point, bytes)).toBe(expected));
  it('leave nothing to an alarm: only their reason', () => {
    const decoded = compile(items({ p: { at: 'K', type: 'u16', unsupported: [0xfffe] } })).decode(item('K', 'FE FF'));
    expect(decoded.readings).toMatchObject([{ value: null, quality: 'bad', reason: 'unsupported' }]);
  });
});
