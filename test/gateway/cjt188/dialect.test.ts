import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cjt188Address, dialect } from '../../../gateway/collect/cjt188/dialect.ts';
import type { BoundDevice } from '../../../gateway/collect/driver.ts';
import type { Read } from '../../../gateway/collect/line/dialect.ts';
import { bytesOf, converse, hexOf, oneBitFlips } from '../meters/converse.ts';
import { meter } from '../meters/profile.ts';
import { meterAnswers, type MeterState } from './slave.ts';

const points = {
  volume: { at: '901F.current.m3', type: 'bcd32', order: 'DCBA', scale: 0.01 },
  status: { at: '901F.status', type: 'u8' },
};
const commands = {
  open: { name: { zh: '开阀' }, do: { valve: 'open' } },
  close: { name: { zh: '关阀' }, do: { valve: 'close' } },
};
const water = (transport: object = {}) => meter({ protocol: 'cjt188', meterType: 0x10, ...transport }, points, { commands });

function device(profile = water(), address = '00000000000012'): BoundDevice<Cjt188Address> {
  return { id: 'm', profile, address: Cjt188Address.parse({ meter: address }) };
}

function readOf(of = device()): Read {
  const reads = dialect.reads(of, ['volume', 'status']);
  expect(reads).toHaveLength(1);
  return reads[0] as Read;
}

const values = [0x10, 0, 0x10, 0, 0x2c, 0x10, 0, 0x10, 0, 0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0xff];
const state = (more: Partial<MeterState> = {}): MeterState => ({
  type: 0x10,
  address: '00000000000012',
  values,
  order: 'high-first',
  ...more,
});
const talk = (read: Read, of: MeterState) => converse(read, (question) => meterAnswers(of, question));

describe('reading', () => {
  it('brings all fields of 901F with one question', () => {
    const { bodies, said } = talk(readOf(), state());
    expect(said[0]).toBe('>> FE FE FE FE 68 10 12 00 00 00 00 00 00 01 03 90 1F 00 3D 16');
    expect(bodies[0]).toMatchObject({
      kind: 'items',
      items: expect.arrayContaining([{ key: '901F.status', bytes: Uint8Array.of(0, 0xff) }]),
    });
  });

  it('learns the order of the identifier after a silence, and keeps to it', () => {
    const read = readOf();
    const meterState = state({ order: 'low-first' });
    const rounds = [1, 2, 3, 4].map(() => talk(read, meterState));
    expect(rounds.map(({ silence }) => silence === true)).toEqual([true, false, false, false]);
    expect(rounds[3]?.said[0]).toContain('1F 90');
    // One that is quiet for a while later is still asked in the order it is known to answer.
    expect(converse(read, () => undefined).said[0]).toContain('1F 90');
    expect(converse(read, () => undefined).said[0]).toContain('1F 90');
  });

  it('learns it from a refusal too, which says nothing for good', () => {
    const read = readOf();
    const meterState = state({ order: 'low-first', refusesOtherOrder: true });
    const first = talk(read, meterState);
    expect(first.exception).toMatchObject({ isLasting: false });
    read.fault('exception', '');
    expect(talk(read, meterState).bodies).toHaveLength(1);
  });

  it('believes a refusal for good when it comes twice', () => {
    const read = readOf(device(water({ identifierOrder: 'high-first' })));
    const refusing = state({ order: 'low-first', refusesOtherOrder: true });
    expect([1, 2].map(() => talk(read, refusing).exception?.isLasting)).toEqual([false, true]);
  });

  it('keeps to the order the profile gives', () => {
    const read = readOf(device(water({ identifierOrder: 'high-first' })));
    for (const _ of [1, 2]) expect(converse(read, () => undefined).said[0]).toContain('90 1F 00');
  });

  it('does not believe an answer of another length', () => {
    const { exception } = talk(readOf(), state({ values: values.slice(1) }));
    expect(exception).toMatchObject({ isLasting: true, detail: '901F: 18 data bytes where this type of meter has 19' });
  });
});

describe('which answer fits', () => {
  const right = bytesOf(
    '68 10 12 00 00 00 00 00 00 81 16 90 1F 00 10 00 10 00 2C 10 00 10 00 2C 00 00 00 00 00 00 00 00 FF 67 16',
  );

  it('stands behind noise, an echo, and a meter of another number or type', () => {
    const ask = readOf().first();
    const others = [state({ address: '00000000000013' }), state({ type: 0x11 })].map((other) => {
      const question = readOf(device(meter({ protocol: 'cjt188', meterType: other.type }, points), other.address)).first().send;
      return meterAnswers(other, question) as Uint8Array;
    });
    const heard = Uint8Array.from([0x68, 0x16, ...ask.send, ...others.flatMap((other) => [...other]), ...right]);
    expect(ask.match(heard)?.end).toBe(heard.length);
    expect(ask.match(heard.subarray(0, -1))).toBeUndefined();
  });

  it('is none with a bit turned', () => {
    for (const flipped of oneBitFlips(right)) expect(readOf().first().match(flipped), hexOf(flipped)).toBeUndefined();
  });

  it('is looked for in any bytes without a crash', () => {
    const ask = readOf().first();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (heard) => void ask.match(heard)));
    expect(ask.match(new Uint8Array(4_096).fill(0x68))).toBeUndefined();
  });
});

describe('the valve', () => {
  const told = (valve: 'open' | 'close', of = device()): Read => {
    const spec = of.profile.commands[valve];
    if (spec === undefined) throw new Error('no command');
    const act = { id: '1', device: 'm', command: valve, spec, args: {}, deadlineMono: 0 };
    const read = dialect.act?.(of, act, { at: 0, folder: '/' });
    if (read === undefined || 'refused' in read) throw new Error('refused');
    return read;
  };

  it('closes and opens, and a meter without one refuses', () => {
    const meterState = state();
    expect(talk(told('close'), meterState).bodies).toEqual([]);
    expect(meterState.valve).toBe('closed');
    expect(talk(told('open'), meterState)).not.toHaveProperty('exception');
    expect(meterState.valve).toBe('open');
    expect(talk(told('open'), state({ hasNoValve: true })).exception).toBeDefined();
  });

  it('is not thought to be refused by the late refusal of a read', () => {
    const [ask] = [told('close').first()];
    expect(ask.match(bytesOf('68 10 12 00 00 00 00 00 00 C1 03 00 01 00 4F 16'))).toBeUndefined();
    expect(ask.match(bytesOf('68 10 12 00 00 00 00 00 00 C4 03 00 01 00 52 16'))).toMatchObject({ isRefusal: true });
  });

  it('is told with the bytes the maker’s example shows', () => {
    // hftangyu.com/563; the example counts with sequence 01.
    const ask = told('open', device(water({ preamble: 0 }), '78331505900569')).first();
    expect(hexOf(ask.send)).toBe('68 10 69 05 90 05 15 33 78 04 04 A0 17 00 55 4F 16');
    expect(ask.isHarmless).toBe(true);
    expect(ask.match(bytesOf('68 10 69 05 90 05 15 33 78 84 05 A0 17 01 00 00 7C 16'))).toBeDefined();
  });
});

describe('a site file', () => {
  it('is told of a meter that is there twice', () => {
    expect(dialect.check([device(), { ...device(), id: 'n' }])).toMatchObject([{ path: 'devices.n.address.meter' }]);
  });

  it.each(['AAAAAAAAAAAAAA', '12', '0000000000001G'])('may not say meter: %s', (address) => {
    expect(Cjt188Address.safeParse({ meter: address }).success).toBe(false);
  });
});
