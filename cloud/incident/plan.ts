import { parse } from 'yaml';
import { z } from 'zod';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { Duration } from '@yihu/device-profiles/vocabulary/duration.ts';
import { DutyRole } from '@yihu/device-profiles/vocabulary/duty.ts';
import type { PlanStep } from '@yihu/device-profiles/vocabulary/incident.ts';
import { Hazard } from '@yihu/device-profiles/vocabulary/severity.ts';
import { Id, Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { LineDraft } from './core.ts';

const Level = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);

/** 预案, as written in `plans/*.yaml`: what is to be done, by whom and by when. Data, and no code. */
export const Plan = z.strictObject({
  schema: z.literal('yihu-plan/1'),
  id: Id,
  version: z.number().int().positive(),
  name: Text,
  /** Applies where the alarm's id is listed, or else its hazard; the plan that lists neither is the default. */
  alarms: z.array(z.string()).default([]),
  hazards: z.array(Hazard).default([]),
  /** 力量编成: who is to be sent, by the level of the incident; the first that names it, or names none, counts. */
  send: z
    .array(
      z.strictObject({
        levels: z.array(Level).min(1).optional(),
        roles: z.partialRecord(DutyRole, z.number().int().min(1).max(50)),
      }),
    )
    .default([]),
  steps: z.array(z.strictObject({ id: Id, role: z.string().max(32), due: Duration.optional(), text: Text })).min(1),
});
export type Plan = z.output<typeof Plan>;

/** @throws with the file's name and every problem, because a plan that cannot be read is a mistake to fix before the start. */
export function parsePlan(text: string, file: string): Plan {
  const result = Plan.safeParse(parse(text));
  if (result.success) return result.data;
  throw new Error(`${file}: ${result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`);
}

/** The most particular plan: by alarm, then by hazard, then the default. */
export function choosePlan(plans: readonly Plan[], alarm: Pick<Alarm, 'alarm' | 'hazard'>): Plan | null {
  return (
    plans.find((plan) => plan.alarms.includes(alarm.alarm)) ??
    plans.find((plan) => plan.hazards.includes(alarm.hazard)) ??
    plans.find((plan) => plan.alarms.length === 0 && plan.hazards.length === 0) ??
    null
  );
}

/** Who is to be sent where no plan says it. */
const usualForce: Force[] = [{ role: 'property', wanted: 1 }];

interface Force {
  readonly role: DutyRole;
  readonly wanted: number;
}

/** What a plan says of whom to send: kept with each incident that begins with it, as it is then. */
export type PlanForce = readonly {
  readonly levels?: readonly number[] | undefined;
  readonly roles: Readonly<Partial<Record<DutyRole, number>>>;
}[];

/** 力量编成 for an incident of this level (1 the gravest). */
export function forceOf(force: PlanForce, level: number): Force[] {
  const card = force.find(({ levels }) => levels === undefined || levels.includes(level));
  if (card === undefined) return usualForce;
  return DutyRole.options.flatMap((role) => {
    const wanted = card.roles[role];
    return wanted === undefined ? [] : [{ role, wanted }];
  });
}

/** The steps of one run, frozen from the plan as it stands now. */
export function startPlan(plan: Plan, at: number): PlanStep[] {
  return plan.steps.map((step) => ({
    id: step.id,
    text: step.text,
    role: step.role,
    state: 'pending',
    dueAt: step.due === undefined ? null : at + step.due,
    doneAt: null,
    by: null,
    reason: null,
  }));
}

type StepState = PlanStep['state'];

/** Where each state of a step may come from. */
const stepLife: Record<StepState, readonly StepState[]> = {
  pending: ['in-progress', 'done', 'skipped', 'blocked'],
  'in-progress': ['pending', 'blocked'],
  done: ['pending', 'in-progress', 'blocked'],
  skipped: ['pending', 'in-progress', 'blocked'],
  blocked: ['pending', 'in-progress'],
};

const stepNames: Record<StepState, { zh: string; en: string }> = {
  pending: { zh: '重新待办', en: 'to do again' },
  'in-progress': { zh: '进行中', en: 'in progress' },
  done: { zh: '完成', en: 'done' },
  skipped: { zh: '跳过', en: 'skipped' },
  blocked: { zh: '受阻', en: 'blocked' },
};

export type StepResult =
  | { readonly step: PlanStep; readonly line: LineDraft }
  | { readonly refused: 'not-allowed' | 'reason-needed' };

/** One step of the plan; skipping and being blocked need a reason. */
export function moveStep(
  step: PlanStep,
  to: StepState,
  said: { by: { id: string; name: string }; at: number; reason?: string | undefined },
): StepResult {
  if (!stepLife[to].includes(step.state)) return { refused: 'not-allowed' };
  const reason = said.reason?.trim() ? said.reason.trim().slice(0, 200) : null;
  if ((to === 'skipped' || to === 'blocked') && reason === null) return { refused: 'reason-needed' };
  const over = to === 'done' || to === 'skipped';
  const next: PlanStep = { ...step, state: to, doneAt: over ? said.at : null, by: said.by.name, reason };
  const [zh, en] = [step.text.zh.slice(0, 80), (step.text.en ?? step.text.zh).slice(0, 80)];
  const text = { zh: `${stepNames[to].zh}：${zh}`, en: `${stepNames[to].en}: ${en}` };
  return {
    step: next,
    line: { kind: 'step', text, data: { step: step.id, from: step.state, to, ...(reason ? { reason } : {}) }, actor: said.by },
  };
}
