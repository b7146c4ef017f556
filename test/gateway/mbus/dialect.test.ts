import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoundDevice } from '../../../gateway/collect/driver.ts';
import type { Read } from '../../../gateway/collect/line/dialect.ts';
import { dialect, MbusAddress } from '../../../gateway/collect/mbus/dialect.ts';
import { bytesOf, converse, hexOf, oneBitFlips } from '../meters/converse.ts';
import { meter } from '../meters/profile.ts';
import { meterAnswers, type MeterState } from './slave.ts';

const profile = (transport: object = {}) =>
  meter(
    { protocol: 'mbus', ...transport },
    { volume: { unit: 'm3' } },
    {
      decode: { data: [{ points: { volume: "$.values['volume.inst.0']" } }] },
      vectors: [{ name: 'none', origin: 'synthetic', given: { channel: 'data', fields: {} } }],
    },
  );

function device(address: object, transport: object = {}): BoundDevice<MbusAddress> {
  return { id: 'm', profile: profile(transport), address: MbusAddress.parse(address) };
}

function readOf(of: BoundDevice<MbusAddress>): Read {
  const reads = dialect.reads(of, ['volume']);
  expect(reads).toHaveLength(1);
  return reads[0] as Read;
}

const first = [0x0c, 0x13, 0x45, 0x23, 0x01, 0x00];
const state = (more: Partial<MeterState> = {}): MeterState => ({
  primary: 5,
  id: '12345678',
  maker: [0x24, 0x40, 1, 7],
  telegrams: [first],
  ...more,
});
const talk = (read: Read, ...meters: MeterState[]) =>
  converse(read, (question) => {
    const heard = meters.map((each) => meterAnswers(each, question)).filter((bytes) => bytes !== undefined);
    return heard.length === 0 ? undefined : Uint8Array.from(heard.flatMap((bytes) => [...bytes]));
  });
const valuesOf = ({ bodies }: ReturnType<typeof converse>): unknown => {
  const [body] = bodies;
  return body?.kind === 'fields' ? (body.fields as { values: unknown }).values : body;
};

describe('a primary address', () => {
  it('is reset and asked', () => {
    const conversation = talk(readOf(device({ primary: 5 })), state());
    expect(conversation.said.slice(0, 3)).toEqual(['>> 10 40 05 45 16', '<< E5', '>> 10 7B 05 80 16']);
    expect(valuesOf(conversation)).toEqual({ 'volume.inst.0': 12.345 });
  });

  it('of a meter that does not confirm a reset is asked at once, with the frame count bit in turn', () => {
    const read = readOf(device({ primary: 5 }, { reset: false }));
    const meterState = state({ confirmsReset: false });
    const asked = [1, 2, 3].map(() => talk(read, meterState).said[0]);
    expect(asked).toEqual(['>> 10 7B 05 80 16', '>> 10 5B 05 60 16', '>> 10 7B 05 80 16']);
    // What was not answered is asked with the same bit again, so that the meter repeats it.
    expect(talk(read).said[0]).toBe('>> 10 5B 05 60 16');
    expect(talk(read, meterState).said[0]).toBe('>> 10 5B 05 60 16');
  });

  it('gives all its telegrams, one by one, as one reading', () => {
    const telegrams = [
      [...first, 0x1f],
      [0x04, 0x2b, 0x10, 0, 0, 0, 0x1f],
      [0x0c, 0x13, 0x99, 0, 0, 0, 0x02, 0x5b, 0x15, 0],
    ];
    const read = readOf(device({ primary: 5 }));
    const conversation = talk(read, state({ telegrams }));
    expect(conversation.said.filter((line) => line.startsWith('>> 10 ')).slice(1)).toEqual([
      '>> 10 7B 05 80 16',
      '>> 10 5B 05 60 16',
      '>> 10 7B 05 80 16',
    ]);
    expect(valuesOf(conversation)).toEqual({ 'volume.inst.0': 12.345, 'power.inst.0': 16, 'flow-temperature.inst.0': 21 });
    // The next reading begins with the first telegram again.
    expect(valuesOf(talk(read, state({ telegrams })))).toHaveProperty('power.inst.0');
  });

  it('is not asked for ever: not by a log without an end, nor by a meter that repeats itself', () => {
    const endless = Array.from({ length: 100 }, (_, i) => [0x01, 0x13, i, 0x1f]);
    const limited = talk(readOf(device({ primary: 5 }, { telegrams: 3 })), state({ telegrams: endless }));
    expect(limited.said).toHaveLength(8);
    const repeating = talk(readOf(device({ primary: 5 })), state({ telegrams: [[...first, 0x1f]], ignoresCount: true }));
    expect(repeating.said).toHaveLength(6);
    expect(valuesOf(repeating)).toEqual({ 'volume.inst.0': 12.345 });
  });

  it('where another meter answers gives no value', () => {
    const { exception } = talk(readOf(device({ primary: 5, id: '12345678' })), state({ id: '99999999' }));
    expect(exception).toMatchObject({ detail: 'meter 99999999 answers instead of 12345678', isLasting: true });
    expect(exception?.text?.zh).toContain('表是否换过');
  });
});

