import type { Hazard } from '@yihu/device-profiles/vocabulary/severity.ts';
import { type IncidentState, isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { chainOf, type ChainStep } from './chains.ts';

/** 升级: one rung of the chain, kept as a row with a due time, so that no crash can forget it. */
export interface Rung {
  readonly step: number;
  readonly dueAt: number;
  /** What is done then, as it was when the chain began. */
  readonly rung: ChainStep;
}

/** The chain of an incident nobody has answered, from the moment people were told. */
export function chainFor(hazard: Hazard, toldAt: number): Rung[] {
  return chainOf(hazard).steps.map((rung) => ({ step: rung.step, dueAt: toldAt + rung.afterMs, rung }));
}

/** What the step is decided on. `quiet`: every alarm of it is shelved, suppressed or out of service now. */
export interface EscalationSubject {
  readonly state: IncidentState;
  readonly ackedAt: number | null;
  readonly hazard: Hazard;
  readonly openedAt: number;
  readonly quiet: boolean;
}

/** 再次通知: a chain that ran out goes on with its last rung until somebody acts. Null where there are rungs to come. */
export function nextRound<R extends Repeated>(
  step: number,
  rung: R,
  now: number,
): { step: number; dueAt: number; rung: R & { again: number } } | null {
  if (rung.repeatMs === undefined) return null;
  return { step: step + 1, dueAt: now + rung.repeatMs, rung: { ...rung, again: (rung.again ?? 0) + 1 } };
}

/** A rung with what says that it is done again, and how often it was. */
interface Repeated {
  readonly repeatMs?: number;
  readonly again?: number;
}

export type EscalationDecision =
  | { readonly act: 'escalate'; readonly text: Text; readonly data: Record<string, unknown> }
  /** `quiet`: no step is used up; whatever ends the quiet starts a fresh chain. */
  | { readonly act: 'stop'; readonly reason: 'answered' | 'over' | 'quiet' };

/** A step that has come due: run it, or say why not. */
export function decideStep(
  subject: EscalationSubject,
  step: number,
  at: number,
  rung?: Pick<ChainStep, 'who'> & { readonly step?: number; readonly again?: number },
): EscalationDecision {
  if (!isOpen(subject.state) || subject.state === 'resolved') return { act: 'stop', reason: 'over' };
  if (subject.ackedAt !== null) return { act: 'stop', reason: 'answered' };
  if (subject.quiet) return { act: 'stop', reason: 'quiet' };
  const waited = Math.round((at - subject.openedAt) / 1000);
  const { steps } = chainOf(subject.hazard);
  const who = rung?.who ?? steps[Math.min(step, steps.length) - 1]?.who ?? { zh: '值班长', en: 'the shift leader' };
  if (rung?.again !== undefined) {
    return {
      act: 'escalate',
      text: {
        zh: `${waited} 秒无人应答，再次通知${who.zh}（第 ${rung.again + 1} 次）`,
        en: `No answer for ${waited} s, ${who.en} told again (time ${rung.again + 1})`,
      },
      data: { step: rung.step ?? step, again: rung.again, waitedMs: at - subject.openedAt },
    };
  }
  return {
    act: 'escalate',
    text: {
      zh: `${waited} 秒无人应答，第 ${step} 级升级：通知${who.zh}`,
      en: `No answer for ${waited} s, escalation step ${step}: ${who.en}`,
    },
    data: { step, waitedMs: at - subject.openedAt },
  };
}
