import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codecs } from '../../../gateway/codecs.ts';
import type { Codec } from '../../../gateway/collect/codec.ts';
import { hexLines, joined, mostBytes } from '../../../gateway/commission/monitor-text.ts';
import { type Pasted, readWire, wiresFor } from '../../../gateway/commission/read-wire.ts';

/** What an installer pastes. Frames are those of public sources; see `device-profiles` and the tests of each codec. */

const codecOf = (wire: string): Codec => {
  const codec = codecs.get(wire);
  if (codec === undefined) throw new Error(`no wire ${wire}`);
  return codec;
};

const hex = (text: string): Pasted => ({ text, as: 'hex' });
const bytesIn = (text: string) => Buffer.from(joined(hexLines(text))).toString('hex');

const waterstar =
  '68515168080b7254029904c51400060c27000004782e254c00046d0a0ccd1304134c01000044134b0100008401134c010000426cbf1c026cdf1c' +
  '043b00000000143b160800000223a70401fd170004902808000000' +
  '3f16';
const fault = `4040070001022d340e0c0716000000000000640000000000300002020101010037000a000400${'00'.repeat(31)}2d340e0c07161a2323`;

/** One whole frame of each wire. */
const binary: readonly (readonly [wire: string, frame: string])[] = [
  ['modbus-rtu', '010404436633341b38'],
  ['modbus-rtu', '01050000ff008c3a'],
  ['modbus-tcp', '000100000006010300000002'],
  ['dlt645', '68907856341200681104333333335516'],
  ['dlt645', 'fefefefe684107000016046891093333333333333333369a16'],
  ['cjt188', '6810120000000000000103901f003d16'],
  ['mbus', waterstar],
  ['gb26875', fault],
  ['dny', '444e590a00f36ca2040600960aa003'],
];
const text: readonly (readonly [wire: string, frame: string])[] = [
  ['modbus-ascii', ':010300000002FA\r\n'],
  ['dc09', '93B30031"NULL"0000R1234L6789#000000[]_17:24:14,12-09-2015'],
  ['hj212', '##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80'],
  ['megatec', '(215.0 195.0 230.0 014 49.0 2.27 30.0 00101000'],
  ['wiegand', '00101101000000001010001000'],
];

describe('bytes in what somebody pasted', () => {
  it.each([
    ['with blanks', '01 03 04 02 92'],
    ['together', '0103040292'],
    ['with 0x and commas', '0x01, 0x03, 0x04,0x02,0x92'],
    ['with H', '01H 03H 04H 02H 92H'],
    ['as a string of C', '\\x01\\x03\\x04\\x02\\x92'],
    ['as an array', '{0x01, 0x03, 0x04, 0x02, 0x92};'],
    ['with colons', '01:03:04:02:92'],
    ['with dashes', '01-03-04-02-92'],
    ['with a time and a side', '[12:00:01.123] RX: 01 03 04 02 92'],
    ['with a date, a port and its settings', '2024-05-01 12:00:01.123 COM3 9600 8N1 TX (5): 01 03 04 02 92'],
    ['with a date in one piece', '20240501 12:00:01 01 03 04 02 92'],
    ['as words', '0103 0402 92'],
    ['in two lines', '01 03 04\n02 92'],
    ['as hexdump -C', '00000000  01 03 04 02 92                                    |.....|'],
    ['as xxd', '00000000: 0103 0402 92                             .....'],
    ['in brackets', '[01 03 04 02 92]'],
  ])('%s', (_name, pasted) => expect(bytesIn(pasted)).toBe('0103040292'));

  it('none in words, numbers and times', () => {
    expect(bytesIn('12:00:01 read failed, retry 3 of 10')).toBe('10');
    expect(bytesIn('no answer from the meter')).toBe('');
  });

  it('no more than is ever looked at', () => {
    expect(joined(hexLines('01 '.repeat(mostBytes + 5)))).toHaveLength(mostBytes);
  });
});

