import { type Hazard, isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import { type IncidentState, isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** 升级: one rung of the chain, kept as a row with a due time, so that no crash can forget it. */
export interface Rung {
  readonly step: number;
  readonly dueAt: number;
}

const lifeSafetyChainMs = [30_000, 60_000, 120_000] as const;
const otherChainMs = [5 * 60_000, 15 * 60_000] as const;

/** The chain of an incident nobody has answered, from the moment people were told. */
export function chainFor(hazard: Hazard, toldAt: number): Rung[] {
  const chain = isLifeSafety(hazard) ? lifeSafetyChainMs : otherChainMs;
  return chain.map((afterMs, index) => ({ step: index + 1, dueAt: toldAt + afterMs }));
}

/** What the step is decided on. `quiet`: every alarm of it is shelved, suppressed or out of service now. */
export interface EscalationSubject {
  readonly state: IncidentState;
  readonly ackedAt: number | null;
  readonly hazard: Hazard;
  readonly openedAt: number;
  readonly quiet: boolean;
}

export type EscalationDecision =
  | { readonly act: 'escalate'; readonly text: Text; readonly data: Record<string, unknown> }
  /** `quiet`: no step is used up; whatever ends the quiet starts a fresh chain. */
  | { readonly act: 'stop'; readonly reason: 'answered' | 'over' | 'quiet' };

const audience: readonly Text[] = [
  { zh: '值班长', en: 'the shift leader' },
  { zh: '网格长和物业经理', en: 'the grid leader and the property manager' },
  { zh: '社区负责人', en: 'the head of the community' },
];

/** A step that has come due: run it, or say why not. */
export function decideStep(subject: EscalationSubject, step: number, at: number): EscalationDecision {
  if (!isOpen(subject.state) || subject.state === 'resolved') return { act: 'stop', reason: 'over' };
  if (subject.ackedAt !== null) return { act: 'stop', reason: 'answered' };
  if (subject.quiet) return { act: 'stop', reason: 'quiet' };
  const waited = Math.round((at - subject.openedAt) / 1000);
  const who = audience[Math.min(step, audience.length) - 1] ?? { zh: '值班长', en: 'the shift leader' };
  return {
    act: 'escalate',
    text: {
      zh: `${waited} 秒无人应答，第 ${step} 级升级：通知${who.zh}`,
      en: `No answer for ${waited} s, escalation step ${step}: ${who.en}`,
    },
    data: { step, waitedMs: at - subject.openedAt },
  };
}
