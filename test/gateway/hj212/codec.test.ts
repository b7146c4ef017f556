import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saidBy } from '../../../gateway/collect/hj212/bodies.ts';
import { codecs } from '../../../gateway/collect/hj212/codec.ts';
import { readParameters } from '../../../gateway/collect/hj212/parameters.ts';
import { encode, flagOf, framing, type Packet, withoutPassword } from '../../../gateway/collect/hj212/segment.ts';
import { timeStamp, timeText } from '../../../gateway/collect/hj212/time.ts';
import { splitAll } from '../../../gateway/collect/listening/splitter.ts';
import { packetBytes } from '../../../gateway/simulate/wires/hj212/station.ts';
import { expectFlipsRefused, expectFramesSurvive, expectNoBytesHurt, type Fuzzed } from '../listening/fuzz.ts';
import { vectors } from './vectors.ts';

const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const fuzzed: Fuzzed<Packet> = { framing, frames: Object.values(vectors).map(bytesOf), key: ({ segment }) => segment };

function opened(bytes: Buffer): Packet {
  const found = splitAll(framing, bytes).flatMap((split) => ('frame' in split ? [split.frame] : []));
  const [only, ...others] = found;
  if (!only || others.length > 0) throw new Error(`${found.length} packets`);
  return only;
}

const said = (text: string) => saidBy(opened(bytesOf(text)), '+08:00').body;
const fields = (text: string) => {
  const body = said(text);
  return body.kind === 'fields' ? body.fields : undefined;
};

describe('packets of others', () => {
  it.each(Object.entries(vectors))('%s is read, and made again byte for byte', (_, text) => {
    const packet = opened(bytesOf(text));
    expect(packet.segment.length).toBe(Number(text.slice(2, 6)));
    expect(encode(packet.segment).toString('latin1').toLowerCase()).toBe(text.toLowerCase());
    expect(packetBytes(packet.segment)).toEqual(encode(packet.segment));
  });

  it('of 2005, without a number and a flag', () => {
    expect(fields(vectors.water)).toMatchObject({
      cn: '2011',
      at: '2016-01-03T13:30:30+08:00',
      factors: { '060': { rtd: 3.0943, flag: 'N' }, '011': { rtd: 18.0412 }, '001': { rtd: 8.2137 }, B01: { rtd: 10.989 } },
    });
    expect(fields(vectors.water)).not.toHaveProperty('qn');
    expect(flagOf(opened(bytesOf(vectors.water)))).toEqual({ wantsAnswer: false, isPart: false, version: 0 });
  });

  it('with a misspelt key: it survives as something unknown', () => {
    expect(fields(vectors.air)).toMatchObject({
      factors: { a34004: { rtd: 207 }, a34002: { rtd: 295 }, a01001: { rtd: 12.6 }, a01002: { rtd: 32 }, LA: { flag: 'N' } },
      other: { 'LA-td': '50.1' },
    });
    expect(fields(vectors.air)).not.toHaveProperty('factors.LA.rtd');
  });

  it('with hourly means', () => {
    expect(said(vectors.hour)).toMatchObject({
      channel: 'hour',
      fields: { factors: { a34006: { avg: 2.697 } }, at: '2019-09-24T22:00:00+08:00' },
    });
  });
});

