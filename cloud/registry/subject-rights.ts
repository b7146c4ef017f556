import type { Erased } from '@yihu/device-profiles/vocabulary/registry-double.ts';
import {
  bases,
  occupancyRoles,
  personFields,
  reasons,
  type RevealReason,
  sources,
  tags,
} from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { needs as needNames } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { v7 as uuidv7 } from 'uuid';
import type { MergeDesk } from './merges.ts';
import type { MergeWork } from './merge-records.ts';
import type { FoundPerson, PersonHistory, StoredReveal } from './people-records.ts';
import { openPerson } from './person-sealing.ts';
import type { PlainPerson } from './person-check.ts';
import type { Reader } from './reader.ts';
import { no, said, type Said } from './said.ts';
import type { Table } from './sheets/write.ts';

/** Everything that is kept of one person, opened: 个人信息保护法 art. 45, the right to see it and to have a copy. */
export interface PersonCopy {
  readonly schema: 'yihu.person/1';
  readonly id: string;
  readonly at: number;
  readonly person: PlainPerson;
  readonly tags: readonly string[];
  readonly occupancies: PersonHistory['occupancies'];
  readonly collected: PersonHistory['collected'];
  readonly changes: PersonHistory['changes'];
  /** Who looked behind the masks, when and why. */
  readonly reveals: readonly Omit<StoredReveal, 'note'>[];
}

export interface SubjectRights {
  copy(reader: Reader, id: string, why: RevealReason): Promise<Said<PersonCopy>>;
  /** 个人信息保护法 art. 47. The version is the one that was looked at, so that nobody is deleted by mistake for another. */
  erase(reader: Reader, id: string, version: number): Promise<Said<Erased>>;
}

export function createSubjectRights(desk: MergeDesk): SubjectRights {
  return {
    copy: (reader, id, why) => desk.merges.atOnce((work) => copy(desk, work, reader, id, why)),
    erase: (reader, id, version) =>
      desk.merges.atOnce(async (work) => {
        const person = await work.hold(reader.scope, id);
        if (person === null) return no('not-found');
        if (person.version !== version) return no('version');
        const at = desk.clock.now();
        return said({ person: id, at, ...(await work.erase(id, at)) });
      }),
  };
}

async function copy(desk: MergeDesk, work: MergeWork, reader: Reader, id: string, why: RevealReason): Promise<Said<PersonCopy>> {
  const person = await work.person(reader.scope, id);
  if (person === null) return no('not-found');
  const at = desk.clock.now();
  const fields = ['name', 'idNumber', 'phone', 'birth', 'contact'] as const;
  await work.noteReveal({ id: `rv-${uuidv7()}`, person: id, fields, why, note: null, incident: null, by: reader.id, at });
  return said(copyOf(desk, person, await work.history(id), await work.revealsOf(id), at));
}

function copyOf(
  desk: MergeDesk,
  person: FoundPerson,
  { occupancies, collected, changes }: PersonHistory,
  reveals: readonly Omit<StoredReveal, 'note'>[],
  at: number,
): PersonCopy {
  const plain = openPerson(desk.sealer, person);
  return {
    schema: 'yihu.person/1',
    id: person.id,
    at,
    person: plain,
    tags: person.tags,
    occupancies,
    collected,
    changes,
    reveals,
  };
}

/** The same as sheets of a workbook, in Chinese. */
export function copyTables(
  { person, tags: own, occupancies, collected, changes, reveals }: PersonCopy,
  timeZone: string,
): Table[] {
  const time = (at: number | null) =>
    at === null ? '' : new Intl.DateTimeFormat('zh-CN', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  const names = (fields: readonly string[]) =>
    fields.map((field) => personFields[field as keyof typeof personFields]?.zh ?? field).join('、');
  const { contact } = person;
  const values: readonly (readonly [string, string | null])[] = [
    [personFields.name.zh, person.name],
    [personFields.idNumber.zh, person.idNumber],
    [personFields.phone.zh, person.phone],
    [personFields.sex.zh, person.sex === null ? null : person.sex === 'm' ? '男' : '女'],
    [personFields.birth.zh, person.birth],
    [personFields.contact.zh, contact === null ? null : `${contact.name} ${contact.phone} ${contact.relation}`],
    [personFields.needs.zh, person.needs.map((need) => needNames[need].zh).join('、')],
    [personFields.tags.zh, own.map((tag) => tags[tag as keyof typeof tags]?.zh ?? tag).join('、')],
  ];
  return [
    { name: '个人信息', columns: ['项目', '内容'], rows: values },
    {
      name: '居住',
      columns: ['房屋', '关系', '从', '到'],
      rows: occupancies.map((one) => [one.label, occupancyRoles[one.role].zh, time(one.fromAt), time(one.untilAt)]),
    },
    {
      name: '采集',
      columns: ['时间', '项目', '来源', '依据', '采集人'],
      rows: collected.map((one) => [time(one.at), names(one.fields), sources[one.source].zh, bases[one.basis].zh, one.by]),
    },
    {
      name: '变更',
      columns: ['时间', '项目', '方式', '操作人'],
      rows: changes.map((one) => [time(one.at), names(one.fields), one.kind, one.by]),
    },
    {
      name: '查看',
      columns: ['时间', '项目', '原因', '查看人'],
      rows: reveals.map((one) => [time(one.at), names(one.fields), reasons[one.why as RevealReason]?.zh ?? one.why, one.by]),
    },
  ];
}
