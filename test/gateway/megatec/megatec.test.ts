import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoundDevice } from '../../../gateway/collect/driver.ts';
import type { Read } from '../../../gateway/collect/line/dialect.ts';
import { codecs } from '../../../gateway/collect/megatec/codec.ts';
import { dialect, type MegatecAddress } from '../../../gateway/collect/megatec/dialect.ts';
import { wireOf } from '../meters/codec.ts';
import { converse, hexOf } from '../meters/converse.ts';
import { meter } from '../meters/profile.ts';

const { explain, frames, fields, readings } = wireOf(codecs);
const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (text: string) => hexOf(bytes(text));

const status = {
  voltage: '$.inputVoltage',
  load: '$.load',
  temperature: '$.temperature',
  on_battery: '$.onBattery',
  testing: '$.testing',
};
const ups = meter(
  { protocol: 'megatec' },
  {
    voltage: { unit: 'V' },
    load: { unit: '%' },
    temperature: { unit: 'Cel' },
    on_battery: { kind: 'state' },
    testing: { kind: 'state' },
    rated: { unit: 'V', group: 'slow' },
  },
  {
    decode: { status: [{ points: status }], rating: [{ points: { rated: '$.voltage' } }] },
    vectors: [{ name: 'none', origin: 'synthetic', given: { channel: 'status', fields: {} } }],
    commands: {
      test: { name: { zh: '自检' }, do: { test: 'quick' } },
      beeper: { name: { zh: '蜂鸣器' }, do: { beeper: 'toggle' } },
    },
  },
);
const device: BoundDevice<MegatecAddress> = { id: 'ups', profile: ups, address: {} };

/** networkupstools/nut drivers/blazer_ser.c */
const v36 = '(215.0 195.0 230.0 014 49.0 2.27 30.0 00101000\r';
const rating = '#230.0 000 024.0 50.0\r';
const vendor = '#NOT_A_LIVE_UPS  TESTING    TESTING   \r';
/** The same project's drivers/blazer.c, of a standby model. */
const standby = '(226.0 195.0 226.0 014 49.0 27.5 30.0 00001000\r';

describe('lines of a UPS', () => {
  it('V36: 215 V in, 230 V out, 14 %, 49 Hz, 2.27 V a cell, 30 °C; boosting, standby type', () => {
    const heard = frames(ups, bytes(v36));
    expect('bodies' in heard && heard.bodies).toEqual([
      {
        kind: 'fields',
        channel: 'status',
        fields: {
          inputVoltage: 215,
          inputFaultVoltage: 195,
          outputVoltage: 230,
          load: 14,
          frequency: 49,
          batteryVoltage: 2.27,
          temperature: 30,
          onBattery: false,
          batteryLow: false,
          bypass: true,
          failed: false,
          standbyType: true,
          testing: false,
          shuttingDown: false,
          beeper: false,
        },
      },
    ]);
    expect(fields(hex(v36))).toMatchObject({
      bypass: '1 | bypass or boost: yes',
      batteryVoltage: expect.stringContaining('2.27'),
    });
    expect(fields(hex(standby))['batteryVoltage']).toContain('27.5');
  });

  it('is read through a profile, line end or not', () => {
    const good = (point: string, value: unknown) => ({ point, value, quality: 'good', at: 0 });
    const all = [
      good('voltage', 215),
      good('load', 14),
      good('temperature', 30),
      good('on_battery', false),
      good('testing', false),
    ];
    expect(readings(ups, hex(v36))).toEqual(all);
    expect(readings(ups, hex(v36.trimEnd()))).toEqual(all);
    expect(readings(ups, hex(rating))).toEqual([good('rated', 230)]);
  });

  it('gives no value for what the UPS fills with signs', () => {
    const line = '(215.0 195.0 230.0 014 49.0 2.27 --.- 10000001';
    expect(readings(ups, hex(line))).toContainEqual({
      point: 'temperature',
      value: null,
      quality: 'bad',
      reason: 'invalid-value',
      at: 0,
    });
    expect(readings(ups, hex(line))).toContainEqual({ point: 'on_battery', value: true, quality: 'good', at: 0 });
  });

  it.each([
    ['a bit that is none', '(215.0 195.0 230.0 014 49.0 2.27 30.0 00101002\r'],
    ['a bit too few', '(215.0 195.0 230.0 014 49.0 2.27 30.0 0010100\r'],
    ['a number too few', '(215.0 195.0 230.0 014 49.0 2.27 00101000\r'],
    ['a letter in a number', '(215.0 195.0 230.0 014 4o.0 2.27 30.0 00101000\r'],
    ['another beginning', '215.0 195.0 230.0 014 49.0 2.27 30.0 00101000\r'],
    ['a line inside a line', '(215.0 195.0 (230.0 014 49.0 2.27 30.0 00101000\r'],
    ['a byte that cannot be printed', '(215.0 195.0 230.0 014 49.0 2.27 30.0\u0001 00101000\r'],
    ['the maker’s name', vendor],
    ['two lines', `${v36}${v36}`],
    ['nothing', ''],
  ])('refuses %s', (_, line) => {
    expect(explain(bytes(line))).toHaveProperty('refused');
    expect(frames(ups, bytes(line))).toHaveProperty('refused');
  });

  it('takes any bytes without a crash', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (any) => void [explain(any), frames(ups, any)]));
    fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 90 }), (any) => void explain(bytes(`(${any}\r`))));
  });
});

describe('asking a UPS', () => {
  const [read] = dialect.reads(device, ['voltage', 'load']) as [Read];

  it('asks for its state, and for its rating only where somebody wants it', () => {
    const { said, bodies } = converse(read, () => bytes(v36));
    expect(said[0]).toBe(`>> ${hex('Q1\r')}`);
    expect(bodies).toMatchObject([{ kind: 'fields', channel: 'status' }]);
    const asked = dialect.reads(device, ['rated']).map((each) => hexOf(each.first().send));
    expect(asked).toEqual([hex('F\r')]);
  });

  it('finds its answer behind noise and an echo, and takes no other line for it', () => {
    const heard = bytes(`\u0000#Q1\r${rating}(215.0 195${v36}`);
    expect(read.first().match(heard)).toMatchObject({ end: heard.length });
    expect(read.first().match(bytes(rating))).toBeUndefined();
    expect(read.first().match(bytes(v36.slice(0, -1)))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (any) => void read.first().match(any)));
  });

  it('tells it to test itself, and expects no word of it', () => {
    const act = (command: string) => {
      const spec = ups.commands[command];
      if (spec === undefined) throw new Error('no command');
      return dialect.act?.(
        device,
        { id: '1', device: 'ups', command, spec, args: {}, deadlineMono: 0 },
        { at: 0, folder: '/' },
      ) as Read;
    };
    expect(converse(act('test'), () => undefined)).toEqual({ bodies: [], said: [`>> ${hex('T\r')}`] });
    expect(converse(act('beeper'), () => undefined).said).toEqual([`>> ${hex('Q\r')}`]);
  });

  it('is alone on its line', () => {
    expect(dialect.check([device])).toEqual([]);
    expect(dialect.check([device, { ...device, id: 'other' }])).toMatchObject([{ path: 'devices.other.address' }]);
  });
});
