import type { PersonField, Tag } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { FoundPerson, StoredPerson } from './people-records.ts';
import { birthOther, type Checked, checkPerson, type PlainPerson } from './person-check.ts';
import { openPerson, sealPerson } from './person-sealing.ts';
import type { Issue } from './said.ts';
import type { Sealer } from './sealing.ts';

/** The columns each field is kept in. */
export const columnsOf: Readonly<Record<keyof PlainPerson, readonly (keyof StoredPerson)[]>> = {
  name: ['name', 'nameIndex', 'nameTokens'],
  idKind: ['idKind'],
  idNumber: ['idKind', 'idNumber', 'idIndex'],
  phone: ['phone', 'phoneIndex'],
  sex: ['sex'],
  birth: ['birth', 'birthYear'],
  contact: ['contact'],
  needs: ['needs', 'hasNeeds'],
};

const fieldNames = Object.keys(columnsOf) as (keyof PlainPerson)[];

export interface SealedChange {
  readonly ok: true;
  readonly columns: Partial<StoredPerson>;
  /** What the columns were, sealed, in base64: enough to put them back. */
  readonly before: Record<string, unknown>;
  /** What became different. */
  readonly fields: readonly PersonField[];
  /** What was given and was known already. */
  readonly confirmed: readonly PersonField[];
}

/** A change of some fields, checked together with those that stay; only what differs is written. */
export function sealedChange(
  sealer: Sealer,
  person: FoundPerson,
  given: Partial<PlainPerson>,
  tags: readonly Tag[] | undefined,
  today: string,
): SealedChange | { readonly ok: false; readonly issues: readonly Issue[] } {
  const old = openPerson(sealer, person);
  const checked = checkChange(old, given, today);
  if (!checked.ok) return checked;
  const next = checked.plain;
  const difference = sealedDifference(sealer, person, next, tags ?? person.tags);
  const confirmed = fieldNames
    .filter((field) => !difference.fields.includes(field as PersonField) && isSomething(given[field]) && isSomething(old[field]))
    .filter((field) => field !== 'idKind');
  return { ok: true, ...difference, confirmed };
}

/** What becomes different, sealed anew, and what it was; all fields are given. */
export function sealedDifference(
  sealer: Sealer,
  person: FoundPerson,
  next: PlainPerson,
  tags: readonly Tag[],
): Pick<SealedChange, 'columns' | 'before' | 'fields'> {
  const old = openPerson(sealer, person);
  const differs = fieldNames.filter((field) => field !== 'idKind').filter((field) => !same(old[field], next[field]));
  const stored = sealPerson(sealer, person.id, next);
  const columns: Partial<StoredPerson> = Object.fromEntries(
    differs.flatMap((field) => columnsOf[field].map((column) => [column, stored[column]])),
  );
  const before: Record<string, unknown> = beforeOf(person, Object.keys(columns) as (keyof StoredPerson)[]);
  const fields: PersonField[] = [...differs];
  if (!same([...person.tags].sort(), [...tags].sort())) {
    fields.push('tags');
    before['tags'] = person.tags;
  }
  return { columns, before, fields };
}

/** Only what is given is checked anew; a number that stays was checked when it came, and still vouches for the birthday. */
function checkChange(old: PlainPerson, given: Partial<PlainPerson>, today: string): Checked {
  if (given.idNumber !== undefined && given.idNumber !== old.idNumber) {
    // A number in the place of another brings its own birthday and sex, unless they are given with it.
    const fromOld = old.idKind === 'resident' && given.idNumber !== null ? { birth: null, sex: null } : {};
    return checkPerson({ ...old, ...fromOld, ...given }, today);
  }
  const checked = checkPerson({ ...old, ...given, idNumber: null }, today);
  if (!checked.ok) return checked;
  const { birth } = checked.plain;
  const vouched = old.idKind === 'resident' ? old.idNumber?.slice(6, 14) : undefined;
  if (given.birth !== undefined && vouched !== undefined && birth?.replaceAll('-', '') !== vouched) {
    return { ok: false, issues: [{ path: 'birth', message: birthOther }] };
  }
  return { ok: true, plain: { ...checked.plain, idKind: old.idKind, idNumber: old.idNumber } };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isSomething(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

/** Columns as they are now, for the day somebody takes a change back. */
function beforeOf(person: FoundPerson, columns: readonly (keyof StoredPerson)[]): Record<string, unknown> {
  return Object.fromEntries(
    columns.map((column) => {
      const value = person[column];
      return [column, Buffer.isBuffer(value) ? { base64: value.toString('base64') } : value];
    }),
  );
}

/** The columns of `beforeOf`, as they are written. */
export function backFrom(before: Readonly<Record<string, unknown>>): Partial<StoredPerson> {
  return Object.fromEntries(
    Object.entries(before).map(([column, value]) => [column, isBase64(value) ? Buffer.from(value.base64, 'base64') : value]),
  );
}

function isBase64(value: unknown): value is { base64: string } {
  return typeof value === 'object' && value !== null && 'base64' in value && typeof value.base64 === 'string';
}
