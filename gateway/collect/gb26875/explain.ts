import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { CodecField } from '../codec.ts';
import type { Info } from './edition-2011.ts';
import {
  type Flag,
  partFlags,
  setFlags,
  systemFlags,
  systemOperations,
  transmitterFlags,
  transmitterOperations,
} from './flags.ts';
import type { Objects, Placed } from './objects.ts';
import { partTypes } from './part-types.ts';
import { quantities } from './quantities.ts';
import { systemTypes } from './system-types.ts';
import { timeText } from './time.ts';

/** The objects of a frame, field by field, for somebody who reads a line monitor. */
export function explainObjects({ type, kind, placed }: Objects, zone: string): CodecField[] {
  return [
    { name: '类型标志', value: String(type), ...words(kind.name) },
    { name: '信息对象数目', value: String(placed.length) },
    ...placed.flatMap((object, index) => explainObject(object, placed.length > 1 ? `${index + 1}.` : '', zone)),
  ];
}

function explainObject({ bytes, time, infos }: Placed, prefix: string, zone: string): CodecField[] {
  const [first] = infos;
  const fields = first ? fieldsOf(first, bytes) : [{ name: '信息体', value: bytes.toString('hex'), ...nothingSet }];
  return [...fields, ...timeFields(time, zone)].map((field) => ({ ...field, name: `${prefix}${field.name}` }));
}

const nothingSet = { zh: '没有任何标志置位', en: 'no flag is set' };

function timeFields(time: Buffer | null, zone: string): CodecField[] {
  if (time === null) return [];
  const at = timeText(time, zone);
  return [{ name: '发生时间', value: time.toString('hex'), zh: at ?? '（无效时间）', en: at ?? '(no valid time)' }];
}

function fieldsOf({ channel, fields, part }: Info, bytes: Buffer): CodecField[] {
  const where = [...systemFields(fields), ...(part ? partFields(part.part, part.partAddress) : [])];
  const flags = Number(fields['flags']);
  switch (channel) {
    case 'system':
      return [...where, flagsField('系统状态', systemFlags, flags)];
    case 'part':
      return [...where, flagsField('部件状态', partFlags, flags), plainField('说明', fields['text'])];
    case 'analogue':
      return [...where, ...analogueFields(Number(fields['quantityType']), fields['value'])];
    case 'transmitter':
      return [flagsField('传输装置状态', transmitterFlags, flags)];
    case 'operation': {
      const isOfSystem = fields['of'] === 'system';
      const bits = bytes[isOfSystem ? 2 : 0] as number;
      const names = isOfSystem ? systemOperations : transmitterOperations;
      return [...where, flagsField('操作标志', names, bits), plainField('操作员编号', fields['operator'])];
    }
    case 'version':
      return [...where, plainField('软件版本', fields['version'])];
    case 'configuration':
      return [...where, plainField('说明', fields['text'])];
    case 'clock':
      return [...where, plainField('装置时间', fields['at'])];
    case 'unknown':
      return where;
  }
}

function systemFields({ systemType: type, systemAddress: address }: Info['fields']): CodecField[] {
  if (typeof type !== 'number') return [];
  return [{ name: '系统类型', value: String(type), ...words(systemTypes[type]) }, plainField('系统地址', address)];
}

function partFields(part: number, address: string): CodecField[] {
  return [
    { name: '部件类型', value: String(part), ...words(partTypes[part]) },
    { name: '部件地址', value: address },
  ];
}

const unnamed: Text = { zh: '预留或用户自定义', en: "reserved or the user's own" };

function words({ zh, en }: Text = unnamed): { zh: string; en: string } {
  return { zh, en: en ?? zh };
}

function flagsField(name: string, flags: readonly Flag[], bits: number): CodecField {
  const set = setFlags(flags, bits);
  return {
    name,
    value: `0x${bits.toString(16).padStart(4, '0')}`,
    zh: set.map(({ on }) => on.zh).join('、') || '全部为 0（恢复正常）',
    en: set.map(({ on }) => on.en ?? on.zh).join(', ') || 'all bits 0 (restored)',
  };
}

function plainField(name: string, value: unknown): CodecField {
  return { name, value: typeof value === 'string' || typeof value === 'number' ? String(value) : '' };
}

function analogueFields(kind: number, value: unknown): CodecField[] {
  const quantity = quantities[kind];
  return [
    { name: '模拟量类型', value: String(kind), ...words(quantity?.name) },
    { name: '模拟量值', value: `${String(value)} ${quantity?.unit ?? ''}`.trim() },
  ];
}
