import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/**
 * `20261123-07`: the day by the calendar of the place, and a count that the row lock keeps free of doubles. Calls count
 * for themselves, with `prefix` in front.
 */
export async function nextNumber(trx: Kysely<Tables>, timeZone: string, at: number, prefix = ''): Promise<string> {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at);
  const day = `${prefix}${parts.replaceAll('-', '')}`;
  const { rows } = await sql<{ last: number }>`insert into incident_number (day, last) values (${day}, 1)
    on conflict (day) do update set last = incident_number.last + 1 returning last`.execute(trx);
  return `${day}-${String(rows[0]?.last ?? 1).padStart(2, '0')}`;
}
