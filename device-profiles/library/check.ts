import type { Profile } from '../vocabulary/profile.ts';
import type { Finding } from './source.ts';

/** Everything about a profile that its schema cannot see. `expectedId` comes from the file's name. */
export function checkProfile(profile: Profile, expectedId: string): Finding[] {
  const findings: Finding[] = [];
  if (profile.id !== expectedId) {
    findings.push({
      path: ['id'],
      zh: `编号应与文件名一致：${expectedId}。`,
      en: `The id must match the file name: ${expectedId}.`,
    });
  }
  return findings;
}
