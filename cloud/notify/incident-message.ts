import type { Hazard, Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { isLifeSafety, levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { chainOf, type Told } from './chains.ts';

/** What a message about an incident is made of. */
export interface ToldIncident {
  readonly id: string;
  readonly number: string;
  readonly title: Text;
  readonly severity: Severity;
  readonly hazard: Hazard;
  readonly openedAt: number;
}

export interface IncidentMessage {
  readonly language: 'zh';
  readonly title: string;
  readonly text: string;
  readonly link?: string;
}

const roman = ['', 'I', 'II', 'III', 'IV'] as const;

/** 一条短信 that says where, what, how grave and since when; the step says why this person is told. */
export function incidentMessage(
  incident: ToldIncident,
  step: number,
  at: number,
  { timeZone, publicUrl }: { timeZone: string; publicUrl: string | null },
): IncidentMessage {
  const clock = new Intl.DateTimeFormat('zh-CN', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const waited = Math.max(0, Math.round((at - incident.openedAt) / 1_000));
  const level = `${roman[levelOf(incident.severity)]}级`;
  const why =
    step === 0
      ? '请立即处置'
      : `已 ${waited} 秒无人应答，${step > chainOf(incident.hazard).steps.length ? '再次通知' : `第 ${step} 级升级`}，请立即处置`;
  return {
    language: 'zh',
    title: `【一呼】${level} ${incident.title.zh}`.slice(0, 120),
    text: `【一呼】${clock.format(incident.openedAt)} ${incident.title.zh}（${level}，${incident.number}）。${why}。`,
    ...(publicUrl === null ? {} : { link: `${publicUrl.replace(/\/$/, '')}/dispatcher/#${incident.id}` }),
  };
}

/** Half an hour for a danger; four hours for the rest. */
export function livesMs(hazard: Hazard): number {
  return isLifeSafety(hazard) ? 30 * 60_000 : 4 * 3_600_000;
}

/** Whom a step of the chain wakes by message, beside the screens; 0 is the moment it opens. */
export function audienceOf(step: number, hazard: Hazard): readonly Told[] {
  if (step > 0) return chainOf(hazard).steps.find((each) => each.step === step)?.tell ?? [];
  if (!isLifeSafety(hazard)) return [];
  return [
    { role: 'dispatcher', onDuty: true },
    { role: 'grid-worker', onDuty: true },
  ];
}
