import type {
  IncidentPeople,
  PersonAtRisk,
  PostThere,
  Revealed,
  RevealField,
  RevealReason,
} from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { AreaPost } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import { isWithin } from '@yihu/device-profiles/vocabulary/place.ts';
import type { Role } from '@yihu/device-profiles/vocabulary/view.ts';
import { v7 as uuidv7 } from 'uuid';
import { limits } from '../limits.ts';
import { type PeopleDesk, yearOf } from './people.ts';
import type { FoundPerson, PeopleWork } from './people-records.ts';
import { openContact, openName, openNeeds, openText } from './person-sealing.ts';
import { areasOf } from './person-view.ts';
import { actsOn, type Reader, seesNames, seesNeeds } from './reader.ts';
import { no, said, type Said } from './said.ts';

export interface RevealRequest {
  readonly fields: readonly RevealField[];
  readonly why: RevealReason;
  /** In somebody's own words; kept sealed, because it may name people. */
  readonly note: string | null;
  readonly incident: string | null;
}

export interface Reveals {
  /** What is behind the masks: the asked fields only, for a reason, counted, and written down before it is answered. */
  reveal(reader: Reader, id: string, request: RevealRequest): Promise<Said<Revealed>>;
  /** 重点人员 of an area, for the workers of that area. */
  atRisk(
    reader: Reader,
    area: string,
    after: string | undefined,
  ): Promise<{ items: PersonAtRisk[]; total: number; next: string | null }>;
  /** The people an open incident may concern; null where it is not open, or reaches nobody. */
  incidentPeople(reader: Reader, incident: string): Promise<IncidentPeople | null>;
}

const hourMs = 3_600_000;
/** The vulnerable of one building; a list longer than this is no list anybody works through in a fire. */
const mostAtRisk = 200;
const mostHousehold = 50;
const desk: readonly Role[] = ['dispatcher'];

export function createReveals(people: PeopleDesk): Reveals {
  return {
    reveal: (reader, id, request) => people.records.atOnce((work) => reveal(people, work, reader, id, request)),
    atRisk: async (reader, area, after) => {
      const page = await people.records.find(reader.scope, { area, needy: 'care', current: true, after, limit: limits.pageSize });
      const items = page.items.filter((person) => seesNeeds(reader, areasOf(person))).map((one) => atRisk(people, one, area));
      return { ...page, items };
    },
    incidentPeople: (reader, incident) => incidentPeople(people, reader, incident),
  };
}

async function reveal(
  people: PeopleDesk,
  work: PeopleWork,
  reader: Reader,
  id: string,
  request: RevealRequest,
): Promise<Said<Revealed>> {
  const person = await work.person(reader.scope, id);
  if (person === null || !(await hasPurpose(work, reader, person, request))) return no('not-found');
  const at = people.clock.now();
  const made = await work.revealsSince(reader.id, at - hourMs);
  if (made >= limits.revealsPerHour) return no('too-many');
  const { fields, why, note, incident } = request;
  const revealId = `rv-${uuidv7()}`;
  const sealed = note === null ? null : people.sealer.seal(revealId, 'note', note);
  await work.noteReveal({ id: revealId, person: id, fields, why, note: sealed, incident, by: reader.id, at });
  return said({ reveal: revealId, ...opened(people, person, fields), left: limits.revealsPerHour - made - 1 });
}

/**
 * Those who work with people there need a reason; everybody else an open incident that reaches the person. Without one the
 * person is not found, as anything a role may not see.
 */
async function hasPurpose(work: PeopleWork, reader: Reader, person: FoundPerson, request: RevealRequest): Promise<boolean> {
  const areas = areasOf(person);
  if (seesNames(reader, areas)) return true;
  if (!actsOn(reader, desk, areas) || request.incident === null || request.fields.includes('idNumber')) return false;
  const reach = await work.openIncident(reader.scope, request.incident);
  return reach !== null && areas.some((area) => isWithin(reach.reach, area));
}

function opened({ sealer }: PeopleDesk, person: FoundPerson, fields: readonly RevealField[]): Omit<Revealed, 'reveal' | 'left'> {
  const values: { [K in RevealField]: () => Pick<Revealed, K> } = {
    name: () => ({ name: openName(sealer, person) }),
    idNumber: () => ({ idNumber: openText(sealer, person, 'idNumber') }),
    phone: () => ({ phone: openText(sealer, person, 'phone') }),
    birth: () => ({ birth: openText(sealer, person, 'birth') }),
    contact: () => ({ contact: openContact(sealer, person) }),
  };
  return Object.assign({}, ...fields.map((field) => values[field]())) as Omit<Revealed, 'reveal' | 'left'>;
}

function atRisk(people: PeopleDesk, person: FoundPerson, near: string): PersonAtRisk {
  const { sealer } = people;
  const place = person.places.find(({ area }) => isWithin(near, area)) ?? person.places[0];
  return {
    id: person.id,
    name: openName(sealer, person),
    age: person.birthYear === null ? null : Math.max(0, yearOf(people) - person.birthYear),
    phone: openText(sealer, person, 'phone'),
    contact: openContact(sealer, person),
    needs: openNeeds(sealer, person),
    area: place?.area ?? near,
    label: place?.label ?? '',
  };
}

const digitsOf = (phone: string | null) => phone?.replaceAll(/\D/g, '') ?? '';

/** A post's holder is written apart from the registry: the same telephone, or the same name on the area that one lives in. */
function isHolder({ sealer }: PeopleDesk, person: FoundPerson, { area, name, phone }: AreaPost): boolean {
  const number = digitsOf(phone);
  if (number !== '' && number === digitsOf(openText(sealer, person, 'phone'))) return true;
  return name === openName(sealer, person) && areasOf(person).some((one) => isWithin(area, one));
}

async function incidentPeople(people: PeopleDesk, reader: Reader, incident: string): Promise<IncidentPeople | null> {
  const { records } = people;
  const reach = await records.openIncident(reader.scope, incident);
  if (reach === null) return null;
  // The people of the place itself, where it is a house; whoever needs help in the building around it.
  const isHouse = reach.area !== reach.reach;
  const inside = isHouse
    ? await records.find(reader.scope, { area: reach.area, current: true, limit: mostHousehold })
    : { items: [] };
  const around = await records.find(reader.scope, {
    area: reach.reach,
    needy: { incident, reach: reach.reach },
    current: true,
    limit: mostAtRisk,
  });
  const household = inside.items.map((person) => atRisk(people, person, reach.area));
  const known = new Set(household.map(({ id }) => id));
  const others = around.items.filter(({ id }) => !known.has(id)).map((person) => atRisk(people, person, reach.reach));
  const over = await records.postsOver(reader.scope, reach.area, people.clock.now());
  const living = [...inside.items, ...around.items];
  const posts = over.map((post): PostThere => {
    const { id, post: kind, name, phone, areaName } = post;
    return { id, post: kind, name, phone, areaName, person: living.find((one) => isHolder(people, one, post))?.id ?? null };
  });
  return { incident, reach: reach.reach, household, atRisk: others, posts };
}
