import type { ImportPlan, ImportRow } from '@yihu/device-profiles/vocabulary/registry-import.ts';
import type { PersonField } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { v7 as uuidv7 } from 'uuid';
import { type CellIssue, type ReadRow, readRow } from './import-cells.ts';
import type { HouseFinder } from './import-houses.ts';
import type { ImportWork, MatchKeys, RowOutcome } from './import-records.ts';
import type { FoundPerson, StoredOccupancy } from './people-records.ts';
import { knownFields } from './people.ts';
import { sealedChange } from './person-change.ts';
import { checkPerson, type PlainPerson } from './person-check.ts';
import { idIndex, nameIndex, phoneIndex, sealPerson } from './person-sealing.ts';
import type { Reader } from './reader.ts';
import type { Issue } from './said.ts';
import type { Sealer } from './sealing.ts';
import { ImportWrites } from './import-writes.ts';

/** What all rows of one run share. */
export interface ImportRun {
  readonly id: string;
  readonly plan: ImportPlan;
  /** This very file was taken in before: what it confirms was not asked again. */
  readonly isRepeat: boolean;
  readonly titles: readonly string[];
  readonly reader: Reader;
  readonly sealer: Sealer;
  readonly houses: HouseFinder;
  readonly today: string;
  readonly at: number;
}

export interface BatchRow {
  readonly number: number;
  readonly cells: readonly string[];
}

interface Ready {
  readonly number: number;
  readonly row: ReadRow;
  readonly plain: PlainPerson;
  readonly house: string;
}

const nothing: PlainPerson = {
  name: '',
  idKind: 'resident',
  idNumber: null,
  phone: null,
  sex: null,
  birth: null,
  contact: null,
  needs: [],
};

/** Carries out some rows, in their order, and says what became of each. The next batch sees what this one left. */
export async function runBatch(
  work: ImportWork,
  run: ImportRun,
  batch: readonly BatchRow[],
): Promise<{ outcomes: RowOutcome[]; houses: readonly string[] }> {
  const writes = new ImportWrites(run);
  const read = batch.map((row) => readOne(run, writes, row));
  const ready = read.filter((one) => 'plain' in one);
  const known = new Known(run.sealer, await work.match(run.reader.scope, keysOf(run.sealer, ready)));
  const outcomes = read.map((one) => ('plain' in one ? takeIn(run, writes, known, one) : one));
  await writes.flush(work);
  return { outcomes, houses: writes.made };
}

function readOne(run: ImportRun, writes: ImportWrites, { number, cells }: BatchRow): Ready | RowOutcome {
  const row = readRow(cells, run.plan);
  const house = run.houses.find(row.house);
  const checked = checkPerson({ ...nothing, ...row.given }, run.today);
  const issues: CellIssue[] = [...row.issues];
  if ('message' in house) issues.push(house);
  if (!checked.ok) issues.push(...checked.issues.map((issue) => cellIssue(issue, row)));
  if (issues.length > 0 || 'message' in house || !checked.ok)
    return { number, outcome: 'error', person: null, issues: issues.map((one) => placed(run, one)) };
  writes.house(house);
  run.houses.add(house.make);
  return { number, row, plain: checked.plain, house: house.path };
}

const fieldOf: Readonly<Record<string, CellIssue['field']>> = {
  'contact/phone': 'contactPhone',
  idNumber: 'idNumber',
  phone: 'phone',
  birth: 'birth',
  sex: 'sex',
};

const lostDigits: Text = {
  zh: '身份证号被表格当成数字，末几位已丢失。请把该列设为文本后重新填写。',
  en: 'The spreadsheet took it for a number and its last digits are lost. Make the column text and fill it in again.',
};

function cellIssue({ path, message }: Issue, { given }: ReadRow): CellIssue {
  const field = fieldOf[path] ?? null;
  const isLost = field === 'idNumber' && /^\d(\.\d+)?E\+?\d+$/i.test(given.idNumber ?? '');
  return { field, message: isLost ? lostDigits : message };
}

function placed({ plan, titles }: ImportRun, { field, message }: CellIssue): ImportRow['issues'][number] {
  const column = field === null ? undefined : plan.mapping[field];
  return { column: column === undefined ? null : (titles[column] ?? null), field, message };
}

function keysOf(sealer: Sealer, rows: readonly Ready[]): MatchKeys {
  return {
    ids: rows.flatMap(({ plain }) => (plain.idNumber === null ? [] : [idIndex(sealer, plain.idNumber)])),
    phones: rows.flatMap(({ plain }) => (plain.phone === null ? [] : [phoneIndex(sealer, plain.phone)])),
    houses: rows.map(({ plain, house }) => ({ area: house, nameIndex: nameIndex(sealer, plain.name) })),
  };
}

