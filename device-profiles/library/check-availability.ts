import type { Profile } from '../vocabulary/profile.ts';
import { protocolOf } from './protocols.ts';
import type { Finding } from './source.ts';

/** GB/T 45839-2025 5.5.2 (unverified): the fault of a fire device is shown within 24 h; one hour of grace. */
const fireOfflineMs = 25 * 3_600_000;

export function checkAvailability(profile: Profile): Finding[] {
  const { category, availability } = profile;
  const protocol = protocolOf(profile);
  const findings: Finding[] = [];
  const { expectEvery, lateAfter, offlineAfter, will, missedPolls, sleeping } = availability;
  if (lateAfter !== undefined && lateAfter >= offlineAfter) {
    findings.push({
      path: ['availability', 'lateAfter'],
      zh: '迟到时限必须小于离线时限。',
      en: 'lateAfter must be shorter than offlineAfter.',
    });
  }
  if (expectEvery !== undefined && expectEvery >= offlineAfter) {
    findings.push({
      path: ['availability', 'expectEvery'],
      zh: '上报周期必须小于离线时限。',
      en: 'expectEvery must be shorter than offlineAfter.',
    });
  }
  if (sleeping === true && protocol.isPolled) {
    findings.push({
      path: ['availability', 'sleeping'],
      zh: '被轮询的设备不会休眠。',
      en: 'A device that is polled does not sleep.',
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
  findings.push(...checkBeat(profile), ...checkLiveness(profile));
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

function checkBeat({ availability, points }: Profile): Finding[] {
  const { beat, offlineAfter } = availability;
  if (beat === undefined) return [];
  const findings: Finding[] = [];
  if (!Object.hasOwn(points, beat.point))
    findings.push({
      path: ['availability', 'beat', 'point'],
      zh: `没有点位 "${beat.point}"。`,
      en: `There is no point "${beat.point}".`,
    });
  if (beat.within > offlineAfter)
    findings.push({
      path: ['availability', 'beat', 'within'],
      zh: '心跳时限不应大于离线时限。',
      en: 'The time of the beat must not be longer than offlineAfter.',
    });
  return findings;
}

function checkLiveness(profile: Profile): Finding[] {
  const channels = protocolOf(profile).channels?.(profile.transport);
  return (profile.availability.liveness ?? []).flatMap((channel, index): Finding[] => {
    if (channels === undefined || channels.includes(channel)) return [];
    return [
      {
        path: ['availability', 'liveness', index],
        zh: `没有名为 "${channel}" 的主题。`,
        en: `There is no topic named "${channel}".`,
      },
    ];
  });
}
