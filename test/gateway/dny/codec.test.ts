import { describe, expect, it } from 'vitest';
import { saidBy } from '../../../gateway/collect/dny/bodies.ts';
import { codecs } from '../../../gateway/collect/dny/codec.ts';
import { encode, framing, type Heard, type Packet } from '../../../gateway/collect/dny/packet.ts';
import { splitAll } from '../../../gateway/collect/listening/splitter.ts';
import { chargingData, dnyBytes, heartbeatData } from '../../../gateway/simulate/wires/dny/pile.ts';
import { expectFlipsRefused, expectFramesSurvive, expectNoBytesHurt, type Fuzzed } from '../listening/fuzz.ts';
import { vectors } from './vectors.ts';

const fuzzed: Fuzzed<Heard> = {
  framing,
  frames: Object.values(vectors),
  key: (heard) => ('packet' in heard ? heard.packet.bytes.toString('hex') : null),
};

function opened(bytes: Buffer): Packet {
  const [split, ...others] = splitAll(framing, bytes);
  if (!split || !('frame' in split) || !('packet' in split.frame) || others.length > 0) throw new Error('not one packet');
  return split.frame.packet;
}

const said = (bytes: Buffer) => saidBy(opened(bytes));
const told = (command: number, data: readonly number[]) => said(dnyBytes(0x04ab373b, 1, command, data));

describe('frames of others', () => {
  it.each(Object.entries(vectors))('%s is read, and made again byte for byte', (_, bytes) => {
    const packet = opened(bytes);
    expect(encode(packet)).toEqual(bytes);
    expect(dnyBytes(Number.parseInt(packet.id, 16), packet.message, packet.command, [...packet.data])).toEqual(bytes);
  });

  it('their heads', () => {
    expect(opened(vectors.locate)).toMatchObject({ id: '04a26cf3', message: 6, command: 0x96 });
    expect(opened(vectors.timeTold)).toMatchObject({ id: '04a228cd', message: 0x0879, command: 0x22 });
    expect(opened(vectors.timeAsked)).toMatchObject({ id: '04a26cf3', message: 2, command: 0x12 });
  });

  it('the heartbeat of a real double socket', () => {
    expect(said(vectors.heartbeatOld)).toMatchObject([
      { body: { channel: 'pile', fields: { firmware: '6.40', voltage: 237.4, ports: 2, signal: 0, temperature: 29 } } },
      {
        body: { channel: 'port', fields: { port: 1, state: 'idle', power: 0 } },
        child: { key: 'port-01', name: { zh: '端口 1', en: 'Port 1' } },
      },
      { body: { channel: 'port', fields: { port: 2, state: 'idle' } }, child: { key: 'port-02' } },
    ]);
  });

  it('the examples of the maker’s papers mean what their text says', () => {
    expect(said(vectors.heartbeat)).toMatchObject([
      { body: { channel: 'pile', fields: { voltage: 220, ports: 2, signal: 9 } } },
      { body: { fields: { port: 1, state: 'idle' } } },
      { body: { fields: { port: 2, state: 'idle' } } },
    ]);
    expect(said(vectors.charging)).toMatchObject([
      {
        body: {
          channel: 'port',
          fields: { port: 2, state: 'charging', duration: 3_600, energy: 0.48, power: 100, voltage: 220, current: 0.455 },
        },
        child: { key: 'port-02' },
      },
    ]);
    expect(said(vectors.settled)).toEqual([
      {
        body: {
          kind: 'fields',
          channel: 'charge',
          fields: { duration: 3_600, maxPower: 100, energy: 0.48, port: 2, reason: 'full', settled: true },
        },
      },
    ]);
    expect(said(vectors.registration)).toMatchObject([
      { body: { channel: 'pile', fields: { firmware: '1.26', ports: 2, type: 0x21 } } },
    ]);
    expect(said(vectors.hostHeartbeat)).toMatchObject([
      { body: { channel: 'host', fields: { firmware: '6.16', signal: 0x1f } } },
    ]);
    for (const bytes of [vectors.timeAsked, vectors.timeTold, vectors.query, vectors.locate])
      expect(said(bytes)).toEqual([{ body: { kind: 'alive' } }]);
  });
});

