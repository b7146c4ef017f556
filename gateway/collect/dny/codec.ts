import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Codec, CodecField, Explained, Refused } from '../codec.ts';
import { spansOf } from '../listening/splitter.ts';
import { wholeFrame } from '../listening/whole-frame.ts';
import { printedNumber } from './address.ts';
import { saidBy } from './bodies.ts';
import { alarmKinds, commandNames, deviceKinds, portStates, stopReasons } from './commands.ts';
import { framing, type Packet } from './packet.ts';

export const codecs: readonly Codec[] = [{ name: 'dny', find: (bytes) => spansOf(framing, bytes), explain, frames }];

function explain(bytes: Uint8Array): Explained {
  const whole = wholeFrame(framing, bytes, refusals);
  if ('refused' in whole) return whole;
  if ('modem' in whole.frame) return { fields: [modemField(whole.frame.modem, bytes)] };
  const { packet } = whole.frame;
  const { id, message, command, data } = packet;
  return {
    fields: [
      { name: '包头', value: 'DNY' },
      { name: '长度', value: String(packet.bytes.length - 5) },
      { name: '物理 ID', value: id, ...idWords(id) },
      { name: '消息 ID', value: message.toString(16).padStart(4, '0') },
      { name: '命令', value: `0x${command.toString(16).padStart(2, '0')}`, ...words(commandNames[command] ?? unknownCommand) },
      ...(data.length === 0 ? [] : [{ name: '数据', value: data.toString('hex') }]),
      ...meaning(packet),
      { name: '校验', value: packet.bytes.subarray(-2).toString('hex'), zh: '正确', en: 'right' },
    ],
  };
}

const unknownCommand: Text = { zh: '公开资料里没有的命令，只保存原文', en: 'not in public papers, kept as it is' };

function words({ zh, en }: Text): { zh: string; en: string } {
  return { zh, en: en ?? zh };
}

function modemField(modem: 'iccid' | 'link', bytes: Uint8Array): CodecField {
  if (modem === 'link') return { name: 'link', value: 'link', zh: '通信模块保活', en: "the modem's keep-alive" };
  return {
    name: 'ICCID',
    value: `${Buffer.from(bytes).toString('latin1').slice(0, 6)}…`,
    zh: '流量卡号，不保存',
    en: "the SIM's number, not kept",
  };
}

function idWords(id: string): { zh: string; en: string } {
  const { zh, en } = words(deviceKinds[id.slice(0, 2)] ?? { zh: '未知类型', en: 'unknown kind' });
  return { zh: `${zh}，编号 ${printedNumber(id)}`, en: `${en}, no. ${printedNumber(id)}` };
}

const fieldNames: Readonly<Record<string, Text>> = {
  firmware: { zh: '固件版本', en: 'firmware' },
  voltage: { zh: '电压 V', en: 'voltage, V' },
  current: { zh: '电流 A', en: 'current, A' },
  power: { zh: '功率 W', en: 'power, W' },
  maxPower: { zh: '最大功率 W', en: 'most power, W' },
  energy: { zh: '电量 kWh', en: 'energy, kWh' },
  duration: { zh: '时长 s', en: 'duration, s' },
  temperature: { zh: '温度 ℃', en: 'temperature, °C' },
  signal: { zh: '信号', en: 'signal' },
  ports: { zh: '端口数量', en: 'ports' },
  type: { zh: '设备类型', en: 'type' },
  port: { zh: '端口', en: 'port' },
  state: { zh: '端口状态', en: 'port state' },
  alarm: { zh: '报警', en: 'alarm' },
  reason: { zh: '停止原因', en: 'stopped because' },
  smoke: { zh: '烟感', en: 'smoke' },
  leakage: { zh: '漏电流 mA', en: 'leakage, mA' },
  breaker: { zh: '电闸', en: 'breaker' },
};

const valueNames = new Map(
  [portStates, alarmKinds, stopReasons].flatMap((table) => Object.values(table).map(({ key, name }) => [key, name] as const)),
);

function meaning(packet: Packet): CodecField[] {
  return saidBy(packet).flatMap(({ body }) => {
    if (body.kind === 'alive' || body.channel === 'unknown') return [];
    return Object.entries(body.fields as Readonly<Record<string, Json>>).flatMap(([key, value]): CodecField[] => {
      const name = fieldNames[key];
      if (name === undefined) return [];
      const text = typeof value === 'object' ? '' : String(value);
      const named = valueNames.get(text);
      const about = words(name);
      return [
        {
          name: key,
          value: text,
          zh: `${about.zh}${named ? `：${named.zh}` : ''}`,
          en: `${about.en}${named ? `: ${words(named).en}` : ''}`,
        },
      ];
    });
  });
}

function frames(profile: Profile, bytes: Uint8Array): ReturnType<NonNullable<Codec['frames']>> {
  const whole = wholeFrame(framing, bytes, refusals);
  if ('refused' in whole) return whole;
  if ('modem' in whole.frame) return { bodies: [{ kind: 'alive' }] };
  const said = saidBy(whole.frame.packet).map(({ body }) => body);
  return { bodies: said.filter((body) => body.kind === 'alive' || Object.hasOwn(profile.decode, body.channel)) };
}

const refusals: Readonly<Record<string, Refused['refused']>> = {
  checksum: {
    code: 'checksum',
    zh: '校验不符；这一帧在传输中损坏或抄错。',
    en: 'The sum is wrong; the frame was damaged or copied wrongly.',
  },
  short: { code: 'too-short', zh: '帧不完整：末尾少了字节。', en: 'The frame is not whole: bytes are missing at its end.' },
  none: { code: 'no-frame', zh: '不是 DNY 帧（应以 44 4E 59 开头）。', en: 'This is no DNY frame (it begins with 44 4E 59).' },
  more: {
    code: 'more-bytes',
    zh: '帧的前后还有多余的字节；请一次只给一帧。',
    en: 'There are bytes before or behind the frame; give one frame at a time.',
  },
};
