import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { AlarmEffect } from './effect.ts';

/** A line of the timeline about what was done with an alarm. */
export function moveLine(alarm: Alarm, kind: 'alarm-acked' | 'alarm-moved', zh: string, en: string): AlarmEffect {
  const text = {
    zh: clip(`${zh}：${alarm.deviceName.zh} ${alarm.name.zh}`),
    en: clip(`${en}: ${alarm.deviceName.en ?? alarm.deviceName.zh}, ${alarm.name.en ?? alarm.name.zh}`),
  };
  return { do: 'line', kind, text, data: { alarm: alarm.id, isa: alarm.isa } };
}

/** `Text` holds at most 120 characters. */
export function clip(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}
