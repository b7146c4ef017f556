import type {
  Basis,
  OccupancyRole,
  PersonDetail,
  PersonField,
  PersonSummary,
  Source,
  Tag,
} from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../clock.ts';
import type { FoundPerson, PeopleRecords, PeopleWork, PersonQuery } from './people-records.ts';
import { checkPerson, type PlainPerson } from './person-check.ts';
import { sealedChange } from './person-change.ts';
import { sealPerson } from './person-sealing.ts';
import { areasOf, detailOf, summaryOf } from './person-view.ts';
import { type Reader, seesNeeds } from './reader.ts';
import { invalid, type Issue, no, said, type Said } from './said.ts';
import type { Sealer } from './sealing.ts';

/** What the registry of people works with. */
export interface PeopleDesk {
  readonly records: PeopleRecords;
  readonly sealer: Sealer;
  readonly clock: Clock;
  /** IANA name; its calendar says what day it is. */
  readonly timeZone: string;
}

/** Where what is written down came from. */
export interface Provenance {
  readonly source: Source;
  readonly basis: Basis;
}

export interface Home {
  readonly area: string;
  readonly role: OccupancyRole;
  readonly organisation: string | null;
  readonly fromAt: number | null;
}

export interface NewPerson {
  readonly person: PlainPerson;
  readonly tags: readonly Tag[];
  readonly home: Home;
  readonly provenance: Provenance;
  readonly key: string;
}

export interface PersonEdit {
  readonly version: number;
  /** The fields that are given are written, null clears one. */
  readonly change: Partial<PlainPerson>;
  readonly tags: readonly Tag[] | undefined;
  readonly provenance: Provenance;
  /** The form it was asked with. */
  readonly form?: string;
  /** Of a phone that may send the same change twice: it is written once. */
  readonly key?: string | undefined;
}

export interface People {
  list(reader: Reader, query: PersonQuery): Promise<{ items: PersonSummary[]; total: number; next: string | null }>;
  detail(reader: Reader, id: string): Promise<PersonDetail | null>;
  create(reader: Reader, wanted: NewPerson): Promise<Said<PersonDetail>>;
  change(reader: Reader, id: string, edit: PersonEdit): Promise<Said<PersonDetail>>;
  moveIn(reader: Reader, id: string, move: { home: Home; provenance: Provenance; key: string }): Promise<Said<PersonDetail>>;
  /** Null where it was done and the person is out of this reader's sight now. */
  moveOut(
    reader: Reader,
    id: string,
    move: { occupancy: string; untilAt: number; provenance: Provenance; key: string },
  ): Promise<Said<PersonDetail | null>>;
}

export function createPeople(desk: PeopleDesk): People {
  return {
    async list(reader, query) {
      const page = await desk.records.find(reader.scope, query);
      const year = yearOf(desk);
      return { ...page, items: page.items.map((person) => summaryOf(desk.sealer, reader, person, year)) };
    },
    async detail(reader, id) {
      const person = await desk.records.person(reader.scope, id);
      return person ? shown(desk, desk.records, reader, person) : null;
    },
    create: (reader, wanted) => create(desk, reader, wanted),
    change: (reader, id, edit) => desk.records.atOnce((work) => changeOnce(desk, work, reader, id, edit)),
    moveIn: (reader, id, move) => desk.records.atOnce((work) => moveIn(desk, work, reader, id, move)),
    moveOut: (reader, id, move) => desk.records.atOnce((work) => moveOut(desk, work, reader, id, move)),
  };
}

/** `YYYY-MM-DD` where the houses stand. */
export function todayOf({ clock, timeZone }: Pick<PeopleDesk, 'clock' | 'timeZone'>): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(clock.now());
}

export function yearOf(desk: Pick<PeopleDesk, 'clock' | 'timeZone'>): number {
  return Number(todayOf(desk).slice(0, 4));
}

