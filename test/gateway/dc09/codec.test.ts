import { describe, expect, it } from 'vitest';
import { saidBy } from '../../../gateway/collect/dc09/bodies.ts';
import { codecs } from '../../../gateway/collect/dc09/codec.ts';
import { contactId, isOfZone } from '../../../gateway/collect/dc09/contact-id.ts';
import { framing, type Message, refusal, reply, timeStamp, timeText } from '../../../gateway/collect/dc09/message.ts';
import { splitAll } from '../../../gateway/collect/listening/splitter.ts';
import { messageBytes } from '../../../gateway/simulate/wires/dc09/alarm-host.ts';
import { expectFlipsRefused, expectFramesSurvive, expectNoBytesHurt, type Fuzzed } from '../listening/fuzz.ts';
import { vectors } from './vectors.ts';

const fuzzed: Fuzzed<Message> = { framing, frames: Object.values(vectors), key: ({ body }) => body };

function opened(bytes: Buffer): Message {
  const [split, ...others] = splitAll(framing, bytes);
  if (!split || !('frame' in split) || others.length > 0) throw new Error('not one message');
  return split.frame;
}

describe('messages of others', () => {
  it.each(Object.entries(vectors))('%s is read', (_, bytes) => {
    expect(bytes.toString('latin1')).toContain(opened(bytes).body);
  });

  it('their parts', () => {
    expect(opened(vectors.arm)).toMatchObject({
      id: 'HENG-BO',
      seq: '0000',
      receiver: 'R1234',
      prefix: 'L6789',
      account: '000000',
      data: '#000000|3400 00 000',
      time: '17:15:29,12-09-2015',
    });
    expect(opened(vectors.peerEncrypted)).toMatchObject({ id: 'NULL', isEncrypted: true, seq: '0008', account: '1234' });
    expect(opened(vectors.peerDuh)).toMatchObject({ id: 'DUH', time: '' });
  });

  it('what they say', () => {
    expect(saidBy(opened(vectors.heartbeat), 'Z')).toEqual({ body: { kind: 'alive' } });
    expect(saidBy(opened(vectors.arm), '+08:00')).toMatchObject({
      body: {
        channel: 'event',
        fields: { code: '400', qualifier: 'restore', number: 0, group: '00', at: '2015-12-09T17:15:29+08:00' },
      },
    });
    expect(saidBy(opened(vectors.peerBurglary), 'Z')).toEqual({
      body: {
        kind: 'fields',
        channel: 'zone',
        fields: {
          seq: '0042',
          id: 'ADM-CID',
          at: '2026-05-03T02:01:00Z',
          code: '130',
          qualifier: 'event',
          group: '00',
          number: 12,
        },
      },
      child: { key: 'zone-00-012', name: { zh: '防区 012', en: 'Zone 012' } },
    });
    expect(saidBy(opened(vectors.peerFire), 'Z')).toMatchObject({ child: { key: 'zone-01-005' } });
    expect(saidBy(opened(vectors.peerAcLoss), 'Z')).toMatchObject({ body: { channel: 'event', fields: { code: '301' } } });
    expect(saidBy(opened(vectors.peerEncrypted), 'Z')).toBeNull();
  });

  it('what is not Contact ID is kept as it came', () => {
    expect(saidBy(opened(messageBytes('"SIA-DCS"0001L0#1234[#1234|Nri1/RP0000]')), 'Z')).toMatchObject({
      body: { channel: 'unknown', fields: { id: 'SIA-DCS', data: '#1234|Nri1/RP0000' } },
    });
    expect(saidBy(opened(messageBytes('"ADM-CID"0001L0#1234[#1234|nonsense]')), 'Z')).toMatchObject({
      body: { channel: 'unknown' },
    });
  });

  it('the text of an alarm in its extended data', () => {
    const text = Buffer.from('北门红外', 'utf8').toString('latin1');
    const message = messageBytes(`"ADM-CID"0001L0#1234[#1234|1130 00 001][M0026b9e4268b][I${text}]`);
    expect(saidBy(opened(message), 'Z')).toMatchObject({ body: { fields: { text: '北门红外' } } });
  });
});