describe('a secondary address', () => {
  it('selects the meter and reads it, among others', () => {
    const meters = [state({ primary: 0 }), state({ id: '12345679', primary: 0, telegrams: [[0x01, 0x13, 1]] })];
    const conversation = talk(readOf(device({ secondary: '12345678' })), ...meters);
    expect(conversation.said[0]).toBe('>> 68 0B 0B 68 53 FD 52 78 56 34 12 FF FF FF FF B2 16');
    expect(valuesOf(conversation)).toEqual({ 'volume.inst.0': 12.345 });
    const other = talk(readOf(device({ secondary: '12345679', manufacturer: 'PAD', version: 1, medium: 7 })), ...meters);
    expect(other.said[0]).toContain('79 56 34 12 24 40 01 07');
    expect(valuesOf(other)).toEqual({ 'volume.inst.0': 0.001 });
    expect(meters[0]?.isSelected).toBe(false);
  });

  it('with open digits finds the meter that fits', () => {
    expect(valuesOf(talk(readOf(device({ secondary: 'FFFF5678' })), state()))).toEqual({ 'volume.inst.0': 12.345 });
    expect(talk(readOf(device({ secondary: 'FFFF5679' })), state()).silence).toBe(true);
    expect(talk(readOf(device({ secondary: '12345678', manufacturer: 'EFE' })), state()).silence).toBe(true);
  });

  it('does not believe a meter that still thinks it is selected', () => {
    const read = readOf(device({ secondary: '12345678' }));
    const stuck = state({ id: '12345679', isSelected: true });
    const { silence } = converse(read, (question) =>
      question[0] === 0x68 ? Uint8Array.of(0xe5) : meterAnswers(stuck, question),
    );
    expect(silence).toBe(true);
  });
});

describe('which answer fits', () => {
  const answer = (...of: MeterState[]) => of.map((each) => meterAnswers(each, bytesOf('10 7B 05 80 16')) as Uint8Array);
  const asked = () => {
    const read = readOf(device({ primary: 5 }, { reset: false }));
    return read.first();
  };

  it('stands behind noise, an echo, and another meter', () => {
    const [other] = [meterAnswers(state({ primary: 6 }), bytesOf('10 7B 06 81 16')) as Uint8Array];
    const [right] = answer(state());
    const heard = Uint8Array.from([0x68, 0x10, 0xe5, ...asked().send, ...other, ...(right ?? [])]);
    expect(asked().match(heard)?.end).toBe(heard.length);
    expect(asked().match(heard.subarray(0, -1))).toBeUndefined();
  });

  it('is none with a bit turned', () => {
    const [right] = answer(state());
    for (const flipped of oneBitFlips(right as Uint8Array)) {
      // Only ACD and DFC of the C field say nothing of the data; they are under the checksum all the same.
      expect(asked().match(flipped), hexOf(flipped)).toBeUndefined();
    }
  });

  it('is no E5 that stands inside another frame, whole or still arriving', () => {
    const reset = readOf(device({ primary: 5 })).first();
    expect(reset.match(bytesOf('E5'))).toMatchObject({ end: 1 });
    expect(reset.match(bytesOf('00 E5'))).toMatchObject({ end: 2 });
    const other = meterAnswers(state({ primary: 6, telegrams: [[0x01, 0x13, 0xe5]] }), bytesOf('10 7B 06 81 16')) as Uint8Array;
    for (let length = 0; length <= other.length; length += 1) expect(reset.match(other.subarray(0, length))).toBeUndefined();
    expect(reset.match(Uint8Array.from([...other, 0xe5]))).toBeDefined();
  });

  it('is looked for in any bytes without a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (heard) => {
        asked().match(heard);
        readOf(device({ primary: 5 }))
          .first()
          .match(heard);
      }),
    );
    expect(asked().match(new Uint8Array(4_096).fill(0x68))).toBeUndefined();
  });
});

describe('a site file', () => {
  it('is told of addresses that mean one meter', () => {
    const as = (id: string, address: object) => ({ ...device(address), id });
    expect(dialect.check([as('a', { primary: 5 }), as('b', { primary: 6 }), as('c', { secondary: '12345678' })])).toEqual([]);
    expect(dialect.check([as('a', { primary: 5 }), as('b', { primary: 5 })])).toHaveLength(1);
    expect(dialect.check([as('a', { secondary: '12345678' }), as('b', { secondary: 'FFFF5678' })])).toHaveLength(1);
    const apart = [
      as('a', { secondary: '12345678', manufacturer: 'EFE' }),
      as('b', { secondary: '12345678', manufacturer: 'PAD' }),
    ];
    expect(dialect.check(apart)).toEqual([]);
  });

  it.each([{ primary: 251 }, { primary: 253 }, { secondary: '1234567' }, { secondary: '12345678', manufacturer: 'efe' }, {}])(
    'may not say %j',
    (address) => {
      expect(MbusAddress.safeParse(address).success).toBe(false);
    },
  );
});
