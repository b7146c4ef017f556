import { type Kysely, sql } from 'kysely';
import type { TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { CallChain } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import { type Due, plan } from './due.ts';
import { mergedInto, standsFor } from './incident-family.ts';
import { ResponseWork } from './response-work.ts';
import type { Rules } from './rules.ts';
import type { Tables } from './tables.ts';

/** The lines of a call that its incident is told: what became of it, and who stayed silent. */
export const toldKinds: readonly TimelineLine['kind'][] = ['state', 'escalation'];

/**
 * A call of an incident has a new line of those: the sweep links it into the incident's chain within a second. Calls are held
 * here, and incidents are written under another lock.
 */
export async function wantOnIncident(trx: Kysely<Tables>, call: string, at: number): Promise<void> {
  const { rows } = await sql`select 1 from call where id = ${call} and incident is not null`.execute(trx);
  if (rows.length > 0) await plan(trx, [{ kind: 'call-line', subject: call, step: 0, dueAt: at }]);
}

interface CallLine {
  readonly seq: number;
  readonly at: number;
  readonly actor: string | null;
  readonly actorName: string | null;
  readonly text: TimelineLine['text'];
  readonly hash: string;
}

/** Each line once, in their order, with its number and hash: so the incident's chain holds the call's as well. */
export async function callLineIsDue(trx: Kysely<Tables>, rules: Rules, { subject }: Due, now: number): Promise<string> {
  const { rows: calls } = await sql<{ number: string; incident: string; told: number }>`
    select c.number, i.id as incident, coalesce((select max((t.data::jsonb ->> 'seq')::int) from timeline t
      where t.kind = 'call' and (t.incident = i.id or t.incident in ${mergedInto(sql<string>`i.id`)})
        and t.data::jsonb ->> 'call' = c.id), 0) as told
    from call c join incident i on i.id = ${standsFor(sql`c.incident`)} where c.id = ${subject}`.execute(trx);
  const [call] = calls;
  if (!call) return 'gone';
  const { number, incident, told } = call;
  const { rows: lines } = await sql<CallLine>`select seq, at, actor, actor_name as "actorName", text, hash from call_line
    where call = ${subject} and seq > ${told} and kind = any(${[...toldKinds]}) order by seq`.execute(trx);
  if (lines.length === 0) return 'told already';
  const work = new ResponseWork(trx, rules, now);
  await work.loadIncidentRow(incident);
  const held = work.incident(incident);
  if (!held) return 'gone';
  for (const { seq, at, actor, actorName, text, hash } of lines) {
    work.say(incident, {
      kind: 'call',
      text: { zh: `呼叫 ${number}：${text.zh}`, en: `Call ${number}: ${text.en ?? text.zh}` },
      data: { call: subject, number, seq, at, hash },
      ...(actor !== null && { actor: { id: actor, name: actorName ?? actor } }),
    });
  }
  work.putIncident(rules.incident.touched(held, now));
  await work.flush();
  return `${lines.length} lines`;
}

/** The calls of these incidents, the oldest first, each with its chain. */
export async function selectCallChains(db: Kysely<Tables>, incidents: readonly string[]): Promise<CallChain[]> {
  const { rows } = await sql<Omit<CallChain, 'timeline'>>`select id, number, title, state from call
    where incident = any(${[...incidents]}) order by created_at, id`.execute(db);
  return Promise.all(rows.map(async (call) => ({ ...call, timeline: await callLines(db, call.id) })));
}

export async function callLines(db: Kysely<Tables>, call: string): Promise<TimelineLine[]> {
  const { rows } = await sql<Omit<TimelineLine, 'data'> & { data: string }>`select seq, at, null as "edgeAt", kind, actor,
    actor_name as "actorName", text, data, hash from call_line where call = ${call} order by seq`.execute(db);
  return rows.map((row) => ({ ...row, data: JSON.parse(row.data) as TimelineLine['data'] }));
}
