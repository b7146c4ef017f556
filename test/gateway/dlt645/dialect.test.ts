import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialect, Dlt645Address } from '../../../gateway/collect/dlt645/dialect.ts';
import type { BoundDevice } from '../../../gateway/collect/driver.ts';
import type { Read } from '../../../gateway/collect/line/dialect.ts';
import { bytesOf, converse, hexOf, oneBitFlips } from '../meters/converse.ts';
import { meter } from '../meters/profile.ts';
import { meterAnswers, type MeterState } from './slave.ts';

const volts = { type: 'bcd16', order: 'DCBA', scale: 0.1 };
const phases = ['02010100', '02010200', '02010300'];
const threePhase = meter(
  { protocol: 'dlt645', blocks: { '0201FF00': { size: 2, items: phases } } },
  {
    u_a: { at: '02010100', ...volts },
    u_b: { at: '02010200', ...volts },
    u_c: { at: '02010300', ...volts },
    frequency: { at: '02800002', type: 'bcd16', order: 'DCBA', scale: 0.01 },
    event: { at: '03300001', type: 'u8' },
  },
  {
    commands: {
      trip: { name: { zh: '拉闸' }, do: { relay: 'trip' } },
      clock: { name: { zh: '校时' }, do: { clock: 'broadcast' } },
    },
  },
);

function device(meterAddress = '000000000161', profile = threePhase, more: object = {}): BoundDevice<Dlt645Address> {
  return { id: 'm', profile, address: Dlt645Address.parse({ meter: meterAddress, ...more }) };
}

function state(more: Partial<MeterState> = {}): MeterState {
  const data = new Map([
    ['02010100', [0x01, 0x22]],
    ['02010200', [0x02, 0x22]],
    ['02010300', [0x03, 0x22]],
    ['02800002', [0x01, 0x50]],
  ]);
  return { address: '000000000161', data, ...more };
}

const readsOf = (points: readonly string[], of = device()): readonly Read[] => dialect.reads(of, points);
const only = (reads: readonly Read[]): Read => {
  expect(reads).toHaveLength(1);
  return reads[0] as Read;
};

