import { create } from 'zustand';
import { call, isApiError } from '../../client/api.ts';
import { after } from '../../client/clock.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { IncidentPeople, PersonAtRisk, PostThere } from '@yihu/device-profiles/vocabulary/registry-person.ts';

/** Whom the registry knows at the chosen incident; nobody and no problem where it may not say. */
export const useContacts = create<{ of: string; people: IncidentPeople | null; problem: Problem | null }>(() => ({
  of: '',
  people: null,
  problem: null,
}));

let wanted = '';
/** What could not be read is asked for again this soon. */
const againMs = 10_000;

/** Reads whom the registry knows there; once the incident is over it names nobody, and is not asked. */
export function readContacts(id: string, isOpenStill: boolean): void {
  wanted = id;
  const take = (people: IncidentPeople | null, problem: Problem | null) => {
    if (wanted === id) useContacts.setState({ of: id, people, problem });
  };
  if (!isOpenStill) return take(null, null);
  call<IncidentPeople>('GET', `/api/incidents/${encodeURIComponent(id)}/people`).then(
    (people) => take(people, null),
    (error: unknown) => {
      if (!isApiError(error)) throw error;
      if (error.status !== 404)
        after(againMs, () => {
          if (wanted === id && useContacts.getState().problem !== null) readContacts(id, true);
        });
      // Not found: it endangers nobody, or is not this desk's. Nobody's data is shown then.
      take(null, error.status === 404 ? null : error.problem);
    },
  );
}

export interface Telephone {
  readonly number: string;
  /** The key that calls it, for the first nine of the list. */
  readonly key: number | null;
  /** Whom one reaches there, where it is not the person itself. */
  readonly whose: { readonly name: string; readonly relation: string } | null;
}

/** One person, once, whatever they are there: of the household, in need of help, and holders of posts. */
export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly person: PersonAtRisk | null;
  readonly posts: readonly PostThere[];
  readonly phones: readonly Telephone[];
}

export interface Group {
  readonly kind: 'household' | 'posts' | 'atRisk';
  readonly rows: readonly Listed[];
}

const keys = 9;

/** The household, who answers for the place, then the vulnerable of the building; groups with nobody in them are left out. */
export function listed({ household, atRisk, posts }: IncidentPeople): Group[] {
  let used = 0;
  const telephone = (number: string, whose: Telephone['whose'] = null): Telephone => {
    used += 1;
    return { number, key: used <= keys ? used : null, whose };
  };
  const ofPerson = (person: PersonAtRisk): Listed => {
    const own = posts.filter((post) => post.person === person.id);
    const numbers = new Set([person.phone, ...own.map(({ phone }) => phone)].filter((phone) => phone !== null));
    const { contact } = person;
    const phones = [...numbers].map((number) => telephone(number));
    const more = contact === null ? [] : [telephone(contact.phone, contact)];
    return { id: person.id, name: person.name, person, posts: own, phones: [...phones, ...more] };
  };
  const living = new Set([...household, ...atRisk].map(({ id }) => id));
  const others = Map.groupBy(
    posts.filter(({ person }) => person === null || !living.has(person)),
    ({ person, name, phone }) => person ?? `${name} ${phone ?? ''}`,
  );
  const ofHolder = (held: readonly PostThere[]): Listed => {
    const numbers = new Set(held.map(({ phone }) => phone).filter((phone) => phone !== null));
    const [first] = held;
    const phones = [...numbers].map((number) => telephone(number));
    return { id: first?.id ?? '', name: first?.name ?? '', person: null, posts: held, phones };
  };
  const groups: Group[] = [
    { kind: 'household', rows: household.map(ofPerson) },
    { kind: 'posts', rows: [...others.values()].map(ofHolder) },
    { kind: 'atRisk', rows: atRisk.map(ofPerson) },
  ];
  return groups.filter(({ rows }) => rows.length > 0);
}