async function shown(
  desk: PeopleDesk,
  work: Pick<PeopleWork, 'history'>,
  reader: Reader,
  person: FoundPerson,
): Promise<PersonDetail> {
  return detailOf(desk.sealer, reader, person, await work.history(person.id), yearOf(desk));
}

/** The fields of a person that hold something. */
export function knownFields(plain: Partial<PlainPerson>, tags: readonly Tag[] = []): PersonField[] {
  const fields = ['name', 'idNumber', 'phone', 'sex', 'birth', 'contact'] as const;
  const known: PersonField[] = fields.filter((field) => plain[field] !== null && plain[field] !== undefined);
  if ((plain.needs ?? []).length > 0) known.push('needs');
  if (tags.length > 0) known.push('tags');
  return known;
}

const noHouse: Issue = {
  path: 'home/area',
  message: { zh: '没有这处房屋，请先在房屋里选择或新建。', en: 'There is no such house; choose one, or make it first.' },
};

async function create(desk: PeopleDesk, reader: Reader, wanted: NewPerson): Promise<Said<PersonDetail>> {
  const checked = checkPerson(wanted.person, todayOf(desk));
  if (!checked.ok) return invalid(checked.issues);
  const at = desk.clock.now();
  const by = reader.id;
  return desk.records.atOnce(async (work) => {
    const rooms = await work.rooms(reader.scope, [wanted.home.area]);
    if (!rooms.has(wanted.home.area)) return invalid([noHouse]);
    const done = await work.once({ actor: by, key: wanted.key, about: 'person', at }, async () => {
      const id = `p-${uuidv7()}`;
      await work.insert([sealPerson(desk.sealer, id, checked.plain)], at);
      await work.setTags(id, wanted.tags);
      await work.addOccupancies([{ id: `o-${uuidv7()}`, person: id, ...wanted.home, untilAt: null, import: null }]);
      await work.reseat([id]);
      const fields: PersonField[] = [...knownFields(checked.plain, wanted.tags), 'occupancy'];
      await work.collect([{ subject: id, fields, again: [], ...wanted.provenance, form: null, import: null, by, at }]);
      await work.noteChanges([{ person: id, kind: 'made', fields, before: {}, cause: null, by, at, version: 1 }]);
      return id;
    });
    if (typeof done === 'string') return no('key-reused');
    const person = await work.person(reader.scope, done.subject);
    return person ? said(await shown(desk, work, reader, person), done.repeated) : no('not-found');
  });
}

/** The same key again answers with what is there now, though the version it was made for has gone by. */
async function changeOnce(
  desk: PeopleDesk,
  work: PeopleWork,
  reader: Reader,
  id: string,
  edit: PersonEdit,
): Promise<Said<PersonDetail>> {
  const { key } = edit;
  if (key === undefined) return change(desk, work, reader, id, edit);
  const answers: Said<PersonDetail>[] = [];
  const done = await work.once({ actor: reader.id, key, about: `person change ${id}`, at: desk.clock.now() }, async () => {
    const answer = await change(desk, work, reader, id, edit);
    answers.push(answer);
    return answer.ok ? id : null;
  });
  const [answer] = answers;
  if (answer !== undefined) return answer;
  if (typeof done === 'string') return no('key-reused');
  const now = await work.person(reader.scope, id);
  return now ? said(await shown(desk, work, reader, now), true) : no('not-found');
}