describe('each wire', () => {
  it.each(binary)('%s finds its frame among noise, and its neighbours', (wire, frame) => {
    const codec = codecOf(wire);
    const reading = readWire(codec, hex(`${frame} ff00aa ${frame}`));
    const found = reading.frames.map(({ bytes }) =>
      Buffer.from(bytes)
        .toString('hex')
        .replace(/^(fe)+/, ''),
    );
    expect(found).toEqual([frame.replace(/^(fe)+/, ''), frame.replace(/^(fe)+/, '')]);
    expect(reading.rest.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(['ff00aa']);
  });

  it.each(text)('%s finds its frame in a log of lines', (wire, frame) => {
    const log = `started at 12:00\n12:00:01 ${frame}\n12:00:02 ${frame}\n`;
    const reading = readWire(codecOf(wire), { text: log, as: 'either' });
    expect(reading.frames).toHaveLength(2);
    expect(reading.frames[0]?.fields.length).toBeGreaterThan(1);
  });

  it.each(binary.filter(([wire]) => wire !== 'modbus-tcp'))('%s takes no frame with one bit wrong', (wire, frame) => {
    const codec = codecOf(wire);
    const bytes = Buffer.from(frame.replace(/^(fe)+/, ''), 'hex');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { frames } = readWire(codec, hex(flipped.toString('hex')));
      expect(frames.map((each) => each.bytes.length)).not.toContain(bytes.length);
    }
  });

  it.each(binary)('%s is found without being named', (wire, frame) => {
    const [best] = wiresFor(codecs.values(), hex(frame));
    expect(best).toMatchObject({ wire, covered: 1 });
  });
});

describe('what is no frame', () => {
  it('the frame that many have copied has a wrong CRC and a wrong count', () => {
    const reading = readWire(codecOf('modbus-rtu'), hex('01 03 04 02 92 FF 9B 03 E8 00 38 5A 3D'));
    expect(reading.frames).toEqual([]);
    expect(reading.rest[0]?.why).toMatchObject({ code: 'wrong-crc', en: expect.stringContaining('The byte count says 4') });
  });

  it('a wrong one among right ones is told with its reason', () => {
    const reading = readWire(codecOf('modbus-rtu'), hex('01 03 00 00 00 02 C4 0B\n01 03 04 02 92 FF 9B 5A 3E'));
    expect([reading.frames.length, reading.rest.map(({ why }) => why.code)]).toEqual([1, ['wrong-crc']]);
  });

  it('an answer is read with its request', () => {
    const pasted = hex('TX 01 03 00 10 00 02 C5 CE\nRX 01 03 04 02 92 FF 9B 5A 3D');
    const fields = readWire(codecOf('modbus-rtu'), pasted).frames[1]?.fields ?? [];
    expect(fields.map(({ name }) => name)).toContain('register 16');
  });

  it('nothing fits noise', () => {
    expect(wiresFor(codecs.values(), hex('00 11 22 33 44 55 66 77'))).toEqual([]);
  });
});

describe('whatever is pasted', () => {
  const anything = fc.oneof(
    fc.string({ maxLength: 400 }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    fc
      .array(
        fc.constantFrom(...binary.map(([, frame]) => frame), ...text.map(([, frame]) => frame), 'ff', '68', '\n', ' 12:00 '),
        {
          maxLength: 12,
        },
      )
      .map((parts) => parts.join('')),
  );

  it('is read by every wire without a throw, and frames do not overlap', () => {
    fc.assert(
      fc.property(anything, fc.constantFrom('hex', 'text', 'either'), (pasted, as) => {
        for (const codec of codecs.values()) {
          const { frames, covered } = readWire(codec, { text: pasted, as });
          expect(covered).toBeLessThanOrEqual(1);
          for (const { fields } of frames) expect(fields.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([...codecs.keys()])('%s bounds its work: as much as may be pasted, made to look like beginnings', (wire) => {
    for (const start of ['68', '6868', '4040', '444e59', '2323', '0103', '00010000', '10', ':01', '(', '01'])
      readWire(codecOf(wire), { text: start.repeat(mostBytes), as: 'either' });
  });
});
