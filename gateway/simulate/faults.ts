import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** 故障: everything that can be made to go wrong with a simulated device, and what it then does. */
export const faultNames = {
  silent: { zh: '不应答', en: 'no answer' },
  slow: { zh: '应答迟到', en: 'a late answer' },
  exception: { zh: '拒绝应答（可指明寄存器或数据标识）', en: 'refuses (all, or one register or identifier)' },
  garbage: { zh: '应答乱码', en: 'noise instead of an answer' },
  'wrong-unit': { zh: '地址不符', en: 'an answer under another address' },
  'bad-crc': { zh: '校验错误', en: 'a wrong checksum' },
  truncated: { zh: '报文截断', en: 'a message that is cut short' },
  echo: { zh: '回显请求', en: 'the request comes back before the answer' },
  stray: { zh: '夹杂多余字节', en: 'stray bytes in front' },
  unplugged: { zh: '线路断开', en: 'the wire is out' },
  stuck: { zh: '数值不变', en: 'values stand still' },
  'clock-skew': { zh: '设备时钟偏差（秒，缺省 7200）', en: 'a clock that is off (seconds, usually 7200)' },
} as const satisfies Readonly<Record<string, Text>>;

export type FaultName = keyof typeof faultNames;

/** `exception:17`, `exception:0x11`: only what touches register 17, from zero; `exception:02010100`: one identifier; `clock-skew:-3600`: seconds. */
export type Fault = FaultName | `exception:${string}` | `clock-skew:${number}`;

const usualSkewSeconds = 7_200;

/** The fault of that name; undefined where there is none. */
export function faultNamed(text: string): Fault | undefined {
  const [name = '', argument] = text.split(':');
  if (!Object.hasOwn(faultNames, name)) return undefined;
  if (argument === undefined) return name as FaultName;
  if (name === 'exception' && /^(0[xX])?[0-9A-Fa-f]{1,8}$/.test(argument)) return `exception:${argument.toUpperCase()}`;
  if (name === 'clock-skew' && /^-?\d{1,9}$/.test(argument)) return `clock-skew:${Number(argument)}`;
  return undefined;
}

export function nameOf(fault: Fault): FaultName {
  return fault.split(':')[0] as FaultName;
}

/** The register or identifier that `exception:17` speaks of. */
export function refusedPlace(fault: Fault | null): string | undefined {
  return fault?.startsWith('exception:') ? fault.slice('exception:'.length) : undefined;
}

/** By how much the clock of a device with this fault is ahead, milliseconds. */
export function skewMsOf(fault: Fault | null): number {
  if (fault === null || nameOf(fault) !== 'clock-skew') return 0;
  return Number(fault.split(':')[1] ?? usualSkewSeconds) * 1_000;
}

/** How late a `slow` device answers: past any sensible time-out, so that the answer meets the wrong question. */
export const lateMs = 2_500;