/** People of this batch, as they are by now: those that were there, changed by earlier rows, and those that are new. */
class Known {
  readonly #people = new Map<string, FoundPerson>();
  readonly #keys = new Map<string, string>();
  readonly #sealer: Sealer;

  constructor(sealer: Sealer, people: readonly FoundPerson[]) {
    this.#sealer = sealer;
    for (const person of people) this.put(person);
  }

  put(person: FoundPerson): void {
    this.#people.set(person.id, person);
    const name = person.nameIndex.toString('hex');
    if (person.idIndex) this.#keys.set(`id ${person.idIndex.toString('hex')}`, person.id);
    if (person.phoneIndex) this.#keys.set(`phone ${person.phoneIndex.toString('hex')} ${name}`, person.id);
    for (const { area, current } of person.places) if (current) this.#keys.set(`house ${area} ${name}`, person.id);
  }

  /** The same person: by number; or by name with the house or the telephone, where no number says otherwise. */
  find({ plain, house }: Ready): FoundPerson | null {
    const name = nameIndex(this.#sealer, plain.name).toString('hex');
    const number = plain.idNumber === null ? null : idIndex(this.#sealer, plain.idNumber);
    const byNumber = number && this.#keys.get(`id ${number.toString('hex')}`);
    if (byNumber) return this.#people.get(byNumber) ?? null;
    const phone = plain.phone === null ? null : `phone ${phoneIndex(this.#sealer, plain.phone).toString('hex')} ${name}`;
    const id = this.#keys.get(`house ${house} ${name}`) ?? (phone === null ? undefined : this.#keys.get(phone));
    const person = id === undefined ? undefined : this.#people.get(id);
    if (person === undefined || (number !== null && person.idIndex !== null)) return null;
    return person;
  }
}

function takeIn(run: ImportRun, writes: ImportWrites, known: Known, ready: Ready): RowOutcome {
  const found = known.find(ready);
  return found === null ? create(run, writes, known, ready) : update(run, writes, known, ready, found);
}

function create(run: ImportRun, writes: ImportWrites, known: Known, { number, row, plain, house }: Ready): RowOutcome {
  const id = `p-${uuidv7()}`;
  const stored = sealPerson(run.sealer, id, plain);
  const tags = row.tags ?? [];
  const fields: PersonField[] = [...knownFields(plain, tags), 'occupancy'];
  writes.person(stored, tags, occupancyOf(run, id, house, row), fields);
  known.put({
    ...stored,
    places: [{ area: house, label: '', role: row.role, current: true }],
    tags,
    mergedInto: null,
    updatedAt: run.at,
    version: 1,
  });
  return { number, outcome: 'create', person: id, issues: [] };
}

function occupancyOf(run: ImportRun, person: string, area: string, row: ReadRow): StoredOccupancy {
  const id = `o-${uuidv7()}`;
  return { id, person, area, role: row.role, organisation: null, fromAt: null, untilAt: null, import: run.id };
}

function update(run: ImportRun, writes: ImportWrites, known: Known, ready: Ready, person: FoundPerson): RowOutcome {
  const { number, row, house } = ready;
  const fail = (field: CellIssue['field'], message: Issue['message']): RowOutcome => {
    return { number, outcome: 'error', person: person.id, issues: [placed(run, { field, message })] };
  };
  if (!person.nameIndex.equals(nameIndex(run.sealer, ready.plain.name))) {
    return fail('idNumber', {
      zh: '这个证件号码已登记在另一个姓名下，请核对。',
      en: 'This identity number is registered under another name; check it.',
    });
  }
  const tags = row.tags === null ? undefined : [...new Set([...person.tags, ...row.tags])].sort();
  const needs = row.given.needs === undefined ? {} : { needs: ready.plain.needs };
  const changed = sealedChange(run.sealer, person, { ...row.given, ...needs }, tags, run.today);
  if (!changed.ok) {
    const [issue] = changed.issues;
    return fail(
      issue ? (fieldOf[issue.path] ?? null) : null,
      issue?.message ?? { zh: '与已登记的信息不符。', en: 'It does not fit what is registered.' },
    );
  }
  const isHome = person.places.some(({ area, current }) => current && area === house);
  const occupancy = isHome ? null : occupancyOf(run, person.id, house, row);
  const fields: PersonField[] = occupancy ? [...changed.fields, 'occupancy'] : [...changed.fields];
  writes.confirmed(person.id, changed.confirmed);
  if (fields.length === 0) return { number, outcome: 'same', person: person.id, issues: [] };
  const version = person.version + 1;
  writes.change(person, { columns: changed.columns, before: changed.before, fields, tags, occupancy, version });
  const places = occupancy ? [...person.places, { area: house, label: '', role: row.role, current: true }] : person.places;
  known.put({ ...person, ...changed.columns, tags: tags ?? person.tags, places, version });
  return { number, outcome: 'update', person: person.id, issues: [] };
}
