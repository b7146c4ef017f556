import type {
  Found,
  OrganisationDetail,
  OrganisationKind,
  OrganisationSummary,
  RoomDetail,
  RoomSummary,
} from '@yihu/device-profiles/vocabulary/registry-house.ts';
import type { PersonSummary } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { limits } from '../limits.ts';
import { readCreditCode } from './credit-code.ts';
import { searchText } from '@yihu/device-profiles/library/search-text.ts';
import type { HouseRecords, OrganisationChange, RoomChange } from './houses-records.ts';
import { readIdNumber } from './id-number.ts';
import { maskName, maskPhone } from './masking.ts';
import { type PeopleDesk, todayOf, yearOf } from './people.ts';
import type { FoundPerson, PersonQuery } from './people-records.ts';
import { readPhone } from './person-check.ts';
import { idIndex, phoneIndex } from './person-sealing.ts';
import { summaryOf } from './person-view.ts';
import type { Reader } from './reader.ts';
import { invalid, type Issue, no, said, type Said } from './said.ts';
import { planSearch, type SearchPlan } from './search.ts';

const OwnContact = z.strictObject({ name: z.string(), phone: z.string() });
type OwnContact = z.infer<typeof OwnContact>;

export interface OrganisationInput {
  readonly area: string;
  readonly name: string;
  readonly kind: OrganisationKind;
  readonly creditCode: string | null;
  readonly contact: OwnContact | null;
}

/** The fields that are given are written; null clears what may be empty. */
export type OrganisationEdit = { readonly [K in keyof Omit<OrganisationInput, 'area'>]?: OrganisationInput[K] | undefined };

export interface Houses {
  /** Any person, house or organisation by whatever somebody knows of it. */
  search(reader: Reader, typed: string, area: string | undefined): Promise<Found>;
  listRooms(
    reader: Reader,
    query: { area: string; after?: string | undefined; limit: number },
  ): Promise<{ items: readonly RoomSummary[]; total: number; next: string | null }>;
  room(reader: Reader, path: string): Promise<RoomDetail | null>;
  changeRoom(reader: Reader, path: string, version: number, change: RoomChange): Promise<Said<RoomDetail>>;
  organisation(reader: Reader, id: string): Promise<OrganisationDetail | null>;
  addOrganisation(reader: Reader, wanted: OrganisationInput, key: string): Promise<Said<OrganisationDetail>>;
  changeOrganisation(
    reader: Reader,
    id: string,
    version: number,
    change: OrganisationEdit & { closedAt?: number | null | undefined },
  ): Promise<Said<OrganisationDetail>>;
}

interface HouseDesk extends PeopleDesk {
  readonly houses: HouseRecords;
}

export function createHouses(desk: HouseDesk): Houses {
  const { houses } = desk;
  const detail = async (reader: Reader, id: string): Promise<OrganisationDetail | null> => {
    const found = await houses.organisation(reader.scope, id);
    if (found === null) return null;
    const { contact, ...summary } = found;
    const staff = await houses.staff(reader.scope, id);
    return { ...summary, contact: maskedContact(desk, id, contact), staff: summaries(desk, reader, staff) };
  };
  const room = async (reader: Reader, path: string): Promise<RoomDetail | null> => {
    const facts = await houses.room(reader.scope, path);
    if (facts === null) return null;
    const people = await desk.records.find(reader.scope, { area: path, current: true, limit: limits.pageSize });
    return { ...facts, organisations: [...facts.organisations], people: summaries(desk, reader, people.items) };
  };
  return {
    search: (reader, typed, area) => search(desk, reader, typed, area),
    listRooms: (reader, query) => houses.listRooms(reader.scope, query),
    room,
    async changeRoom(reader, path, version, change) {
      const done = await houses.changeRoom(reader.scope, path, version, change);
      const now = done === null ? null : await room(reader, path);
      if (now === null) return no('not-found');
      return done ? said(now) : { ok: false, code: 'version', current: now };
    },
    organisation: detail,
    async addOrganisation(reader, wanted, key) {
      const issues = organisationIssues(wanted);
      if (issues.length > 0) return invalid(issues);
      const id = `org-${uuidv7()}`;
      const { area, name, kind, creditCode } = wanted;
      const { contact = null } = stored(desk, id, wanted);
      const organisation = { id, area, name, kind, creditCode: readCode(creditCode), contact, search: searchText([name]) };
      const done = await houses.addOrganisation(reader.scope, reader, organisation, key);
      if (typeof done === 'string') return no(done);
      const made = await detail(reader, done.id);
      return made ? said(made, done.repeated) : no('not-found');
    },
    async changeOrganisation(reader, id, version, { closedAt, ...change }) {
      const issues = organisationIssues(change);
      if (issues.length > 0) return invalid(issues);
      const columns = { ...stored(desk, id, change), closedAt };
      const done = await houses.changeOrganisation(reader.scope, id, version, columns);
      const now = done === null ? null : await detail(reader, id);
      if (now === null) return no('not-found');
      return done ? said(now) : { ok: false, code: 'version', current: now };
    },
  };
}

