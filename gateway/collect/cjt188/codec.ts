import { cjt188Of, Cjt188Transport, layoutOf } from '@yihu/device-profiles/protocols/cjt188.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Codec, CodecField, Explained, Refused } from '../codec.ts';
import { digitsOf, hexByte, hexOf, spansOf, sum8 } from '../line/framing.ts';
import { bodiesOf, type FieldValue, fieldsOf, saysOf, unitName } from './answer.ts';
import { anyType, type Cjt188Frame, emptyLength, end, fill, frameAt, fromMeter, functions, isRefusal, start } from './frame.ts';

export const codecs: readonly Codec[] = [{ name: 'cjt188', find: (bytes) => spansOf(bytes, frameAt, fill), explain, frames }];

interface Opened {
  readonly frame: Cjt188Frame;
  readonly preamble: number;
}

/** One whole frame and nothing else, FE in front allowed. */
function open(bytes: Uint8Array): Opened | Refused {
  const at = bytes.findIndex((byte) => byte !== fill);
  if (at < 0) return refuse('no-frame', '只有前导字节 FE，没有帧。', 'Only fill bytes FE, no frame.');
  if (bytes[at] !== start) return refuse('no-start', '缺少起始符 68。', 'The start 68 is missing.');
  if (bytes.length < at + emptyLength) return refuse('too-short', '帧不完整：少于 13 个字节。', 'Cut off: fewer than 13 bytes.');
  const [is, said] = [bytes.length - at - emptyLength, bytes[at + 10] as number];
  if (is !== said)
    return refuse('wrong-length', `数据有 ${is} 个字节，L 说是 ${said}。`, `There are ${is} data bytes, L says ${said}.`);
  const [sum, should] = [bytes.at(-2) as number, sum8(bytes, at, bytes.length - 2)];
  if (sum !== should) {
    const [zh, en] = [
      `校验码是 ${hexByte(sum)}，应为 ${hexByte(should)}。`,
      `The checksum is ${hexByte(sum)}, it should be ${hexByte(should)}.`,
    ];
    return refuse('wrong-checksum', zh, en);
  }
  if (bytes.at(-1) !== end) return refuse('no-end', '缺少结束符 16。', 'The end 16 is missing.');
  const standing = frameAt(bytes, at);
  if (standing === undefined) return refuse('no-frame', '这不是 CJ/T 188 帧。', 'This is no CJ/T 188 frame.');
  return { frame: standing.frame, preamble: at };
}

function refuse(code: string, zh: string, en: string): Refused {
  return { refused: { code, zh, en } };
}

function explain(bytes: Uint8Array): Explained {
  const opened = open(bytes);
  if ('refused' in opened) return opened;
  const { frame, preamble } = opened;
  const { meterType, address, control, data } = frame;
  const isAnyone = address.includes('AA');
  return {
    fields: [
      ...(preamble === 0 ? [] : [{ name: 'FE', value: hexOf(bytes.subarray(0, preamble)), zh: '前导字节', en: 'fill' }]),
      { name: 'T', value: hexByte(meterType), ...typeName(meterType) },
      {
        name: 'A0…A6',
        value: hexOf(bytes.subarray(preamble + 2, preamble + 9)),
        zh: isAnyone ? `地址 ${address}，AA 为通配` : `表地址 ${address}`,
        en: isAnyone ? `address ${address}, AA is a wildcard` : `meter address ${address}`,
      },
      { name: 'C', value: hexByte(control), ...controlText(control) },
      { name: 'L', value: hexByte(data.length), zh: `数据 ${data.length} 字节`, en: `${data.length} data bytes` },
      ...dataFields(frame),
      { name: 'CS', value: hexByte(bytes.at(-2) as number), zh: '校验码正确', en: 'checksum right' },
    ],
  };
}

const typeNames: Readonly<Record<number, { zh: string; en: string }>> = {
  0x10: { zh: '冷水水表', en: 'cold water meter' },
  0x11: { zh: '生活热水水表', en: 'hot water meter' },
  0x12: { zh: '直饮水水表', en: 'drinking water meter' },
  0x13: { zh: '中水水表', en: 'reclaimed water meter' },
  0x20: { zh: '热量表（计热量）', en: 'heat meter (heat)' },
  0x21: { zh: '热量表（计冷量）', en: 'heat meter (cold)' },
  0x30: { zh: '燃气表', en: 'gas meter' },
  0x40: { zh: '电度表或其他', en: 'electricity meter or other' },
  [anyType]: { zh: '任何类型', en: 'any type' },
};

