import type { Gb26875Channel } from '@yihu/device-profiles/protocols/gb26875.ts';
import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import {
  flagFields,
  partFlags,
  setFlags,
  systemFlags,
  systemOperations,
  transmitterFlags,
  transmitterOperations,
} from './flags.ts';
import { quantities } from './quantities.ts';
import { panelText } from './text.ts';
import { timeText } from './time.ts';

/** A system behind the transmitter (建筑消防设施系统), and a part of it (部件). */
export interface SystemAddress {
  readonly type: number;
  readonly address: number;
}
export interface PartAddress extends SystemAddress {
  readonly part: number;
  /** 部件地址: 8 hex digits, most significant byte first. */
  readonly partAddress: string;
}

/** One thing said. With `system` and `part` it is said of that part, with `system` alone of that system. */
export interface Info {
  readonly channel: Gb26875Channel;
  readonly fields: Readonly<Record<string, Json>>;
  readonly system?: SystemAddress;
  readonly part?: PartAddress;
}

/** How the objects of one type of application data stand one after the other. */
export interface ObjectType {
  readonly name: Text;
  /** Bytes of an object without its time, or how to tell from its first bytes; null: the object is not whole. */
  readonly size: number | ((bytes: Buffer) => number | null);
  /** A time of six bytes follows each object; some devices leave it out of all objects of a frame. */
  readonly timed: boolean;
  read(object: Buffer, time: Buffer | null, zone: string): Info[];
}

const u16 = (bytes: Buffer, at: number) => bytes.readUInt16LE(at);
const systemAt = (bytes: Buffer): SystemAddress => ({ type: bytes[0] as number, address: bytes[1] as number });

function partAt(bytes: Buffer): PartAddress {
  const address = bytes.readUInt32LE(3).toString(16).padStart(8, '0');
  return { ...systemAt(bytes), part: bytes[2] as number, partAddress: address };
}

/** `at` is left out where the device has no time, or none that can be a time. */
function atField(time: Buffer | null, zone: string): { at?: string } {
  const at = time === null ? undefined : timeText(time, zone);
  return at === undefined ? {} : { at };
}

/** `what` is how a panel's profile tells its children apart. */
const systemFields = ({ type, address }: SystemAddress) => ({ what: 'system', systemType: type, systemAddress: address });
const partFields = (part: PartAddress) => ({
  ...systemFields(part),
  what: `part-${part.part}`,
  partType: part.part,
  partAddress: part.partAddress,
});

/** Several operations in one object are several events. */
function operationsOf(
  of: 'system' | 'transmitter',
  bits: number,
  operator: number,
  rest: Readonly<Record<string, Json>>,
): Info[] {
  const flags = setFlags(of === 'system' ? systemOperations : transmitterOperations, bits);
  return flags.map(({ key }) => ({ channel: 'operation', fields: { of, operation: key, operator, ...rest } }));
}

const version = (bytes: Buffer, at: number) => `${bytes[at] as number}.${bytes[at + 1] as number}`;
const counted = (at: number) => (bytes: Buffer) => (bytes.length > at ? at + 1 + (bytes[at] as number) : null);

