import { maskName } from './masking.ts';
import type { PeopleDesk } from './people.ts';
import { readPhone } from './person-check.ts';
import { openName, openText, phoneIndex } from './person-sealing.ts';
import { type Reader, seesNames, seesNeeds } from './reader.ts';

/** How somebody of the registry is called, for the moment a message leaves. */
export interface Reached {
  readonly name: string;
  readonly phone: string | null;
}

/** Who people of the registry are, for those who call them. */
export interface Reach {
  /**
   * Names and telephones of those who are to be told, opened when the message is about to go and kept nowhere. Whoever was
   * erased or merged meanwhile is not in the answer.
   */
  (people: readonly string[]): Promise<Map<string, Reached>>;
  /** The keyed hash by which a number is found; null for what is no number of ours. */
  phoneIndexOf(phone: string): Buffer | null;
}

export function createReach({ records, sealer }: Pick<PeopleDesk, 'records' | 'sealer'>): Reach {
  const reach = async (people: readonly string[]): Promise<Map<string, Reached>> => {
    const found = await records.byIds(people);
    return new Map(
      found.map((person) => [person.id, { name: openName(sealer, person), phone: openText(sealer, person, 'phone') }]),
    );
  };
  return Object.assign(reach, {
    phoneIndexOf: (phone: string) => {
      const plain = readPhone(phone);
      return plain === null ? null : phoneIndex(sealer, plain);
    },
  });
}

/** The number in E.164 (+86…); null for one within the town, which no provider can reach. */
export function internationalPhone(phone: string): string | null {
  if (/^1\d{10}$/.test(phone)) return `+86${phone}`;
  return phone.startsWith('0') ? `+86${phone.slice(1)}` : null;
}

/** A name as this reader sees it of somebody who lives there. */
export function nameFor(reader: Reader, area: string, name: string): string {
  return seesNames(reader, [area]) ? name : maskName(name);
}

/** Whether this reader may know who needs somebody most. */
export function mayKnowNeeds(reader: Reader, area: string): boolean {
  return seesNeeds(reader, [area]);
}