function summaries(desk: PeopleDesk, reader: Reader, people: readonly FoundPerson[]): PersonSummary[] {
  const year = yearOf(desk);
  return people.map((person) => summaryOf(desk.sealer, reader, person, year));
}

async function search(desk: HouseDesk, reader: Reader, typed: string, area: string | undefined): Promise<Found> {
  const { houses } = desk;
  const plan = planSearch(typed, await houses.communities(reader.scope));
  const below = plan.below.length > 0 ? plan.below : area === undefined ? [] : [area];
  const limit = limits.foundAtOnce;
  const people = new Map<string, PersonSummary>();
  let more = false;
  for (const query of personQueries(desk, plan)) {
    for (const path of below.length > 0 ? below : [undefined]) {
      const page = await desk.records.find(reader.scope, { ...query, area: path, limit });
      more ||= page.next !== null;
      for (const one of summaries(desk, reader, page.items)) people.set(one.id, one);
    }
  }
  const rooms = plan.room === null ? [] : await houses.findRooms(reader.scope, below, plan.room, limit + 1);
  const organisations: readonly OrganisationSummary[] =
    plan.organisation === null ? [] : await houses.findOrganisations(reader.scope, below, plan.organisation, limit + 1);
  more ||= rooms.length > limit || organisations.length > limit || people.size > limit;
  return {
    people: [...people.values()].slice(0, limit),
    rooms: rooms.slice(0, limit),
    organisations: organisations.slice(0, limit),
    more,
  };
}

function personQueries(desk: PeopleDesk, plan: SearchPlan): Omit<PersonQuery, 'limit'>[] {
  const { sealer } = desk;
  const queries: Omit<PersonQuery, 'limit'>[] = [];
  if (plan.phone !== null) queries.push({ phoneIndex: phoneIndex(sealer, plan.phone) });
  if (plan.idNumber !== null) {
    const read = readIdNumber(plan.idNumber, todayOf(desk));
    queries.push({ idIndex: idIndex(sealer, read.ok ? read.value.number : plan.idNumber) });
  }
  if (plan.nameToken !== null && plan.phone === null) queries.push({ token: sealer.token(plan.nameToken) });
  return queries;
}

const wrongCode: Issue = {
  path: 'creditCode',
  message: {
    zh: '统一社会信用代码的校验位不符，请核对 18 位。',
    en: 'The check character of the credit code does not fit; check its 18 characters.',
  },
};
const wrongPhone: Issue = {
  path: 'contact/phone',
  message: {
    zh: '电话应为 11 位手机号或座机号，请核对。',
    en: 'A telephone is an 11-digit mobile number or a landline; check it.',
  },
};

function organisationIssues({ creditCode, contact }: OrganisationEdit): Issue[] {
  const issues: Issue[] = [];
  if (typeof creditCode === 'string' && readCreditCode(creditCode) === null) issues.push(wrongCode);
  if (contact && readPhone(contact.phone) === null) issues.push(wrongPhone);
  return issues;
}

function readCode(code: string | null): string | null {
  return code === null ? null : readCreditCode(code);
}

/** The columns of what is given. */
function stored(desk: PeopleDesk, id: string, { name, kind, creditCode, contact }: OrganisationEdit): OrganisationChange {
  const seal = (one: OwnContact) => desk.sealer.seal(id, 'contact', JSON.stringify({ ...one, phone: readPhone(one.phone) }));
  return {
    name,
    kind,
    creditCode: creditCode === undefined ? undefined : readCode(creditCode),
    contact: contact ? seal(contact) : contact,
    search: name === undefined ? undefined : searchText([name]),
  };
}

function maskedContact({ sealer }: PeopleDesk, id: string, contact: Buffer | null): OwnContact | null {
  if (contact === null) return null;
  const { name, phone } = OwnContact.parse(JSON.parse(sealer.open(id, 'contact', contact)));
  return { name: maskName(name), phone: maskPhone(phone) };
}
