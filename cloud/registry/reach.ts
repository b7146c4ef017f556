import type { PeopleDesk } from './people.ts';
import { openName, openText } from './person-sealing.ts';

/** How somebody of the registry is called, for the moment a message leaves. */
export interface Reached {
  readonly name: string;
  readonly phone: string | null;
}

/**
 * Names and telephones of those who are to be told, opened when the message is about to go and kept nowhere. Whoever was
 * erased or merged meanwhile is not in the answer.
 */
export function createReach({ records, sealer }: PeopleDesk): (people: readonly string[]) => Promise<Map<string, Reached>> {
  return async (people) => {
    const found = await records.byIds(people);
    return new Map(
      found.map((person) => [person.id, { name: openName(sealer, person), phone: openText(sealer, person, 'phone') }]),
    );
  };
}