function typeName(type: number): { zh: string; en: string } {
  return typeNames[type] ?? { zh: '未知类型', en: 'unknown type' };
}

const functionNames: Readonly<Record<number, { zh: string; en: string }>> = {
  [functions.read]: { zh: '读数据', en: 'read data' },
  [functions.readAddress]: { zh: '读地址', en: 'read the address' },
  [functions.write]: { zh: '写数据', en: 'write data' },
  0x09: { zh: '读密钥版本', en: 'read the key version' },
  0x15: { zh: '写地址', en: 'write the address' },
  0x16: { zh: '写机电同步数', en: 'set the start value' },
};

function controlText(control: number): { zh: string; en: string } {
  const name = functionNames[control & 0x3f] ?? { zh: '未知功能', en: 'unknown function' };
  if ((control & fromMeter) === 0) return { zh: `主站命令，${name.zh}`, en: `question, ${name.en}` };
  if ((control & isRefusal) === 0) return { zh: `表应答，${name.zh}`, en: `answer, ${name.en}` };
  return { zh: `表应答，异常，${name.zh}`, en: `answer, refused, ${name.en}` };
}

function dataFields({ meterType, control, data }: Cjt188Frame): CodecField[] {
  if (data.length === 0) return [];
  const isRefused = (control & (fromMeter | isRefusal)) === (fromMeter | isRefusal);
  if (isRefused || data.length < 3) return [{ name: 'DATA', value: hexOf(data) }];
  const wire = hexOf(data.subarray(0, 2));
  const printed = wire.replaceAll(' ', '');
  const identifier = identifiers[printed] === undefined ? `${printed.slice(2)}${printed.slice(0, 2)}` : printed;
  const name = identifiers[identifier] ?? { zh: '不在常用标识表里', en: 'not among the common identifiers' };
  const bytes = data.subarray(3);
  return [
    { name: 'DI', value: wire, ...name },
    { name: 'SER', value: hexByte(data[2] as number), zh: '序列号', en: 'sequence' },
    ...(bytes.length === 0 ? [] : valueFields(meterType, control, identifier, bytes)),
  ];
}

const identifiers: Readonly<Record<string, { zh: string; en: string }>> = {
  '901F': { zh: '计量数据', en: 'meter values' },
  '810A': { zh: '读地址', en: 'address' },
  A017: { zh: '阀门控制', en: 'valve control' },
  A018: { zh: '写地址', en: 'write the address' },
};

function valueFields(meterType: number, control: number, identifier: string, bytes: Uint8Array): CodecField[] {
  const fn = control & 0x3f;
  if (identifier === 'A017' && fn === functions.write) {
    return (control & fromMeter) === 0 ? [valveOrder(bytes)] : [statusField(bytes)];
  }
  const transport = Cjt188Transport.safeParse({ protocol: 'cjt188', meterType });
  const layout = transport.success ? layoutOf(transport.data, identifier) : undefined;
  if (!transport.success || layout === undefined) return [{ name: 'DATA', value: hexOf(bytes) }];
  const fields = fieldsOf(withUnitsFound(transport.data, bytes), layout, bytes);
  if ('odd' in fields) return [{ name: 'DATA', value: hexOf(bytes), zh: '长度与标准结构不同', en: fields.odd }];
  return fields.map((field) => (field.field.key === 'status' ? statusField(field.bytes) : fieldText(field)));
}

/** For people: where the first byte is a unit and the fifth is none, units stand in front of their values. */
function withUnitsFound(transport: Cjt188Transport, bytes: Uint8Array): Cjt188Transport {
  const isUnit = (at: number): boolean => !unitName(bytes[at] ?? 0).startsWith('unit-');
  return isUnit(4) || !isUnit(0) ? transport : { ...transport, unitPlace: 'before' };
}

function valveOrder(bytes: Uint8Array): CodecField {
  const [told] = bytes;
  const open = { zh: '开阀', en: 'open the valve' };
  const close = { zh: '关阀', en: 'close the valve' };
  const meaning = told === 0x55 ? open : told === 0x99 ? close : { zh: '未知命令', en: 'unknown order' };
  return { name: 'DATA', value: hexOf(bytes), ...meaning };
}