describe('what is said', () => {
  it('alarms, of which the fire ones matter most', () => {
    for (const [kind, alarm] of [
      [3, 'extinguisher'],
      [4, 'smoke'],
      [5, 'heat'],
      [2, 'water'],
      [99, 'alarm-99'],
    ] as const) {
      expect(told(0x42, [kind, 1, 0])).toEqual([
        { body: { kind: 'fields', channel: 'alarm', fields: { alarm, port: 2, input: 0 } } },
      ]);
    }
  });

  it('states and reasons that nobody knows keep their number', () => {
    expect(told(0x21, heartbeatData(230, [9, 0x77], 20))).toMatchObject([
      { body: { fields: { temperature: 20 } } },
      { body: { fields: { state: 'relay-stuck', stateCode: 9 } } },
      { body: { fields: { state: 'state-119', stateCode: 119 } } },
    ]);
    expect(told(0x03, [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x55])).toMatchObject([{ body: { fields: { reason: 'reason-85' } } }]);
  });

  it('a host with a breaker: its smoke detector and its leakage', () => {
    const data = [1, 90, 0x60, 9, 0x2c, 1, 0x10, 0x27, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 12];
    expect(told(0x17, data)).toMatchObject([
      {
        body: { channel: 'host', fields: { breaker: 'closed', voltage: 240, current: 3, energy: 100, smoke: true, leakage: 12 } },
      },
    ]);
  });

  it('short words of older firmware: what is not there is left out', () => {
    const [short] = told(0x06, chargingData(0, 50, 0.1, 60, []));
    expect(short).toMatchObject({ body: { fields: { power: 50, energy: 0.1, duration: 60 } } });
    expect(short).not.toHaveProperty('body.fields.voltage');
    expect(told(0x21, [0x98, 8, 2, 0, 0])).toMatchObject([{ body: { fields: { voltage: 220, ports: 2 } } }, {}, {}]);
  });

  it('what is cut off, and commands nobody knows, are kept with their number', () => {
    expect(told(0x21, [0x98, 8, 200, 0])).toMatchObject([
      { body: { channel: 'unknown', fields: { command: '0x21', data: '9808c800' } } },
    ]);
    expect(told(0x06, [1])).toMatchObject([{ body: { channel: 'unknown', fields: { command: '0x06' } } }]);
    expect(told(0xd7, [1, 2, 3])).toMatchObject([{ body: { channel: 'unknown', fields: { command: '0xd7', data: '010203' } } }]);
  });

  it('cards and orders leave no trace', () => {
    const card = [0x7a, 0x8d, 0x05, 0xdd];
    expect(told(0x02, [...card, 0, 1, 0, 0])).toEqual([{ body: { kind: 'alive' } }]);
    expect(JSON.stringify(told(0x03, [0, 0, 0, 0, 0, 0, 0, 0, ...card, 1, ...card]))).not.toMatch(/7a8d05dd|3707078010/i);
  });

  it('a modem’s own words', () => {
    const bytes = Buffer.from('89860429165872938875link', 'latin1');
    expect(splitAll(framing, bytes)).toEqual([{ frame: { modem: 'iccid' } }, { frame: { modem: 'link' } }]);
    // Real numbers have letters in them.
    expect(splitAll(framing, Buffer.from('898604D9162390488297', 'latin1'))).toEqual([{ frame: { modem: 'iccid' } }]);
  });
});

describe('bytes', () => {
  it.each(Object.entries(vectors))('every one-bit flip of %s is refused', (_, bytes) => expectFlipsRefused(fuzzed, bytes));
  it('between frames cost none of them', () => expectFramesSurvive(fuzzed));
  it('a card number that was cut short does not take the first byte of the packet behind it', () => {
    const packet = Object.values(vectors)[0] as Buffer;
    const splits = splitAll(framing, Buffer.concat([Buffer.from('898604D916239048829', 'latin1'), packet]));
    expect(splits.filter((split) => 'frame' in split)).toMatchObject([{ frame: { packet: {} } }]);
  });
  it('hurt nobody', () =>
    expectNoBytesHurt(fuzzed, [
      Buffer.from('DNY'),
      Buffer.from('DNY\u0009\u0000', 'latin1'),
      Buffer.from('89'),
      Buffer.from('lin'),
    ]));
});

describe('for people', () => {
  const [codec] = codecs;

  it('a frame with the number that is printed on the pile', () => {
    expect(codec?.explain(vectors.charging)).toMatchObject({
      fields: expect.arrayContaining([
        { name: '物理 ID', value: '04ab373b', zh: '双路插座，编号 11220795', en: 'double socket, no. 11220795' },
        { name: '命令', value: '0x06', zh: '端口充电功率', en: 'power at a port' },
        { name: 'state', value: 'charging', zh: '端口状态：充电中', en: 'port state: charging' },
      ]) as unknown,
    });
  });

  it.each([
    ['a flipped bit', Buffer.from(vectors.settled).fill(0xee, 14, 15), 'checksum'],
    ['a missing end', vectors.settled.subarray(0, -1), 'too-short'],
    ['something else', Buffer.from('hello'), 'no-frame'],
    ['two frames', Buffer.concat([vectors.query, vectors.query]), 'more-bytes'],
  ])('%s is refused with its reason', (_, bytes, code) => {
    expect(codec?.explain(bytes)).toMatchObject({ refused: { code } });
  });

  it('the SIM’s number is not shown', () => {
    expect(JSON.stringify(codec?.explain(Buffer.from('89860429165872938875')))).not.toContain('8986042916587');
  });
});