describe('what is asked', () => {
  it('is the item itself where a block would bring nothing more', () => {
    const read = only(readsOf(['u_a']));
    const { bodies, said } = converse(read, (question) => meterAnswers(state(), question));
    expect(said[0]).toBe('>> FE FE FE FE 68 61 01 00 00 00 00 68 11 04 33 34 34 35 17 16');
    expect(bodies).toEqual([{ kind: 'items', items: [{ key: '02010100', bytes: Uint8Array.of(0x01, 0x22) }] }]);
  });

  it('is a block where it brings several, cut into its items', () => {
    const meterState = state();
    meterState.data.set('0201FF00', [0x01, 0x22, 0x02, 0x22, 0x03, 0x22]);
    const reads = readsOf(['u_a', 'u_b', 'u_c', 'frequency']);
    expect(reads.map(({ key }) => key)).toEqual(['0201FF00', '02800002']);
    const { bodies } = converse(reads[0] as Read, (question) => meterAnswers(meterState, question));
    expect(bodies).toEqual([{ kind: 'items', items: phases.map((key, i) => ({ key, bytes: Uint8Array.of(i + 1, 0x22) })) }]);
  });

  it('is item by item where the meter does not know the block', () => {
    const read = only(readsOf(['u_a', 'u_b', 'u_c']));
    const { exception } = converse(read, (question) => meterAnswers(state(), question));
    expect(exception).toMatchObject({ isTooMuch: true, detail: '0201FF00: no such data' });
    const parts = read.parts?.() ?? [];
    expect(parts.map(({ key }) => key)).toEqual(phases);
    const bodies = parts.flatMap((part) => converse(part, (question) => meterAnswers(state(), question)).bodies);
    expect(bodies.flatMap((body) => (body.kind === 'items' ? body.items.map(({ key }) => key) : []))).toEqual(phases);
    expect(parts[0]?.parts?.()).toBeUndefined();
  });

  it('an item that the meter does not have is refused for good the second time, with the next step in words', () => {
    const read = only(readsOf(['event']));
    const refused = () => converse(read, (question) => meterAnswers(state(), question)).exception;
    // The first may be the late refusal of another question: it names no identifier.
    expect(refused()).toMatchObject({ isLasting: false, detail: '03300001: no such data' });
    expect(refused()).toMatchObject({ isLasting: true });
    expect(refused()?.text?.zh).toContain('换用合适的档案');
    const known = state();
    known.data.set('03300001', [1]);
    expect(converse(read, (question) => meterAnswers(known, question)).bodies).toHaveLength(1);
    expect(refused()).toMatchObject({ isLasting: false });
  });

  it('gathers follow-up frames in their order, and begins anew the next time', () => {
    const long = Array.from({ length: 23 }, (_, i) => i);
    const meterState = state({ frameBytes: 5 });
    meterState.data.set('03300001', long);
    const read = only(readsOf(['event']));
    for (const round of [1, 2]) {
      const { bodies, said } = converse(read, (question) => meterAnswers(meterState, question));
      expect(bodies, `round ${round}`).toEqual([{ kind: 'items', items: [{ key: '03300001', bytes: Uint8Array.from(long) }] }]);
      expect(said).toHaveLength(10);
    }
  });

  it('does not follow a meter that never comes to an end', () => {
    const endless = state({ frameBytes: 20 });
    endless.data.set('03300001', Array<number>(100_000).fill(0));
    const { exception, said } = converse(only(readsOf(['event'])), (question) => meterAnswers(endless, question));
    expect(exception?.detail).toContain('more than');
    expect(said.length).toBeLessThan(120);
  });

  it('speaks 1997: two bytes of identifier, function 1, follow-ups without a number', () => {
    const profile = meter({ protocol: 'dlt645', version: '1997' }, { forward: { at: '9010', type: 'bcd32', order: 'DCBA' } });
    const old: MeterState = { address: '138000130754', data: new Map([['9010', [1, 0, 0, 0]]]), is1997: true };
    const read = only(readsOf(['forward'], device('138000130754', profile)));
    const { bodies, said } = converse(read, (question) => meterAnswers(old, question));
    expect(said[0]).toBe('>> FE FE FE FE 68 54 07 13 00 80 13 68 01 02 43 C3 DA 16');
    expect(bodies).toEqual([{ kind: 'items', items: [{ key: '9010', bytes: Uint8Array.of(1, 0, 0, 0) }] }]);
  });

  it('asks a meter of 1997 that answers to the newer function the way it wants', () => {
    const profile = meter(
      { protocol: 'dlt645', version: '1997', readFunction: 0x11 },
      { u: { at: 'B611', type: 'bcd16', order: 'DCBA' } },
    );
    const read = only(readsOf(['u'], device('000001234567', profile)));
    expect(hexOf(read.first().send)).toBe('FE FE FE FE 68 67 45 23 01 00 00 68 11 02 44 E9 E0 16');
  });
});

describe('which answer fits', () => {
  const ask = () => only(readsOf(['u_a'])).first();
  const right = bytesOf('68 61 01 00 00 00 00 68 91 06 33 34 34 35 34 43 10 16');

  it('stands behind noise, fill bytes, an echo and another meter', () => {
    const other = meterAnswers(
      { address: '000000000162', data: new Map([['02010100', [9, 9]]]) },
      bytesOf('68 62 01 00 00 00 00 68 11 04 33 34 34 35 18 16'),
    );
    const heard = Uint8Array.from([0x00, 0x68, 0x16, ...ask().send, ...(other ?? []), 0xfe, ...right, 0x55]);
    expect(ask().match(heard)).toMatchObject({
      answer: { kind: 'data', bytes: Uint8Array.of(0x01, 0x10) },
      end: heard.length - 1,
    });
  });

  it('is not that of another meter, of another identifier, nor one with a bit turned', () => {
    expect(ask().match(bytesOf('68 62 01 00 00 00 00 68 91 06 33 34 34 35 34 43 11 16'))).toBeUndefined();
    expect(ask().match(bytesOf('68 61 01 00 00 00 00 68 91 06 33 35 34 35 34 43 11 16'))).toBeUndefined();
    for (const flipped of oneBitFlips(right)) expect(ask().match(flipped), hexOf(flipped)).toBeUndefined();
  });

  it('is not inside a frame of another meter', () => {
    const data = [...right].map((byte) => (byte + 0x33) & 0xff);
    const body = [0x68, 0x62, 1, 0, 0, 0, 0, 0x68, 0x91, data.length, ...right];
    const sum = body.reduce((total, byte) => total + byte, 0) & 0xff;
    expect(ask().match(Uint8Array.from([...body, sum, 0x16]))).toBeUndefined();
  });

  it('tells a refusal from a value', () => {
    const refusal = meterAnswers({ address: '000000000161', data: new Map() }, ask().send) as Uint8Array;
    expect(ask().match(refusal)).toMatchObject({ isRefusal: true, answer: { kind: 'refused', word: 2 } });
  });

  it('comes from whichever meter a shortened address means', () => {
    const read = only(readsOf(['u_a'], device('AAAAAAAA0161')));
    expect(hexOf(read.first().send)).toContain('68 61 01 AA AA AA AA 68 11');
    const { bodies } = converse(read, (question) => meterAnswers(state({ address: '123456780161' }), question));
    expect(bodies).toHaveLength(1);
    expect(read.first().match(bytesOf('68 62 01 00 00 00 00 68 91 06 33 34 34 35 34 43 11 16'))).toBeUndefined();
  });

  it('is looked for in any bytes without a crash, and in time', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (heard) => void ask().match(heard)));
    expect(ask().match(new Uint8Array(4_096).fill(0x68))).toBeUndefined();
  });
});

