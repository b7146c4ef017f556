import { type Kysely, sql } from 'kysely';
import type { Erased } from '@yihu/device-profiles/vocabulary/registry-double.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { derivedId } from './derived-id.ts';
import type { Tables } from './tables.ts';

/** Tables that hold a person, with the column that says whom, and what it is called. */
const holdings: readonly { readonly table: string; readonly column: string; readonly what: Text }[] = [
  { table: 'person_seat', column: 'person', what: { zh: '查找位置', en: 'where they are looked for' } },
  { table: 'person_tag', column: 'person', what: { zh: '标签', en: 'tags' } },
  { table: 'occupancy', column: 'person', what: { zh: '居住记录', en: 'where they lived' } },
  { table: 'collected', column: 'subject', what: { zh: '采集来源', en: 'where it was collected' } },
  { table: 'person_change', column: 'person', what: { zh: '变更历史', en: 'earlier values' } },
  { table: 'person', column: 'id', what: { zh: '个人信息', en: 'the person’s own fields' } },
];

/** Everything of these people. What was written down of those who looked at them stays, and names nobody any more. */
export async function removePeople(trx: Kysely<Tables>, people: readonly string[]): Promise<{ what: Text; count: number }[]> {
  const removed: { what: Text; count: number }[] = [];
  for (const { table, column, what } of people.length === 0 ? [] : holdings) {
    const done = await sql`delete from ${sql.table(table)} t where t.${sql.ref(column)} = any(${[...people]})`.execute(trx);
    removed.push({ what, count: Number(done.numAffectedRows ?? 0n) });
  }
  return removed;
}

/** 删除: this person with all records merged into it; says what is gone, and what must stay and why. */
export async function erasePerson(trx: Kysely<Tables>, id: string): Promise<Pick<Erased, 'removed' | 'remains'>> {
  const { rows } = await sql<{ id: string }>`select id from person where id = ${id} or merged_into = ${id}`.execute(trx);
  const ids = rows.map((row) => row.id);
  const removed = await removePeople(trx, ids);
  await sql`delete from person_merge where kept = any(${ids}) or gone = any(${ids})`.execute(trx);
  await sql`delete from not_double where a = any(${ids}) or b = any(${ids})`.execute(trx);
  const notes = await sql`update reveal set note = null where person = any(${ids})`.execute(trx);
  // A message that was sent stays as a count; the name on it goes.
  const told = await sql`update delivery set who_name = '' where who_kind = 'person' and who = any(${ids})`.execute(trx);
  const answers = await forgetWords(trx, ids);
  const audit = await sql<{
    n: number;
  }>`select count(*)::int as n from audit where object like any(${ids.map((one) => `%${one}%`)})`.execute(trx);
  const counts = { looks: Number(notes.numAffectedRows), messages: Number(told.numAffectedRows), answers };
  return { removed, remains: remaining({ ...counts, audited: audit.rows[0]?.n ?? 0 }) };
}

/** What they wrote when they were called, and who answered for them; how many answers stay as numbers. */
async function forgetWords(trx: Kysely<Tables>, people: readonly string[]): Promise<number> {
  const ids = [...people];
  const nobody = sql`by_name = case when by_kind in ('self', 'family') then null else by_name end`;
  const answers = await sql`update call_answer set note = null, ${nobody} where person = any(${ids})`.execute(trx);
  await sql`update call_recipient set ${nobody} where person = any(${ids})`.execute(trx);
  const { rows: needs } = await sql<{ call: string; person: string }>`update call_need set note = null, outcome = null
    where person = any(${ids}) returning call, person`.execute(trx);
  // The same words went into the task, to the dispatchers by message, and into what came back by a channel.
  const tasks = needs.map(({ call, person }) => derivedId('task', 'call', call, `need ${person}`));
  await sql`update task set note = null where id = any(${tasks})`.execute(trx);
  await sql`update delivery set message = message || '{"text": ""}' where source = 'call' and (subject, split_part(occasion, ' ', 2)) in
    (select call, person from call_need where person = any(${ids})) and occasion like 'need %'`.execute(trx);
  await sql`update channel_reply set text = '' where who_kind = 'person' and who = any(${ids})`.execute(trx);
  return Number(answers.numAffectedRows);
}

interface Remaining {
  readonly looks: number;
  readonly messages: number;
  readonly answers: number;
  readonly audited: number;
}

function remaining({ looks, messages, answers, audited }: Remaining): Erased['remains'] {
  return [
    {
      what: { zh: '谁在何时因何查看过（不含姓名和号码）', en: 'who looked at it, when and why, without a name or number' },
      why: { zh: '查看个人信息的问责记录，依法至少留存', en: 'the account of who looked at personal data has to be kept' },
      count: looks,
    },
    {
      what: { zh: '审计日志里的编号', en: 'the bare id in the audit' },
      why: {
        zh: '审计是哈希链，删一行就断；编号已不指向任何人',
        en: 'the audit is a chain of hashes; the id points to nobody now',
      },
      count: audited,
    },
    {
      what: { zh: '已发通知的送达记录（已去掉姓名）', en: 'that messages were delivered, with the name taken off' },
      why: { zh: '动员到位率的统计依据', en: 'it is what the reach of a call is counted from' },
      count: messages,
    },
    {
      what: { zh: '对动员呼叫的回应（已去掉留言和姓名）', en: 'how calls were answered, without what was written and by whom' },
      why: { zh: '动员到位率的统计依据', en: 'it is what the reach of a call is counted from' },
      count: answers,
    },
    {
      what: { zh: '处置事件时写进时间线的文字', en: 'words written into the timeline of an incident' },
      why: {
        zh: '时间线是哈希链证据，不能改；其中的姓名要由写的人另行处理',
        en: 'the timeline is evidence and cannot be changed; a name in it is for whoever wrote it to deal with',
      },
      count: 0,
    },
    {
      what: { zh: '此前的数据库备份', en: 'backups of the database made before' },
      why: { zh: '备份到期后删除；恢复旧备份后须再次删除', en: 'they end with their term; after one is restored, delete again' },
      count: 0,
    },
  ];
}
