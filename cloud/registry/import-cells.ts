import type { ImportField, ImportPlan } from '@yihu/device-profiles/vocabulary/registry-import.ts';
import {
  needs as needNames,
  type Need,
  type OccupancyRole,
  occupancyRoles,
  type Sex,
  tags as tagNames,
  type Tag,
} from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { PlainPerson } from './person-check.ts';
import { withoutApostrophe } from './sheets/write.ts';

/** Something wrong in a cell of one field. */
export interface CellIssue {
  readonly field: ImportField | null;
  readonly message: Text;
}

/** A row in the registry's words. A field whose cell is empty is absent: an import never clears what is known. */
export interface ReadRow {
  readonly given: Partial<PlainPerson>;
  readonly tags: readonly Tag[] | null;
  readonly role: OccupancyRole;
  readonly house: { readonly whole: string; readonly building: string; readonly unit: string; readonly room: string };
  readonly issues: readonly CellIssue[];
}

const sexes: Readonly<Record<string, Sex>> = { 男: 'm', 男性: 'm', m: 'm', male: 'm', 女: 'f', 女性: 'f', f: 'f', female: 'f' };

const roleWords: Readonly<Record<string, OccupancyRole>> = {
  户主: 'owner',
  产权人: 'owner',
  房主: 'owner',
  自住: 'owner',
  租客: 'tenant',
  承租人: 'tenant',
  承租: 'tenant',
  租住: 'tenant',
  配偶: 'family',
  子女: 'family',
  父母: 'family',
  家庭成员: 'family',
  员工: 'staff',
  店员: 'staff',
};

const needWords: Readonly<Record<string, Need>> = {
  独居老人: 'alone',
  空巢: 'alone',
  氧疗: 'oxygen',
  坐轮椅: 'wheelchair',
  肢体残疾: 'wheelchair',
  卧床: 'bedridden',
  失能老人: 'bedridden',
  失智: 'dementia',
  认知症: 'dementia',
  听力残疾: 'deaf',
  聋: 'deaf',
  视力残疾: 'blind',
  盲: 'blind',
  高龄: 'frail',
  孕妇: 'pregnant',
  婴幼儿: 'infant',
};

/** Reads the cells of a row by the plan. */
export function readRow(cells: readonly string[], plan: ImportPlan): ReadRow {
  const issues: CellIssue[] = [];
  const cell = (field: ImportField): string => {
    const column = plan.mapping[field];
    return column === undefined ? '' : withoutApostrophe(cells[column] ?? '').trim();
  };
  const wrong = (field: ImportField, message: Text): undefined => {
    issues.push({ field, message });
  };
  const name = cell('name');
  if (name === '') wrong('name', { zh: '缺少姓名。', en: 'The name is missing.' });
  if (name.length > 40) wrong('name', { zh: '姓名过长（最多 40 字）。', en: 'The name is too long (40 characters).' });
  const given: { -readonly [K in keyof PlainPerson]?: PlainPerson[K] } = { name };
  if (cell('idNumber') !== '') Object.assign(given, { idKind: 'resident', idNumber: cell('idNumber') });
  if (cell('phone') !== '') given.phone = cell('phone');
  const sex = word(cell('sex').toLowerCase(), sexes);
  if (sex === null) wrong('sex', { zh: '性别应填 男 或 女。', en: 'The sex is 男 or 女.' });
  else if (sex !== undefined) given.sex = sex;
  if (cell('birth') !== '') given.birth = dayOf(cell('birth'));
  const contact = readContact(cell, wrong);
  if (contact !== undefined) given.contact = contact;
  const needed = listOf(cell('needs'), { ...byName(needNames), ...needWords });
  if (needed === null) wrong('needs', unknownWords(byName(needNames)));
  else if (needed.length > 0) given.needs = needed;
  const tags = listOf(cell('tags'), byName(tagNames));
  if (tags === null) wrong('tags', unknownWords(byName(tagNames)));
  const role = word(cell('role'), { ...byName(occupancyRoles), ...roleWords });
  if (role === null) wrong('role', unknownWords(byName(occupancyRoles)));
  const house = { whole: cell('house'), building: cell('building'), unit: cell('unit'), room: cell('room') };
  return { given, tags: tags !== null && tags.length > 0 ? tags : null, role: role ?? plan.role, house, issues };
}

/** The meaning of a word; undefined where the cell is empty, null where the word has none. */
function word<T>(text: string, meanings: Readonly<Record<string, T>>): T | null | undefined {
  if (text === '') return undefined;
  return Object.hasOwn(meanings, text) ? meanings[text] : null;
}

/** 独居、吸氧 → its words' meanings; null where one has none. */
function listOf<T>(text: string, meanings: Readonly<Record<string, T>>): T[] | null {
  const words = text.split(/[、，,;；/\s|]+/).filter((one) => one !== '' && one !== '无');
  const found = words.map((one) => word(one, meanings));
  return found.every((one) => one !== null && one !== undefined) ? [...new Set(found)] : null;
}

function byName<K extends string>(names: Readonly<Record<K, Text>>): Record<string, K> {
  const entries = Object.entries(names) as [K, Text][];
  return Object.fromEntries(entries.flatMap(([key, { zh }]) => [[zh, key], [key, key]])); // prettier-ignore
}

function unknownWords(meanings: Readonly<Record<string, string>>): Text {
  const words = Object.keys(meanings).filter((one) => /\p{Script=Han}/u.test(one));
  return { zh: `有认不出的词；可用：${words.join('、')}`.slice(0, 120), en: 'A word is not known; see the words that are.' };
}

function readContact(
  cell: (field: ImportField) => string,
  wrong: (field: ImportField, message: Text) => undefined,
): PlainPerson['contact'] | undefined {
  const [name, phone] = [cell('contactName'), cell('contactPhone')];
  if (name === '' && phone === '') return undefined;
  if (name === '' || phone === '') {
    return wrong(name === '' ? 'contactName' : 'contactPhone', {
      zh: '紧急联系人的姓名和电话要一起填。',
      en: 'Whom to call needs both a name and a telephone.',
    });
  }
  return { name: name.slice(0, 40), phone, relation: cell('contactRelation').slice(0, 20) };
}

/** 1949/12/31, 1949.12.31, 19491231, 1949年12月31日 → 1949-12-31; anything else as it is, to be refused by the check. */
export function dayOf(text: string): string {
  const [, year, month, day] = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$/.exec(text.normalize('NFKC').trim()) ?? [];
  if (year === undefined || month === undefined || day === undefined) return text;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