describe('commands', () => {
  const spec = (name: string) => threePhase.commands[name] as NonNullable<(typeof threePhase.commands)[string]>;
  const act = (name: string, of: BoundDevice<Dlt645Address>, folder = '/nowhere') => {
    const order = { id: '1', device: 'm', command: name, spec: spec(name), args: {}, deadlineMono: 0 };
    const at = Date.UTC(2026, 10, 28, 16, 30, 5);
    return dialect.act?.(of, order, { at, folder }) ?? { refused: { code: 'none', zh: '', en: '' } };
  };

  it('are refused without a password, with an unreadable one, and to a shortened address', () => {
    expect(act('trip', device())).toMatchObject({ refused: { code: 'no-password' } });
    const control = { passwordFile: 'meter.password', operator: '00000007' };
    expect(act('trip', device(undefined, undefined, { control }))).toMatchObject({ refused: { code: 'no-password' } });
    expect(act('trip', device('AAAA00000161', undefined, { control }))).toMatchObject({ refused: { code: 'wildcard' } });
  });

  it('carry the password of the installation, the operator and a time until when they hold; the meter trips', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dlt645-'));
    writeFileSync(join(folder, 'meter.password'), '02123456\n');
    const read = act(
      'trip',
      device(undefined, undefined, { control: { passwordFile: 'meter.password', operator: '00000007' } }),
      folder,
    );
    if ('refused' in read) throw new Error(read.refused.en);
    const ask = read.first();
    expect(ask.isSecret).toBe(true);
    // PA P0 P1 P2, C0…C3, N1 N2, N3…N8: 00:35:05 on the 29th in UTC+8, five minutes ahead.
    const data = ask.send.subarray(14, -2).map((byte) => byte - 0x33);
    expect(hexOf(data)).toBe('02 56 34 12 07 00 00 00 1A 00 05 35 00 29 11 26');
    const right = state({ password: '02123456' });
    expect(converse(read, (question) => meterAnswers(right, question))).toMatchObject({ bodies: [] });
    expect(right.relay).toBe(0x1a);
    const wrong = state({ password: '02999999' });
    expect(converse(read, (question) => meterAnswers(wrong, question)).exception).toMatchObject({
      detail: 'wrong password or not authorised',
    });
    expect(wrong.relay).toBeUndefined();
  });

  it('set the clocks of all meters of the line, in their own time', () => {
    const read = act('clock', device());
    if ('refused' in read) throw new Error(read.refused.en);
    expect(read.first().isBroadcast).toBe(true);
    const listening = state();
    expect(converse(read, (question) => meterAnswers(listening, question))).toMatchObject({ bodies: [] });
    expect(listening.clock).toBe('26 11 29 00 30 05');
  });
});

describe('a site file', () => {
  it('is told of two devices that mean one meter', () => {
    expect(dialect.check([device('000000000161'), { ...device('000000000162'), id: 'n' }])).toEqual([]);
    const [twin] = dialect.check([device('000000000161'), { ...device('000000000161'), id: 'n' }]);
    expect(twin).toMatchObject({ path: 'devices.n.address.meter' });
    expect(dialect.check([device('AAAAAAAAAAAA'), { ...device('000000000161'), id: 'n' }])).toHaveLength(1);
    expect(dialect.check([device('999999999999')])).toHaveLength(1);
  });

  it.each(['12345', '0000000001611', '00000000016A', '0000AA000161', 'AAAAAAAAAAA1'])('may not say meter: %s', (meterAddress) => {
    expect(Dlt645Address.safeParse({ meter: meterAddress }).success).toBe(false);
  });
});
