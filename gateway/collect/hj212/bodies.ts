import type { FrameBody, Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Hj212Channel } from '@yihu/device-profiles/protocols/hj212.ts';
import { readParameters } from './parameters.ts';
import { type Packet, withoutPassword } from './segment.ts';
import { timeText } from './time.ts';

export type Body = Extract<FrameBody, { kind: 'fields' | 'alive' }>;

const channels: Readonly<Record<string, Hj212Channel>> = { '2011': 'realtime', '2051': 'minute', '2061': 'hour', '2031': 'day' };

/** Commands that say no more than that the station is there: its answers, a heartbeat, the request for the time. */
const signsOfLife = new Set(['9011', '9012', '9013', '9014', '9015', '1013']);

/** Characters kept of a packet that nobody can read. */
const rawKept = 1_024;

/** `dataTime`: of the first part of the same data, where a part has none of its own. */
export function saidBy(
  packet: Packet,
  zone: string,
  dataTime?: string,
): { readonly body: Body; readonly dataTime: string | undefined } {
  const cn = packet.head.get('CN') ?? '';
  if (signsOfLife.has(cn)) return { body: { kind: 'alive' }, dataTime: undefined };
  const about = { cn, ...known('qn', packet.head.get('QN')), ...known('st', packet.head.get('ST')) };
  const channel = Object.hasOwn(channels, cn) ? channels[cn] : undefined;
  if (channel === undefined) {
    const fields = { ...about, data: withoutPassword(packet.parameters).slice(0, rawKept) };
    return { body: { kind: 'fields', channel: 'unknown', fields }, dataTime: undefined };
  }
  const read = readParameters(packet.parameters);
  const time = read.dataTime ?? dataTime;
  const fields: Json = { ...about, ...known('at', timeText(time, zone)), factors: read.factors, other: read.other };
  return { body: { kind: 'fields', channel, fields }, dataTime: time };
}

function known(key: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [key]: value };
}
