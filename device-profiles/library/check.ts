import type { Profile } from '../vocabulary/profile.ts';
import { checkAlarms } from './check-alarms.ts';
import { checkNames } from './check-names.ts';
import { checkPoints } from './check-points.ts';
import { checkVectors } from './check-vectors.ts';
import { protocolOf } from './protocols.ts';
import type { Finding } from './source.ts';

/** Everything about a profile that its schema cannot see. `expectedId` comes from the file's name. */
export function checkProfile(profile: Profile, expectedId: string): Finding[] {
  return [
    ...checkId(profile, expectedId),
    ...checkNames(profile),
    ...checkPoints(profile),
    ...protocolOf(profile).check(profile, profile.transport),
    ...checkAvailability(profile),
    ...checkAlarms(profile),
    ...checkVectors(profile),
  ];
}

function checkId({ id }: Profile, expectedId: string): Finding[] {
  if (id === expectedId) return [];
  return [
    {
      path: ['id'],
      zh: `编号应与文件夹和文件名一致：${expectedId}。`,
      en: `The id must match folder and file name: ${expectedId}.`,
    },
  ];
}

/** GB/T 45839-2025 5.5.2 (unverified): the fault of a fire device is shown within 24 h; one hour of grace. */
const fireOfflineMs = 25 * 3_600_000;

function checkAvailability(profile: Profile): Finding[] {
  const { category, availability } = profile;
  const protocol = protocolOf(profile);
  const findings: Finding[] = [];
  const { lateAfter, offlineAfter, will, missedPolls } = availability;
  if (lateAfter !== undefined && lateAfter >= offlineAfter) {
    findings.push({
      path: ['availability', 'lateAfter'],
      zh: '迟到时限必须小于离线时限。',
      en: 'lateAfter must be shorter than offlineAfter.',
    });
  }
  if (category.startsWith('fire.') && offlineAfter > fireOfflineMs) {
    findings.push({
      path: ['availability', 'offlineAfter'],
      zh: '消防设备失联必须在 25 小时内显示（GB/T 45839-2025 5.5.2）。',
      en: 'A fire device must be shown as lost within 25h (GB/T 45839-2025 5.5.2).',
    });
  }
  if (missedPolls !== undefined && !protocol.isPolled) {
    findings.push({
      path: ['availability', 'missedPolls'],
      zh: '只有被轮询的设备才有漏读次数。',
      en: 'Only a polled device can miss polls.',
    });
  }
  if (will === undefined) return findings;
  if (protocol.channels?.(profile.transport).includes(will.channel) !== true) {
    findings.push({
      path: ['availability', 'will', 'channel'],
      zh: `没有名为 "${will.channel}" 的主题。`,
      en: `There is no topic named "${will.channel}".`,
    });
  }
  if (will.online === will.offline) {
    findings.push({
      path: ['availability', 'will', 'offline'],
      zh: '上线与离线的文字不能相同。',
      en: 'The words for online and offline must differ.',
    });
  }
  return findings;
}