/** 状态 ST (CJ/T 188-2004): D1 D0 the valve, D2 the battery; the rest and the second byte are the maker's. */
function statusField(bytes: Uint8Array): CodecField {
  const first = bytes[0] ?? 0;
  const valves = [
    { zh: '阀开', en: 'valve open' },
    { zh: '阀关', en: 'valve closed' },
    { zh: '阀状态未定义', en: 'valve undefined' },
    { zh: '阀异常', en: 'valve abnormal' },
  ];
  const valve = valves[first & 3] as { zh: string; en: string };
  const battery = (first & 4) === 0 ? { zh: '电池正常', en: 'battery good' } : { zh: '电池欠压', en: 'battery low' };
  return { name: 'ST', value: hexOf(bytes), zh: `${valve.zh}，${battery.zh}`, en: `${valve.en}, ${battery.en}` };
}

const fieldNames: Readonly<Record<string, { zh: string; en: string; places?: number }>> = {
  current: { zh: '当前累积流量', en: 'current volume', places: 2 },
  frozen: { zh: '结算日累积流量', en: 'volume of the settling day', places: 2 },
  'heat-frozen': { zh: '结算日热量', en: 'heat of the settling day', places: 2 },
  heat: { zh: '当前热量', en: 'current heat', places: 2 },
  power: { zh: '热功率', en: 'heat power', places: 2 },
  flow: { zh: '流量', en: 'flow' },
  volume: { zh: '累积流量', en: 'volume', places: 2 },
  supply: { zh: '供水温度 ℃', en: 'supply temperature, °C', places: 2 },
  return: { zh: '回水温度 ℃', en: 'return temperature, °C', places: 2 },
  hours: { zh: '累积工作时间 h', en: 'working time, h', places: 0 },
  time: { zh: '实时时间（秒 分 时 日 月 年）', en: 'clock (s, min, h, day, month, year)' },
};

function fieldText({ field, bytes, unit }: FieldValue): CodecField {
  const name = fieldNames[field.key] ?? { zh: field.key, en: field.key };
  const digits = digitsOf(bytes);
  const { places } = name;
  const number =
    places === undefined || !/^\d+$/.test(digits)
      ? digits
      : (BigInt(digits) / 10n ** BigInt(places)).toString() + tailOf(digits, places);
  const value = unit === undefined ? number : `${number} ${unitName(unit)}`;
  return { name: field.key, value: hexOf(bytes), zh: `${name.zh} ${value}`, en: `${name.en} ${value}` };
}

function tailOf(digits: string, places: number): string {
  return places === 0 ? '' : `.${digits.slice(-places)}`;
}

function frames(profile: Profile, bytes: Uint8Array): ReturnType<NonNullable<Codec['frames']>> {
  const opened = open(bytes);
  if ('refused' in opened) return opened;
  const transport = cjt188Of(profile);
  const says = saysOf(opened.frame);
  if (says === undefined) return refuse('no-answer', '这不是应答帧。', 'This is no answer.');
  if (says.kind === 'refused') return refuse('refused', '表拒绝了请求。', 'The meter refused.');
  if (says.function !== functions.read) return refuse('no-answer', '这不是读数据的应答帧。', 'This is no answer to a read.');
  if (opened.frame.meterType !== transport.meterType) {
    const is = hexByte(opened.frame.meterType);
    return refuse('wrong-type', `仪表类型 ${is} 与档案不符。`, `The meter type ${is} is not the profile's.`);
  }
  const wanted = Object.values(profile.points).flatMap(({ at }) => (typeof at === 'string' ? [at] : []));
  const identifier = identifierOf(says.wireIdentifier, wanted);
  const bodies = bodiesOf(transport, identifier, says.bytes, wanted);
  return 'odd' in bodies ? refuse('odd-answer', '应答的长度与档案不符。', bodies.odd) : { bodies };
}

/** The one of the two readings of the wire that the profile knows. */
function identifierOf(wire: string, wanted: readonly string[]): string {
  const swapped = `${wire.slice(2)}${wire.slice(0, 2)}`;
  const isWanted = (identifier: string): boolean => wanted.some((key) => key.split('.')[0] === identifier);
  return !isWanted(wire) && isWanted(swapped) ? swapped : wire;
}