describe('Contact ID', () => {
  it('knows both ways to write a qualifier', () => {
    expect(contactId('#1234|E130 01 012')).toEqual({ qualifier: '1', code: '130', group: '01', number: 12, account: '1234' });
    expect(contactId('#1234|R130 01 012')).toMatchObject({ qualifier: '3' });
    expect(contactId('|6130 01 012')).toMatchObject({ qualifier: '6', account: '' });
    expect(contactId('#1234|1130 01 0A2')).toMatchObject({ number: 1_000 + 0xa2 });
    expect(contactId('#1234|2130 01 012')).toBeNull();
  });

  it('tells what is said of a zone from what is said of the host', () => {
    const zones = ['110', '120', '130', '144', '151', '200', '370', '383', '393', '570'];
    expect(zones.filter((code) => !isOfZone(code))).toEqual([]);
    expect(['121', '301', '302', '333', '350', '400', '401', '461', '602'].filter(isOfZone)).toEqual([]);
  });
});

describe('answers', () => {
  it('have the number and addresses of what they answer, and are those of others byte for byte', () => {
    expect(reply(opened(vectors.peerBurglary), 'ACK', '02:01:00,05-03-2026')).toEqual(vectors.peerAck);
    expect(reply(opened(vectors.heartbeat), 'ACK', '17:27:09,12-09-2015')).toEqual(vectors.ack);
    expect(refusal('10:10:18,07-30-2024')).toEqual(vectors.nak);
  });

  it('times there and back', () => {
    expect(timeStamp(Date.UTC(2026, 4, 3, 2, 1, 0), 'Z')).toBe('02:01:00,05-03-2026');
    expect(timeStamp(Date.UTC(2026, 4, 3, 2, 1, 0), '+08:00')).toBe('10:01:00,05-03-2026');
    expect(timeText('25:00:00,01-01-2026', 'Z')).toBeUndefined();
    expect(timeText('23:00:00,02-29-2025', 'Z')).toBeUndefined();
    expect(timeText('23:00:00,02-29-2024', '-03:00')).toBe('2024-02-29T23:00:00-03:00');
  });
});

describe('bytes', () => {
  it.each(Object.entries(vectors))('every one-bit flip of %s is refused', (_, bytes) => expectFlipsRefused(fuzzed, bytes));
  it('between messages cost none of them', () => expectFramesSurvive(fuzzed));
  it('hurt nobody', () =>
    expectNoBytesHurt(fuzzed, [
      Buffer.from('\n'),
      Buffer.from('\r'),
      Buffer.from('\n0000"'),
      Buffer.from('\n00000FFF"ADM-CID"['),
    ]));
});

describe('for people', () => {
  const [codec] = codecs;

  it('a message as it was copied, without its line ends', () => {
    const pasted = Buffer.from(vectors.peerBurglary.toString('latin1').trim());
    expect(codec?.explain(pasted)).toMatchObject({
      fields: expect.arrayContaining([
        { name: 'qualifier', value: '1', zh: '发生', en: 'new event or opening' },
        { name: 'event', value: '130', zh: '盗警', en: 'Burglary' },
        { name: 'zone', value: '12', zh: '防区或用户号，0 为主机', en: 'zone or user, 0 is the host' },
      ]) as unknown,
    });
  });

  it.each([
    ['a wrong CRC', vectors.arm.toString('latin1').replace('0213', '0214'), 'crc'],
    ['a wrong length', vectors.arm.toString('latin1').replace('0047', '0048'), 'length'],
    ['no head', 'hello', 'head'],
    ['a body that is none', messageBytes('"NULL"00').toString('latin1'), 'body'],
    ['nothing', '', 'head'],
  ])('%s is refused with its reason', (_, text, code) => {
    expect(codec?.explain(Buffer.from(text, 'latin1'))).toMatchObject({ refused: { code } });
  });
});
