import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { CallCount, CallDelivery, CallKind, CallState, CallSummary } from '@yihu/device-profiles/vocabulary/call.ts';
import type { CallAudience, CallWaits } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { marked } from '../call/words.ts';
import { emptyChain, linkLine } from '../incident/timeline.ts';
import { toldKinds, wantOnIncident } from './call-chain.ts';
import type { Actor, Scope } from './records.ts';
import type { LineDraft } from './rules.ts';
import { json, within } from './scope.ts';
import type { Tables } from './tables.ts';

/** A call as kept. Times are ms since 1970 UTC. */
export interface StoredCall {
  readonly id: string;
  readonly number: string;
  readonly kind: CallKind;
  readonly lifeSafety: boolean;
  readonly template: { readonly id: string; readonly version: number } | null;
  readonly title: string;
  /** Without the mark of its kind, which every text gets when it is made. */
  readonly text: string;
  readonly audience: CallAudience;
  readonly waits: CallWaits;
  readonly area: string;
  readonly state: CallState;
  readonly startsAt: number | null;
  readonly begunAt: number | null;
  readonly sentAt: number | null;
  readonly endedAt: number | null;
  /** Answers are taken until then. */
  readonly answerUntil: number | null;
  readonly people: number;
  readonly households: number;
  readonly grids: number;
  readonly incident: string | null;
  readonly supersedes: string | null;
  readonly supersededBy: string | null;
  readonly author: string;
  readonly authorName: string;
  readonly submitter: string | null;
  readonly approver: string | null;
  readonly approverName: string | null;
  readonly reason: string | null;
  readonly count: CallCount;
  readonly delivery: CallDelivery;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly version: number;
}

const columns =
  sql.raw(`c.id, c.number, c.kind, c.life_safety as "lifeSafety", c.title, c.text, c.audience, c.waits, c.area, c.state,
  case when c.template is not null then jsonb_build_object('id', c.template, 'version', c.template_version) end as template,
  c.starts_at as "startsAt", c.begun_at as "begunAt", c.sent_at as "sentAt", c.ended_at as "endedAt", c.answer_until as "answerUntil",
  c.people, c.households, c.grids, c.incident, c.supersedes, c.superseded_by as "supersededBy", c.author, c.author_name as "authorName",
  c.submitter, c.approver, c.approver_name as "approverName", c.reason, c.count, c.delivery, c.created_at as "createdAt",
  c.updated_at as "updatedAt", c.version`);

export async function selectCalls(
  db: Kysely<Tables>,
  condition: RawBuilder<unknown>,
  tail: RawBuilder<unknown> = sql`order by c.created_at desc, c.id`,
): Promise<(StoredCall & { areaName: string })[]> {
  const { rows } = await sql<StoredCall & { areaName: string }>`select ${columns}, coalesce(a.name, c.area) as "areaName"
    from call c left join area a on a.path = c.area where ${condition} ${tail}`.execute(db);
  return rows;
}

/** The row, held until the transaction ends. */
export async function holdCall(trx: Kysely<Tables>, condition: RawBuilder<unknown>): Promise<StoredCall | null> {
  const { rows } =
    await sql<StoredCall>`select ${columns} from call c where ${condition} order by c.id limit 1 for update`.execute(trx);
  return rows[0] ?? null;
}

/** SQL: calls of the scope, and those from above it that go to somebody in it. */
export function callSeen(scope: Scope): RawBuilder<boolean> {
  return sql<boolean>`(${within('c.area', scope)} or exists (select 1 from unnest(${[...scope.areas]}::text[]) as granted(area)
    join call_recipient r on r.call = c.id and (r.area = granted.area or starts_with(r.area, granted.area || '/'))
    where c.state <> 'draft' and (c.area = '' or starts_with(granted.area, c.area || '/'))))`;
}

