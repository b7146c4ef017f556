import type { FrameBody, ReadFault } from '@yihu/device-profiles/vocabulary/frame.ts';
import { type PlannedRead, split } from './planner.ts';

export type FaultBody = Extract<FrameBody, { kind: 'fault' }>;

/** One read of a cycle, and what was learnt about it. */
export interface Step {
  readonly read: PlannedRead;
  /** What the slave always says to it; told again each cycle without asking. */
  standing: FaultBody | undefined;
  /** Cycles until it is asked again nevertheless. */
  holdOff: number;
  /** Cycles in a row in which the slave answered other reads, and not this one. */
  deaf: number;
}

/** A read that the slave has refused for good is asked again only so often. */
const refusedEvery = 32;
/** Some slaves say nothing instead of exception 2: after so many cycles a read counts as one of those. */
const deafLimit = 3;
const deafEvery = 8;

export function stepOf(read: PlannedRead): Step {
  return { read, standing: undefined, holdOff: 0, deaf: 0 };
}

export function stepsOf(reads: readonly PlannedRead[]): Step[] {
  return reads.map((read) => stepOf(read));
}

export function faultOf(read: PlannedRead, fault: ReadFault, detail: string): FaultBody {
  return { kind: 'fault', table: read.table, start: read.start, count: read.count, fault, detail };
}

/** What is known without asking, while it is not time to ask again. */
export function standingOf(step: Step): FaultBody | undefined {
  if (step.standing === undefined || step.holdOff === 0) return undefined;
  step.holdOff -= 1;
  return step.standing;
}

export function answered(step: Step): void {
  step.standing = undefined;
  step.deaf = 0;
}

/** The slave says it has no such thing. */
export function refused(step: Step, body: FaultBody): void {
  step.standing = body;
  step.holdOff = refusedEvery;
}

/** The slave answers others, but not this one. Returns the parts to try instead, if it can be taken apart. */
export function unheard(step: Step, body: FaultBody): PlannedRead[] | undefined {
  step.deaf += 1;
  if (step.deaf < deafLimit) return undefined;
  const parts = split(step.read);
  if (parts) return parts;
  step.standing = body;
  step.holdOff = deafEvery;
  return undefined;
}
