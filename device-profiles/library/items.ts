import type { Point } from '../vocabulary/point.ts';
import type { Profile } from '../vocabulary/profile.ts';
import { byteCount } from './byte-count.ts';
import { checkPeriod } from './poll-groups.ts';
import type { Finding } from './source.ts';

/** Bytes of an item up to the end of the point's value; a string has its `length`. */
export function itemBytes({ type = 'u8', length, skip = 0 }: Point): number {
  return skip + byteCount({ type, length });
}

/** What every profile whose values are items has to say of its points; the form of a key is the protocol's. */
export function checkItemPoints(profile: Profile, isKey: (key: string) => boolean, example: string): Finding[] {
  return [
    ...Object.keys(profile.points).flatMap((id) => [...checkItemPoint(profile, id, isKey, example), ...checkPeriod(profile, id)]),
    ...checkNoMessages(profile),
  ];
}

function checkItemPoint(profile: Profile, id: string, isKey: (key: string) => boolean, example: string): Finding[] {
  const findings: Finding[] = [];
  const say = (key: string, zh: string, en: string): void => void findings.push({ path: ['points', id, key], zh, en });
  const point = profile.points[id];
  if (point === undefined) return [];
  const { at, type, order, length, compute } = point;
  if (compute !== undefined) return [];
  if (typeof at !== 'string' || !isKey(at)) {
    say(
      'at',
      `at 必须是带引号的数据标识，例如 at: "${example}"。`,
      `at must be a data identifier in quotes, such as at: "${example}".`,
    );
  }
  if (point.table !== undefined) say('table', '这个协议没有寄存器表。', 'This protocol has no register tables.');
  if (type === undefined) say('type', '缺少类型（type）。', 'The type is missing.');
  if (type === 'string' && length === undefined)
    say('length', '字符串需要长度（字节数）。', 'A string needs its length in bytes.');
  const isSwapped = (order ?? profile.defaults.order) === 'DCBA';
  if (type !== undefined && type !== 'string' && itemBytes(point) > 1 && !isSwapped) {
    say(
      'order',
      '这个协议先传低字节：请写 order: DCBA，或写进 defaults。',
      'This protocol sends the low byte first: write order: DCBA, here or in defaults.',
    );
  }
  return findings;
}

function checkNoMessages({ decode, time }: Profile): Finding[] {
  const findings: Finding[] = [];
  if (Object.keys(decode).length > 0)
    findings.push({ path: ['decode'], zh: '这个协议没有消息可解。', en: 'This protocol has no messages to decode.' });
  if (time !== undefined)
    findings.push({ path: ['time'], zh: '这个协议没有消息时间。', en: 'This protocol has no message time.' });
  return findings;
}