/** Inserts it, or writes everything of it anew. */
export async function writeCall(trx: Kysely<Tables>, call: StoredCall): Promise<void> {
  const { template, ...rest } = call;
  const row = { ...rest, template: template?.id ?? null, templateVersion: template?.version ?? null };
  await sql`insert into call (id, number, kind, life_safety, template, template_version, title, text, audience, waits, area, state,
      starts_at, begun_at, sent_at, ended_at, answer_until, people, households, grids, incident, supersedes, superseded_by, author,
      author_name, submitter, approver, approver_name, reason, count, delivery, created_at, updated_at, version)
    select id, number, kind, "lifeSafety", template, "templateVersion", title, text, audience, waits, area, state, "startsAt", "begunAt",
      "sentAt", "endedAt", "answerUntil", people, households, grids, incident, supersedes, "supersededBy", author, "authorName", submitter,
      approver, "approverName", reason, count, delivery, "createdAt", "updatedAt", version
    from jsonb_to_record(${json(row)}) as r(id text, number text, kind text, "lifeSafety" boolean, template text, "templateVersion" integer,
      title text, text text, audience jsonb, waits jsonb, area text, state text, "startsAt" bigint, "begunAt" bigint, "sentAt" bigint,
      "endedAt" bigint, "answerUntil" bigint, people integer, households integer, grids integer, incident text, supersedes text,
      "supersededBy" text, author text, "authorName" text, submitter text, approver text, "approverName" text, reason text, count jsonb,
      delivery jsonb, "createdAt" bigint, "updatedAt" bigint, version integer)
    on conflict (id) do update set kind = excluded.kind, life_safety = excluded.life_safety, template = excluded.template,
      template_version = excluded.template_version, title = excluded.title, text = excluded.text, audience = excluded.audience,
      waits = excluded.waits, area = excluded.area, state = excluded.state, starts_at = excluded.starts_at, begun_at = excluded.begun_at,
      sent_at = excluded.sent_at, ended_at = excluded.ended_at, answer_until = excluded.answer_until, people = excluded.people,
      households = excluded.households, grids = excluded.grids, incident = excluded.incident, supersedes = excluded.supersedes,
      superseded_by = excluded.superseded_by, submitter = excluded.submitter, approver = excluded.approver,
      approver_name = excluded.approver_name, reason = excluded.reason, count = excluded.count, delivery = excluded.delivery,
      updated_at = excluded.updated_at, version = excluded.version`.execute(trx);
}

export function summaryOf(call: StoredCall & { areaName: string }): CallSummary {
  const {
    template: _template,
    audience: _audience,
    waits: _waits,
    answerUntil: _until,
    people: _people,
    households: _households,
    grids: _grids,
    author: _author,
    submitter: _submitter,
    approver: _approver,
    reason: _reason,
    ...rest
  } = call;
  return { ...rest, text: marked(call.kind, call.text) };
}

export const noCount: CallCount = {
  people: 0,
  safe: 0,
  volunteers: 0,
  help: 0,
  away: 0,
  refused: 0,
  silent: 0,
  unreachable: 0,
  vulnerableSilent: 0,
  households: 0,
  householdsDone: 0,
  householdsHelp: 0,
};

export const noDelivery: CallDelivery = { unsent: 0, queued: 0, sent: 0, delivered: 0, read: 0, failed: 0, nobody: 0 };

/** The next line of the call's own chain. The caller holds the call. */
export async function addCallLine(
  trx: Kysely<Tables>,
  call: string,
  draft: Omit<LineDraft, 'actor'> & { readonly actor?: Actor | null },
  at: number,
): Promise<void> {
  const { rows } = await sql<{ seq: number; hash: string }>`select seq, hash from call_line where call = ${call}
    order by seq desc limit 1`.execute(trx);
  const { actor, ...rest } = draft;
  const line = linkLine(rows[0] ?? emptyChain(call), { ...rest, ...(actor ? { actor } : {}) }, at);
  await sql`insert into call_line (call, seq, at, kind, actor, actor_name, text, data, hash) values (${call}, ${line.seq}, ${line.at},
    ${line.kind}, ${line.actor}, ${line.actorName}, ${json(line.text)}, ${JSON.stringify(line.data)}, ${line.hash})`.execute(trx);
  if (toldKinds.includes(line.kind)) await wantOnIncident(trx, call, at);
}