/** 类型标志 of the application data, uploads (上行). Types 128–255 are the maker's own and are kept as they came. */
export const uploads: Readonly<Record<number, ObjectType>> = {
  1: {
    name: { zh: '上传建筑消防设施系统状态', en: 'system state' },
    size: 4,
    timed: true,
    read(object, time, zone) {
      const system = systemAt(object);
      const flags = u16(object, 2);
      const fields = { ...atField(time, zone), ...systemFields(system), flags, ...flagFields(systemFlags, flags) };
      return [{ channel: 'system', system, fields }];
    },
  },
  2: {
    name: { zh: '上传建筑消防设施部件运行状态', en: 'part state' },
    size: 40,
    timed: true,
    read(object, time, zone) {
      const part = partAt(object);
      const flags = u16(object, 7);
      const text = panelText(object.subarray(9));
      const fields = {
        ...atField(time, zone),
        ...partFields(part),
        flags,
        ...flagFields(partFlags, flags),
        ...(text === '' ? {} : { text }),
      };
      return [{ channel: 'part', part, fields }];
    },
  },
  3: {
    name: { zh: '上传建筑消防设施部件模拟量值', en: 'part analogue value' },
    size: 10,
    timed: true,
    read(object, time, zone) {
      const part = partAt(object);
      const kind = object[7] as number;
      const raw = object.readInt16LE(8);
      const quantity = quantities[kind];
      const said = quantity ? { quantity: quantity.key, value: raw / quantity.per } : { quantity: `type-${kind}`, value: raw };
      return [
        { channel: 'analogue', part, fields: { ...atField(time, zone), ...partFields(part), quantityType: kind, ...said } },
      ];
    },
  },
  4: {
    name: { zh: '上传建筑消防设施操作信息', en: 'system operation' },
    size: 4,
    timed: true,
    read(object, time, zone) {
      const rest = { ...atField(time, zone), ...systemFields(systemAt(object)) };
      return operationsOf('system', object[2] as number, object[3] as number, rest);
    },
  },
  5: {
    name: { zh: '上传建筑消防设施软件版本', en: 'system software version' },
    size: 4,
    timed: false,
    read: (object) => {
      const system = systemAt(object);
      return [{ channel: 'version', system, fields: { ...systemFields(system), version: version(object, 2) } }];
    },
  },
  6: {
    name: { zh: '上传建筑消防设施系统配置情况', en: 'system configuration' },
    size: counted(2),
    timed: false,
    read: (object) => {
      const system = systemAt(object);
      const fields = { ...systemFields(system), text: panelText(object.subarray(3)) };
      return [{ channel: 'configuration', system, fields }];
    },
  },
  7: {
    name: { zh: '上传建筑消防设施部件配置情况', en: 'part configuration' },
    size: 38,
    timed: false,
    read: (object) => {
      const part = partAt(object);
      return [{ channel: 'configuration', part, fields: { ...partFields(part), text: panelText(object.subarray(7)) } }];
    },
  },
  8: {
    name: { zh: '上传建筑消防设施系统时间', en: 'system clock' },
    size: 8,
    timed: false,
    read: (object, _, zone) => {
      const system = systemAt(object);
      return [{ channel: 'clock', system, fields: { ...systemFields(system), ...atField(object.subarray(2), zone) } }];
    },
  },
  21: {
    name: { zh: '上传用户信息传输装置运行状态', en: 'transmitter state' },
    size: 1,
    timed: true,
    read(object, time, zone) {
      const flags = object[0] as number;
      return [{ channel: 'transmitter', fields: { ...atField(time, zone), flags, ...flagFields(transmitterFlags, flags) } }];
    },
  },
  24: {
    name: { zh: '上传用户信息传输装置操作信息', en: 'transmitter operation' },
    size: 2,
    timed: true,
    read: (object, time, zone) => operationsOf('transmitter', object[0] as number, object[1] as number, atField(time, zone)),
  },
  25: {
    name: { zh: '上传用户信息传输装置软件版本', en: 'transmitter software version' },
    size: 2,
    timed: false,
    read: (object) => [{ channel: 'version', fields: { version: version(object, 0) } }],
  },
  26: {
    name: { zh: '上传用户信息传输装置配置情况', en: 'transmitter configuration' },
    size: counted(0),
    timed: false,
    read: (object) => [{ channel: 'configuration', fields: { text: panelText(object.subarray(1)) } }],
  },
  28: {
    name: { zh: '上传用户信息传输装置系统时间', en: 'transmitter clock' },
    size: 6,
    timed: false,
    read: (object, _, zone) => [{ channel: 'clock', fields: atField(object, zone) }],
  },
};

/** 类型标志 of what is asked of a transmitter (下行), as far as the gateway asks it. */
export const downloads = {
  'read-transmitter': { type: 81, name: { zh: '读用户信息传输装置运行状态', en: 'read transmitter state' } },
  clock: { type: 90, name: { zh: '同步用户信息传输装置时钟', en: 'set transmitter clock' } },
  inspect: { type: 91, name: { zh: '查岗命令', en: 'inspection (somebody must answer)' } },
} as const satisfies Record<string, { type: number; name: Text }>;
