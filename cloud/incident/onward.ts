import { isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { IncidentCore } from './core.ts';

/**
 * Why a fire may not be reported onward, or null. Only what somebody has confirmed as a fire goes to the fire command
 * centre (GB 50440: 经确认的火灾报警信息): a detector's word alone would send engines to every burnt supper.
 */
export function whyNotOnward({
  hazard,
  state,
  disposition,
}: Pick<IncidentCore, 'hazard' | 'state' | 'disposition'>): Text | null {
  if (hazard !== 'fire') return { zh: '只有火警才上报消防指挥中心', en: 'Only a fire is reported to the fire command centre' };
  if (!isOpen(state)) return { zh: '事件已结束，不再上报', en: 'The incident is over and is not reported any more' };
  if (state === 'open') return { zh: '请先确认火情，再上报', en: 'Confirm the fire first, then report it' };
  if (disposition !== 'unknown' && disposition !== 'real') {
    return { zh: '已判定不是真实火情，不能上报', en: 'It was judged to be no real fire and cannot be reported' };
  }
  return null;
}

/** What is said to the centre: what, where, since when, and who to ask. */
export function onwardText(
  incident: Pick<IncidentCore, 'number' | 'place' | 'title' | 'edgeAt' | 'commander'>,
  timeZone: string,
): string {
  const clock = new Intl.DateTimeFormat('zh-CN', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const commander = incident.commander === null ? '' : `，现场指挥 ${incident.commander}`;
  return `火情报告：${incident.place}，${incident.title.zh}，${clock.format(incident.edgeAt)} 首次报警，已经人工确认${commander}。事件编号 ${incident.number}。`;
}
