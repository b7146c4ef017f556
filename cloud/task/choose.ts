import type { TaskCandidate } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { metresBetween, type Position } from './distance.ts';
import { taskLimits } from './limits.ts';

/** Somebody who could be asked, as the records know them. */
export interface Known {
  readonly id: string;
  readonly name: string;
  readonly onDuty: boolean;
  readonly busy: boolean;
  /** 在班 by the roster now. */
  readonly rostered: boolean;
  readonly position: Position | null;
  readonly locatedAt: number | null;
  /** How often this task was offered to them without an answer, and whether they said no. */
  readonly expired: number;
  readonly declined: boolean;
}

/**
 * Everybody who could be asked, in the order they would be: on duty, not on another errand, not asked in vain before, on the
 * roster now, then
 * the nearest by a fresh position. A position that is stale or missing puts somebody behind all whose is fresh, and is said.
 */
export function rank(people: readonly Known[], place: Position | null, at: number): TaskCandidate[] {
  const candidates = people.map((one) => ({ one, candidate: candidateOf(one, place, at) }));
  candidates.sort((a, b) => order(a.one, a.candidate, b.one, b.candidate));
  return candidates.map(({ candidate }) => candidate);
}

function candidateOf(one: Known, place: Position | null, at: number): TaskCandidate {
  const { id, name, onDuty, busy, rostered, position, locatedAt } = one;
  const located = position === null || locatedAt === null ? 'unknown' : at - locatedAt <= taskLimits.freshMs ? 'fresh' : 'stale';
  const metres = position !== null && place !== null ? metresBetween(position, place) : null;
  const asked = one.declined ? 'declined' : one.expired > 0 ? 'expired' : null;
  return { id, name, onDuty, busy, rostered, located, metres, locatedAt, asked };
}

function order(a: Known, first: TaskCandidate, b: Known, second: TaskCandidate): number {
  return (
    Number(a.declined) - Number(b.declined) ||
    Number(b.onDuty) - Number(a.onDuty) ||
    a.expired - b.expired ||
    Number(a.busy) - Number(b.busy) ||
    Number(b.rostered) - Number(a.rostered) ||
    reach(first) - reach(second) ||
    (a.id < b.id ? -1 : 1)
  );
}

function reach({ located, metres }: TaskCandidate): number {
  return located === 'fresh' && metres !== null ? metres : Number.MAX_SAFE_INTEGER;
}

export type Choice = { readonly person: TaskCandidate } | { readonly nobody: Text };

/** Whom to ask next, or in a sentence why nobody can be: who is off duty is never asked by itself, only by a person's word. */
export function choose(people: readonly Known[], place: Position | null, at: number): Choice {
  if (people.length === 0)
    return { nobody: { zh: '这里没有可以派的人', en: 'Nobody who could be sent is known for this place' } };
  const onDuty = people.filter((one) => one.onDuty);
  if (onDuty.length === 0) {
    return {
      nobody: { zh: `可派的 ${people.length} 人都不在岗`, en: `None of the ${people.length} who could be sent is on duty` },
    };
  }
  const willing = onDuty.filter((one) => !one.declined && one.expired < taskLimits.asksPerPerson);
  const [person] = rank(willing, place, at);
  if (person) return { person };
  const declined = onDuty.filter((one) => one.declined).length;
  const silent = onDuty.length - declined;
  return {
    nobody: {
      zh: `在岗的都问过了：${declined} 人不能去，${silent} 人没有回应`,
      en: `Everybody on duty was asked: ${declined} cannot, ${silent} did not answer`,
    },
  };
}
