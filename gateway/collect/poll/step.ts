import type { FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Manner, Read } from '../line/dialect.ts';

/** One read of a cycle, and what was learnt about it. */
export interface Step<A extends Manner> {
  readonly read: Read<A>;
  /** What the slave always says to it; told again each cycle without asking. */
  standing: FrameBody | undefined;
  /** Cycles until it is asked again nevertheless. */
  holdOff: number;
  /** Cycles in a row in which the slave answered other reads, and not this one. */
  deaf: number;
  /** Told at a (re)connect; brings no values. */
  readonly isTold?: boolean;
}

/** A read that the slave has refused for good is asked again only so often. */
const refusedEvery = 32;
/** Some slaves say nothing instead of refusing: after so many cycles a read counts as one of those. */
const deafLimit = 3;
const deafEvery = 8;

export function stepOf<A extends Manner>(read: Read<A>): Step<A> {
  return { read, standing: undefined, holdOff: 0, deaf: 0 };
}

/** The reads as they stand after what was learnt in earlier runs: those in `apart` have been taken apart, as deep as it goes. */
export function stepsOf<A extends Manner>(reads: readonly Read<A>[], apart: ReadonlySet<string> = new Set()): Step<A>[] {
  return reads.flatMap((read) => {
    const parts = read.key !== undefined && apart.has(read.key) ? read.parts?.() : undefined;
    return parts === undefined ? [stepOf(read)] : stepsOf(parts, apart);
  });
}

/** What is known without asking, while it is not time to ask again. */
export function standingOf<A extends Manner>(step: Step<A>): FrameBody | undefined {
  if (step.standing === undefined || step.holdOff === 0) return undefined;
  step.holdOff -= 1;
  return step.standing;
}

export function answered<A extends Manner>(step: Step<A>): void {
  step.standing = undefined;
  step.deaf = 0;
}

/** The slave says it has no such thing: by a refusal, or by a value that means so. */
export function refused<A extends Manner>(step: Step<A>, body: FrameBody): void {
  step.standing = body;
  step.holdOff = refusedEvery;
}

/** The slave answers others, but not this one. Returns the parts to try instead, if it can be taken apart. */
export function unheard<A extends Manner>(step: Step<A>, body: FrameBody): readonly Read<A>[] | undefined {
  step.deaf += 1;
  if (step.deaf < deafLimit) return undefined;
  const parts = step.read.parts?.();
  if (parts) return parts;
  step.standing = body;
  step.holdOff = deafEvery;
  return undefined;
}