async function change(
  desk: PeopleDesk,
  work: PeopleWork,
  reader: Reader,
  id: string,
  edit: PersonEdit,
): Promise<Said<PersonDetail>> {
  const person = await work.hold(reader.scope, id);
  if (person === null) return no('not-found');
  if (person.version !== edit.version) {
    return { ok: false, code: 'version', current: await shown(desk, work, reader, person) };
  }
  // Who may not see the needs would write over what is there.
  if (edit.change.needs !== undefined && !seesNeeds(reader, areasOf(person))) return no('not-yours');
  const changed = sealedChange(desk.sealer, person, edit.change, edit.tags, todayOf(desk));
  if (!changed.ok) return invalid(changed.issues);
  const at = desk.clock.now();
  const by = reader.id;
  const { columns, before, fields, confirmed } = changed;
  if (fields.length > 0) {
    await work.update(id, columns, at);
    if (edit.tags !== undefined) await work.setTags(id, edit.tags);
    const kind = edit.form === undefined ? 'edit' : 'form';
    await work.noteChanges([{ person: id, kind, fields, before, cause: null, by, at, version: person.version + 1 }]);
  }
  const acts = [...fields, ...confirmed];
  if (acts.length > 0) {
    await work.collect([
      { subject: id, fields: acts, again: confirmed, ...edit.provenance, form: edit.form ?? null, import: null, by, at },
    ]);
  }
  const now = await work.person(reader.scope, id);
  return now ? said(await shown(desk, work, reader, now), fields.length === 0) : no('not-found');
}

async function moveIn(
  desk: PeopleDesk,
  work: PeopleWork,
  reader: Reader,
  id: string,
  { home, provenance, key }: { home: Home; provenance: Provenance; key: string },
): Promise<Said<PersonDetail>> {
  const person = await work.hold(reader.scope, id);
  if (person === null) return no('not-found');
  if (!(await work.rooms(reader.scope, [home.area])).has(home.area)) return invalid([noHouse]);
  const at = desk.clock.now();
  const done = await work.once({ actor: reader.id, key, about: `move in ${id}`, at }, async () => {
    const there = (await work.history(id)).occupancies.find((one) => {
      return one.untilAt === null && one.area === home.area && one.role === home.role;
    });
    if (there) return there.id;
    const occupancy = { id: `o-${uuidv7()}`, person: id, ...home, untilAt: null, import: null };
    await work.addOccupancies([occupancy]);
    await moved(work, reader, person, provenance, at, { in: occupancy.id });
    return occupancy.id;
  });
  if (typeof done === 'string') return no('key-reused');
  const now = await work.person(reader.scope, id);
  return now ? said(await shown(desk, work, reader, now), done.repeated) : no('not-found');
}

async function moveOut(
  desk: PeopleDesk,
  work: PeopleWork,
  reader: Reader,
  id: string,
  move: { occupancy: string; untilAt: number; provenance: Provenance; key: string },
): Promise<Said<PersonDetail | null>> {
  const person = await work.hold(reader.scope, id);
  if (person === null) return no('not-found');
  const at = desk.clock.now();
  const there = (await work.history(id)).occupancies.find((one) => one.id === move.occupancy);
  if (!there) return no('not-found');
  const done = await work.once({ actor: reader.id, key: move.key, about: `move out ${id}`, at }, async () => {
    if (there.untilAt !== null || move.untilAt < (there.fromAt ?? 0) || move.untilAt > at) return null;
    await work.endOccupancy(there.id, move.untilAt);
    await moved(work, reader, person, move.provenance, at, { out: there.id });
    return there.id;
  });
  if (done === 'refused') {
    return no('wrong-state', {
      zh: '这段居住已经结束，或搬离时间早于入住、晚于现在，请看最新内容。',
      en: 'This stay has ended already, or would end before it began or in the future; look at what it is now.',
    });
  }
  if (typeof done === 'string') return no('key-reused');
  const now = await work.person(reader.scope, id);
  return said(now === null ? null : await shown(desk, work, reader, now), done.repeated);
}

async function moved(
  work: PeopleWork,
  reader: Reader,
  person: FoundPerson,
  provenance: Provenance,
  at: number,
  before: Record<string, string>,
): Promise<void> {
  const by = reader.id;
  await work.reseat([person.id]);
  await work.update(person.id, {}, at);
  await work.collect([{ subject: person.id, fields: ['occupancy'], again: [], ...provenance, form: null, import: null, by, at }]);
  const version = person.version + 1;
  await work.noteChanges([{ person: person.id, kind: 'move', fields: ['occupancy'], before, cause: null, by, at, version }]);
}