describe('what is said', () => {
  const packet = (parameters: string, head = 'QN=20260503100100000;ST=22;CN=2011;PW=1;MN=X;Flag=5') =>
    packetBytes(`${head};CP=&&${parameters}&&`).toString('latin1');

  it('a value that the station itself marks is none, and stands beside as it came', () => {
    for (const flag of ['F', 'M', 'S', 'D', 'C', 'T', 'B', 'Z']) {
      expect(
        fields(packet(`DataTime=20260503100000;a34004-Rtd=999,a34004-Flag=${flag};a34002-Rtd=80,a34002-Flag=N`)),
      ).toMatchObject({
        factors: { a34004: { rtd: null, rtdRaw: '999', flag }, a34002: { rtd: 80 } },
      });
    }
  });

  it('text that is no number stays text, and is no value', () => {
    expect(fields(packet('LA-Rtd=--,LA-Flag=N;a01001-Rtd=-3.5,a01001-Flag=N'))).toMatchObject({
      factors: { LA: { rtd: '--' }, a01001: { rtd: -3.5 } },
    });
  });

  it('in several packets: the time of the first is the time of all', () => {
    const head = (part: number) => `QN=20260503100100000;ST=22;CN=2011;PW=1;MN=X;Flag=7;PNUM=2;PNO=${part}`;
    const first = saidBy(opened(bytesOf(packet('DataTime=20260503100000;a34004-Rtd=1,a34004-Flag=N', head(1)))), '+08:00');
    const second = saidBy(opened(bytesOf(packet('a34002-Rtd=2,a34002-Flag=N', head(2)))), '+08:00', first.dataTime);
    expect(second.body).toMatchObject({ fields: { at: '2026-05-03T10:00:00+08:00', factors: { a34002: { rtd: 2 } } } });
  });

  it('another command is kept as it came, answers and requests for the time are signs of life', () => {
    expect(said(packet('a=1', 'QN=20260503100100000;ST=22;CN=2077;PW=1;MN=X;Flag=5'))).toMatchObject({
      channel: 'unknown',
      fields: { cn: '2077', data: 'a=1' },
    });
    for (const cn of ['9011', '9012', '9014', '1013'])
      expect(said(packet('', `QN=1;ST=91;CN=${cn};PW=1;MN=X;Flag=4`))).toEqual({ kind: 'alive' });
  });

  it('keys that mean something to a program mean nothing here', () => {
    const read = readParameters('__proto__-Rtd=1;constructor-Rtd=2;toString=3;__proto__=4');
    expect(Object.keys(read.factors)).toEqual(['__proto__', 'constructor']);
    expect(Object.keys(read.other)).toEqual(['toString', '__proto__']);
    expect(Object.hasOwn(Object.prototype, 'rtd')).toBe(false);
  });

  it('any parameters at all', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        const read = readParameters(text);
        expect(Object.keys(read.other).length).toBeLessThanOrEqual(256);
      }),
    );
    expect(
      Object.keys(readParameters(Array.from({ length: 5_000 }, (_, i) => `x${i}-Rtd=1;y${i}=2`).join(';')).factors),
    ).toHaveLength(256);
  });

  it('the password is not for showing', () => {
    expect(withoutPassword(opened(bytesOf(vectors.hour)).segment)).toContain(';PW=***;MN=Z13401000010301');
    expect(withoutPassword('CP=&&PW=654321&&')).toBe('CP=&&PW=***&&');
  });

  it('times there and back', () => {
    expect(timeStamp(Date.UTC(2016, 7, 1, 0, 58, 57, 223), '+08:00')).toBe('20160801085857223');
    expect(timeText('20160801085857223', '+08:00')).toBe('2016-08-01T08:58:57.223+08:00');
    for (const wrong of ['20161301000000', '20160230000000', '2016', '', 'x'.repeat(14)])
      expect(timeText(wrong, '+08:00')).toBeUndefined();
  });
});

describe('bytes', () => {
  it.each(Object.entries(vectors))('every one-bit flip of %s is refused', (_, text) => expectFlipsRefused(fuzzed, bytesOf(text)));
  it('between packets cost none of them', () => expectFramesSurvive(fuzzed));
  it('hurt nobody', () =>
    expectNoBytesHurt(fuzzed, [Buffer.from('##'), Buffer.from('##0101'), Buffer.from('##4096CP=&&'), Buffer.from('##0000FFFF')]));
  it('line ends may be missing', () => {
    expect(opened(bytesOf(vectors.air.trim())).segment.length).toBe(453);
    const two = splitAll(framing, bytesOf(vectors.air.trim() + vectors.hour));
    expect(two.filter((split) => 'frame' in split)).toHaveLength(2);
  });
});

describe('for people', () => {
  const [codec] = codecs;

  it('a packet as it was copied', () => {
    expect(codec?.explain(bytesOf(vectors.interval.trim()))).toMatchObject({
      fields: expect.arrayContaining([
        { name: 'CN', value: '1062', zh: '设置实时数据间隔', en: 'set the interval of real-time data' },
        { name: 'Flag', value: '5', zh: 'HJ 212-2017，需要应答', en: 'HJ 212-2017, to be answered' },
        { name: 'RtdInterval', value: '30' },
        { name: 'CRC', value: '1C80', zh: '正确', en: 'right' },
      ]) as unknown,
    });
  });

  it.each([
    ['a wrong CRC', vectors.interval.replace('1C80', '1C81'), 'crc'],
    ['a wrong length', vectors.interval.replace('0101', '0099'), 'length'],
    ['no parameters', encode('QN=1;CN=2011').toString('latin1'), 'segment'],
    ['half of one', vectors.air.slice(0, 200), 'too-short'],
    ['something else', 'hello', 'no-frame'],
  ])('%s is refused with its reason', (_, text, code) => {
    expect(codec?.explain(bytesOf(text))).toMatchObject({ refused: { code } });
  });
});
