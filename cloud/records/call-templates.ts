import { type Kysely, sql } from 'kysely';
import type { CallTemplate } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { builtIn } from '../call/templates.ts';
import { placeholdersOf } from '../call/words.ts';
import type { Tables } from './tables.ts';

type Row = Omit<CallTemplate, 'placeholders'>;

const columns = sql.raw('id, version, name, title, text, life_safety as "lifeSafety", retired, by, at');

function shown(row: Row): CallTemplate {
  return { ...row, placeholders: placeholdersOf(`${row.title}${row.text}`) };
}

/** The newest version of each template, the built-in ones among them where nobody wrote another; retired ones are left out. */
export async function listTemplates(db: Kysely<Tables>): Promise<CallTemplate[]> {
  const { rows } = await sql<Row>`select distinct on (id) ${columns} from call_template order by id, version desc`.execute(db);
  const written = new Set(rows.map(({ id }) => id));
  const own = builtIn
    .filter(({ id }) => !written.has(id))
    .map((each): Row => ({ ...each, version: 1, retired: false, by: 'yihu', at: 0 }));
  return [...own, ...rows].filter(({ retired }) => !retired).map(shown);
}

export async function readTemplate(db: Kysely<Tables>, id: string): Promise<CallTemplate | null> {
  return (await listTemplates(db)).find((each) => each.id === id) ?? null;
}

/**
 * Writes the next version of a template; the ones before stay for the calls that used them. `version` is the one the
 * writer saw, 0 for a new one. Null where somebody was first.
 */
export async function putTemplate(
  trx: Kysely<Tables>,
  template: Omit<CallTemplate, 'placeholders' | 'at' | 'by'>,
  by: string,
  at: number,
): Promise<CallTemplate | null> {
  const { id, version, name, title, text, lifeSafety, retired } = template;
  await sql`select pg_advisory_xact_lock(hashtextextended(${`call template ${id}`}, 0))`.execute(trx);
  const { rows } = await sql<{ version: number }>`select max(version) as version from call_template where id = ${id}`.execute(
    trx,
  );
  const now = rows[0]?.version ?? (builtIn.some((each) => each.id === id) ? 1 : 0);
  if (now !== version) return null;
  const made: Row = { id, version: version + 1, name, title, text, lifeSafety, retired, by, at };
  await sql`insert into call_template (id, version, name, title, text, life_safety, retired, by, at)
    values (${id}, ${made.version}, ${name}, ${title}, ${text}, ${lifeSafety}, ${retired}, ${by}, ${at})`.execute(trx);
  return shown(made);
}
