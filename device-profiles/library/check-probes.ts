import type { Profile } from '../vocabulary/profile.ts';
import { protocolOf } from './protocols.ts';
import type { Finding } from './source.ts';

/** Probes can be read, and every one tells variants apart. */
export function checkProbes(profile: Profile): Finding[] {
  const { probes, variants, defaults, models } = profile;
  const findings: Finding[] = [];
  const used = new Set<string>();
  for (const [index, { when }] of variants.entries()) {
    for (const { probe } of [when ?? []].flat()) {
      used.add(probe);
      if (Object.hasOwn(probes, probe)) continue;
      findings.push({
        path: ['variants', index, 'when'],
        zh: `没有探测 "${probe}"（probes）。`,
        en: `There is no probe "${probe}" (probes).`,
      });
    }
  }
  for (const [id, { at, table, type }] of Object.entries(probes)) {
    const say = (zh: string, en: string): void => void findings.push({ path: ['probes', id], zh, en });
    if (!used.has(id)) say('没有任何变体用到这个探测。', 'No variant uses this probe.');
    if (!protocolOf(profile).isPolled) say('只有被轮询的设备才能探测。', 'Only a polled device can be probed.');
    const isBit = ['coil', 'discrete'].includes(table ?? defaults.table ?? '');
    if (at === undefined || (type === undefined && !isBit))
      say('探测需要地址（at）和类型（type）。', 'A probe needs its address (at) and type.');
  }
  if (models !== undefined && new Set(models.ids).size < models.ids.length)
    findings.push({ path: ['models', 'ids'], zh: '有重复的型号。', en: 'A model is there twice.' });
  return findings;
}
