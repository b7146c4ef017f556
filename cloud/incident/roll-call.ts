import type { RollCall } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { Leg } from '@yihu/device-profiles/vocabulary/incident.ts';
import { clip, type LineDraft } from './core.ts';

/** How long everybody has to answer, ms: the time a radio round takes on a fire ground. */
export const rollCallMs = 60_000;

type Person = RollCall['people'][number];

/** 清点: everybody on the way or on scene, each once. */
export function peopleOf(legs: readonly Leg[]): Person[] {
  const there = legs.filter(({ state }) => state === 'en-route' || state === 'on-scene');
  return [...new Map(there.map((leg) => [leg.person, leg])).values()].map(({ person, personName }) => ({
    person,
    name: personName,
    state: 'asked',
    at: null,
    note: null,
  }));
}

/** One answer; the last one counts, also when it comes late. Null where this person was not asked. */
export function answerCall(
  people: readonly Person[],
  { person, state, note, at }: { person: string; state: 'safe' | 'help'; note: string | null; at: number },
): { people: Person[]; line: LineDraft } | null {
  const asked = people.find((one) => one.person === person);
  if (!asked) return null;
  const [zh, en] = state === 'safe' ? ['平安', 'is safe'] : ['需要帮助', 'needs help'];
  return {
    people: people.map((one) => (one.person === person ? { ...one, state, at, note } : one)),
    line: {
      kind: 'dispatch',
      text: {
        zh: clip(`${asked.name} ${zh}${note ? `：${note}` : ''}`),
        en: clip(`${asked.name} ${en}${note ? `: ${note}` : ''}`),
      },
      data: { person, rollCall: state, ...(note ? { note } : {}) },
      actor: { id: person, name: asked.name },
    },
  };
}

/** The time is over: who has not answered is named, because somebody must go and look. */
export function silentOf(people: readonly Person[]): { people: Person[]; line: LineDraft } | null {
  const silent = people.filter(({ state }) => state === 'asked');
  if (silent.length === 0) return null;
  const names = silent.map(({ name }) => name).join('、');
  return {
    people: people.map((one) => (one.state === 'asked' ? { ...one, state: 'silent' } : one)),
    line: {
      kind: 'dispatch',
      text: { zh: clip(`清点未应答：${names}，请立即联系`), en: clip(`No answer to the roll call: ${names}. Reach them now`) },
      data: { rollCall: 'silent', people: silent.map(({ person }) => person) },
    },
  };
}
