import { describe, expect, it } from 'vitest';
import { saidBy } from '../../../gateway/collect/gb26875/bodies.ts';
import { codecs } from '../../../gateway/collect/gb26875/codec.ts';
import { encode, framing, type Packet, reply } from '../../../gateway/collect/gb26875/packet.ts';
import { splitAll } from '../../../gateway/collect/listening/splitter.ts';
import {
  partAnalogue,
  partState,
  systemState,
  frameBytes,
  state,
  transmitterOperation,
} from '../../../gateway/simulate/wires/gb26875/frames.ts';
import { expectFlipsRefused, expectFramesSurvive, expectNoBytesHurt, type Fuzzed } from '../listening/fuzz.ts';
import { vectors } from './vectors.ts';

const zone = '+08:00';
const fuzzed: Fuzzed<Packet> = {
  framing,
  frames: Object.values(vectors),
  key: ({ bytes }) => Buffer.from(bytes).toString('hex'),
};

function opened(bytes: Buffer): Packet {
  const [split, ...others] = splitAll(framing, bytes);
  if (!split || !('frame' in split) || others.length > 0) throw new Error('not one frame');
  return split.frame;
}

const said = (bytes: Buffer) => saidBy(opened(bytes), zone);
const fields = (bytes: Buffer) => {
  const [first] = said(bytes);
  return first && first.body.kind === 'fields' ? first.body.fields : undefined;
};

describe('frames of real transmitters', () => {
  it('fire at a part, with its text', () => {
    expect(said(vectors.fire)).toEqual([
      {
        body: {
          kind: 'fields',
          channel: 'part',
          fields: {
            serial: '0',
            sentAt: '2020-10-22T17:13:24+08:00',
            at: '2020-08-01T19:18:48+08:00',
            what: 'part-0',
            systemType: 1,
            systemAddress: 3,
            partType: 0,
            partAddress: '000600d9',
            flags: 2,
            bit0: false,
            fire: true,
            fault: false,
            shielded: false,
            supervised: false,
            started: false,
            feedback: false,
            delayed: false,
            powerFault: false,
            text: 'Ａ区１层呷哺走廊',
          },
        },
        child: { key: 'part-1-3-0-000600d9', name: { zh: 'Ａ区１层呷哺走廊', en: 'General part 000600d9' }, note: '通用部件' },
      },
    ]);
    expect(opened(vectors.fire)).toMatchObject({
      serial: 0,
      version: { major: 1, minor: 1 },
      source: '000000000000',
      destination: '010203040506',
      command: 2,
    });
  });

  it('a text is cut at its NUL, and the clock of 2012 stands beside the frame of 2021', () => {
    expect(fields(vectors.dirtySmoke)).toMatchObject({
      what: 'part-42',
      fire: true,
      text: '1号接口板1回路1号',
      at: '2012-06-01T03:17:37+08:00',
      sentAt: '2021-07-27T09:09:05+08:00',
    });
  });

  it('a fault without a text, and its end: all bits zero, bit 0 among them', () => {
    expect(fields(vectors.fault)).toMatchObject({ fault: true, fire: false, bit0: false, partAddress: '000a0037' });
    expect(fields(vectors.fault)).not.toHaveProperty('text');
    expect(fields(vectors.restored)).toMatchObject({ flags: 0, fault: false, fire: false, bit0: false });
    expect(said(vectors.fault)[0]?.child).toEqual({
      key: 'part-1-1-0-000a0037',
      name: { zh: '通用部件 000a0037', en: 'General part 000a0037' },
      note: '通用部件',
    });
    expect(said(vectors.restored)[0]?.child?.key).toBe(said(vectors.fault)[0]?.child?.key);
  });

  it('the transmitter on its battery and back', () => {
    expect(said(vectors.onBattery)).toMatchObject([
      {
        body: {
          channel: 'transmitter',
          fields: { flags: 0x14, fault: true, backupFault: true, mainsFault: false, lineFault: false },
        },
      },
    ]);
    expect(fields(vectors.onMains)).toMatchObject({ flags: 0, fault: false, backupFault: false });
  });

  it('a registration without data, and a handshake of one byte, are signs of life', () => {
    expect(said(vectors.registration)).toEqual([{ body: { kind: 'alive' } }]);
    expect(said(vectors.handshake)).toEqual([{ body: { kind: 'alive' } }]);
  });

  it('operations: reset by operator 1, mute by operator 0', () => {
    expect(fields(vectors.reset)).toMatchObject({
      of: 'transmitter',
      operation: 'reset',
      operator: 1,
      at: '2022-07-12T11:46:58+08:00',
    });
    expect(fields(vectors.mute)).toMatchObject({ of: 'transmitter', operation: 'mute', operator: 0 });
  });
});

describe('what an independent encoder says is read back', () => {
  const local = Date.UTC(2026, 4, 3, 2, 1, 0);
  const part = {
    system: 1,
    systemAddress: 2,
    type: 42,
    address: 0x0001_0007,
    text: Uint8Array.from(Buffer.from('bbf0be af'.replace(' ', ''), 'hex')),
  };
  const frame = (data: readonly number[], more: object = {}) =>
    frameBytes({ serial: 7, source: 0x123456, destination: 100, command: 2, data, local, ...more });

  it('a part, a system, several objects in one frame', () => {
    expect(fields(frame(partState(part, state.fire | state.shielded, local)))).toMatchObject({
      fire: true,
      shielded: true,
      text: '火警',
      at: '2026-05-03T02:01:00+08:00',
    });
    expect(said(frame(systemState(12, 3, (1 << 8) | (1 << 10), local)))).toMatchObject([
      {
        body: { channel: 'system', fields: { what: 'system', mainsFault: true, busFault: true, fire: false } },
        child: { key: 'system-12-3', name: { zh: '自动喷水灭火系统 3' } },
      },
    ]);
    const one = partState(part, state.fire, local).slice(2);
    const other = partState({ ...part, address: 8 }, 0, local).slice(2);
    expect(said(frame([2, 2, ...one, ...other])).map(({ child }) => child?.key)).toEqual([
      'part-1-2-42-00010007',
      'part-1-2-42-00000008',
    ]);
  });

  it('signed quantities in their steps', () => {
    expect(fields(frame(partAnalogue(part, 3, -101, local)))).toMatchObject({ quantity: 'temperature', value: -10.1 });
    expect(fields(frame(partAnalogue(part, 2, 1234, local)))).toMatchObject({ quantity: 'height', value: 12.34 });
    expect(fields(frame(partAnalogue(part, 77, 5, local)))).toMatchObject({ quantity: 'type-77', value: 5 });
  });

  it('two buttons in one object are two events', () => {
    const both = said(frame(transmitterOperation(0b0100_0100, 9, local)));
    expect(both.map(({ body }) => body.kind === 'fields' && (body.fields as Record<string, unknown>)['operation'])).toEqual([
      'manual-alarm',
      'test',
    ]);
  });

  it('objects without their time, as some devices send them', () => {
    const data = partState(part, state.fire, local);
    const bare = frame(data.slice(0, -6));
    expect(fields(bare)).toMatchObject({ fire: true });
    expect(fields(bare)).not.toHaveProperty('at');
  });

  it('the reply has the same serial and the addresses swapped', () => {
    const asked = opened(frame(partState(part, 0, local)));
    expect(opened(reply(asked, 3, asked.time))).toMatchObject({
      serial: 7,
      source: '000000000064',
      destination: '000000123456',
      command: 3,
      version: asked.version,
    });
    expect(opened(encode(asked)).bytes).toEqual(asked.bytes);
  });
});

describe('what cannot be read is kept as it came', () => {
  const local = 0;
  const frame = (data: readonly number[], version = [1, 2]) => {
    const bytes = frameBytes({ serial: 1, source: 1, destination: 2, command: 2, data, local });
    bytes.set(version, 4);
    bytes[bytes.length - 3] = bytes.subarray(2, -3).reduce((sum, byte) => sum + byte, 0) & 0xff;
    return bytes;
  };

  it.each([
    ['a type of the maker', frame([200, 1, 2, 3]), { type: '200', why: 'type', data: 'c8010203' }],
    ['objects that do not come out even', frame([2, 2, 1, 2, 3]), { type: '2', why: 'length' }],
    [
      'a version of the future',
      frame(partState({ system: 1, systemAddress: 1, type: 42, address: 1 }, 2, 0), [2, 0]),
      { why: 'edition', protocol: '2.0' },
    ],
  ])('%s', (_, bytes, wanted) => {
    expect(said(bytes)).toMatchObject([{ body: { channel: 'unknown', fields: wanted } }]);
  });

  it('but the installer may say which edition it is', () => {
    const bytes = frame(partState({ system: 1, systemAddress: 1, type: 42, address: 1 }, 2, 0), [2, 0]);
    expect(saidBy(opened(bytes), zone, '2011')).toMatchObject([{ body: { channel: 'part', fields: { fire: true } } }]);
  });
});

describe('bytes', () => {
  it.each(Object.entries(vectors))('every one-bit flip of %s is refused', (_, frame) => expectFlipsRefused(fuzzed, frame));
  it('between frames cost none of them', () => expectFramesSurvive(fuzzed));
  it('hurt nobody', () =>
    expectNoBytesHurt(fuzzed, [
      Buffer.from('@@'),
      Buffer.from(`@@${'\u0000'.repeat(22)}\u00ff\u0003`, 'latin1'),
      Buffer.from('##'),
    ]));
});

describe('for people', () => {
  const [codec] = codecs;

  it('a frame is explained field by field in both languages', () => {
    const explained = codec?.explain(vectors.dirtySmoke);
    const shown =
      explained && 'fields' in explained
        ? Object.fromEntries(explained.fields.map(({ name, value, zh, en }) => [name, `${value} ${zh ?? ''} ${en ?? ''}`.trim()]))
        : {};
    expect(shown).toMatchObject({
      命令: '2 发送数据 send data',
      类型标志: '2 上传建筑消防设施部件运行状态 part state',
      系统类型: '1 火灾报警系统 Fire alarm system',
      部件类型: '42 点型光电感烟火灾探测器 Photoelectric smoke detector',
      部件状态: '0x0002 火警 fire',
      说明: '1号接口板1回路1号',
      校验和: '47 正确 right',
    });
  });

  it.each(Object.entries(vectors))('%s is explained', (_, frame) => {
    expect(codec?.explain(frame)).toMatchObject({
      fields: expect.arrayContaining([expect.objectContaining({ name: '校验和' })]) as unknown,
    });
  });

  it.each([
    ['a flipped bit', Buffer.from(vectors.fault).fill(0xff, 30, 31), 'checksum'],
    ['a missing end', vectors.fault.subarray(0, -1), 'too-short'],
    ['another end', Buffer.concat([vectors.fault.subarray(0, -1), Buffer.from('$')]), 'tail'],
    ['nothing', Buffer.alloc(0), 'too-short'],
    ['something else', Buffer.from('hello'), 'no-frame'],
    ['two frames', Buffer.concat([vectors.fault, vectors.restored]), 'more-bytes'],
  ])('%s is refused with its reason', (_, bytes, code) => {
    expect(codec?.explain(bytes)).toMatchObject({ refused: { code } });
  });
});
