import { type Kysely, sql } from 'kysely';
import type { SiteChange } from '@yihu/device-profiles/vocabulary/site-change.ts';
import { mostRuleEdits, type SiteSaid } from '@yihu/device-profiles/vocabulary/site-push.ts';
import type { GatewaySiteView, PushState, SitePushView } from '@yihu/device-profiles/vocabulary/site-push-view.ts';
import type { KeptEdit } from './device-rules.ts';
import { inTransaction } from './retry.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

export interface NewPush {
  readonly gateway: string;
  readonly sha256: string;
  readonly base: string;
  readonly by: string;
  readonly byName: string;
  readonly at: number;
  readonly expiresAt: number;
  /** Limits to be set in the site that is `base`; none: a whole site is pushed. */
  readonly rules?: readonly KeptEdit[];
}

export interface SignedText {
  readonly push: string;
  readonly signature: string;
}

export interface PendingPush extends SignedText {
  readonly gateway: string;
  readonly version: number;
}

type Sentence = NonNullable<SitePushView['reason']>;

/** Still open: a later step may come. */
const open = sql`state in ('pending', 'applying', 'verifying', 'rolling-back')`;

/** Pushes shown and kept per gateway. */
const mostPushes = 50;

export interface SitePushRecords {
  /**
   * Takes the next version, whoever else does at the same time; what still waited is superseded. Limits that waited go with those
   * that come; null where they would step into another change that is under way.
   */
  add(push: NewPush, sign: (version: number, rules: readonly KeptEdit[]) => SignedText): Promise<number | null>;
  /** The newest that waits, per gateway. Those whose time is over are expired first. */
  pending(now: number): Promise<PendingPush[]>;
  /** A gateway's word on what it runs. */
  said(gateway: string, said: SiteSaid, at: number): Promise<void>;
  /** A push that the gateway did nothing with; nothing where it was answered before. */
  refuse(gateway: string, version: number, reason: Sentence, at: number): Promise<void>;
  view(gateway: string): Promise<GatewaySiteView>;
}

export function sitePushRecords(db: Kysely<Tables>): SitePushRecords {
  return {
    add: (push, sign) => inTransaction(db, (trx) => add(trx, push, sign)),
    pending: (now) => pending(db, now),
    said: async (gateway, { sha256, version }, at) => {
      await sql`insert into gateway_site (gateway, sha256, version, at) values (${gateway}, ${sha256}, ${version}, ${at})
        on conflict (gateway) do update set sha256 = excluded.sha256, version = excluded.version, at = excluded.at`.execute(db);
      // What limits make of a site file only the gateway knows.
      await sql`update site_push set sha256 = ${sha256} where gateway = ${gateway} and version = ${version}
        and exists (select 1 from site_push_rules r where r.gateway = ${gateway} and r.version = ${version})`.execute(db);
    },
    refuse: (gateway, version, reason, at) => refuse(db, gateway, version, reason, at),
    view: (gateway) => view(db, gateway),
  };
}

async function refuse(db: Kysely<Tables>, gateway: string, version: number, reason: Sentence, at: number): Promise<void> {
  await sql`update site_push set state = 'refused', state_at = ${at}, reason = ${json(reason)}::jsonb, push = null
    where gateway = ${gateway} and version = ${version} and state = 'pending'`.execute(db);
}

async function add(
  trx: Kysely<Tables>,
  push: NewPush,
  sign: (version: number, rules: readonly KeptEdit[]) => SignedText,
): Promise<number | null> {
  const { gateway, sha256, base, by, byName, at, expiresAt } = push;
  await sql`select 1 from gateway where id = ${gateway} for update`.execute(trx);
  const rules = push.rules === undefined ? [] : await joined(trx, push.gateway, push.base, push.rules);
  if (rules === null) return null;
  // Above what the gateway knows, too: our database may have come back from a backup.
  const { rows } = await sql<{ next: number }>`select 1 + greatest(
      coalesce((select max(version) from site_push where gateway = ${gateway}), 0),
      coalesce((select version from gateway_site where gateway = ${gateway}), 0)) as next`.execute(trx);
  const version = rows[0]?.next ?? 1;
  await sql`update site_push set state = 'superseded', state_at = ${at}, push = null
    where gateway = ${gateway} and state = 'pending'`.execute(trx);
  const signed = sign(version, rules);
  await sql`insert into site_push (gateway, version, sha256, base, by, by_name, at, expires_at, state_at, push, signature)
    values (${gateway}, ${version}, ${sha256}, ${base}, ${by}, ${byName}, ${at}, ${expiresAt}, ${at}, ${signed.push},
      ${signed.signature})`.execute(trx);
  if (push.rules !== undefined)
    await sql`insert into site_push_rules (gateway, version, edits) values (${gateway}, ${version}, ${json(rules)}::jsonb)`.execute(
      trx,
    );
  await sql`delete from site_push where gateway = ${gateway} and version <= ${version - mostPushes} and state <> 'kept'`.execute(
    trx,
  );
  return version;
}

/** What waits already for the same site, with what comes now; null while another change is under way or a whole site waits. */
async function joined(
  trx: Kysely<Tables>,
  gateway: string,
  base: string,
  coming: readonly KeptEdit[],
): Promise<readonly KeptEdit[] | null> {
  const { rows } = await sql<{
    base: string;
    state: PushState;
    rules: readonly KeptEdit[] | null;
  }>`select p.base, p.state, r.edits as rules
    from site_push p left join site_push_rules r on r.gateway = p.gateway and r.version = p.version
    where p.gateway = ${gateway} and ${open}`.execute(trx);
  if (rows.some(({ state, rules }) => state !== 'pending' || rules === null)) return null;
  const waiting = rows.filter((row) => row.base === base).flatMap(({ rules }) => rules ?? []);
  const isSame = (one: KeptEdit, other: KeptEdit) => one.device === other.device && one.alarm === other.alarm;
  const again = coming.map((edit) => ({ ...edit, before: waiting.find((one) => isSame(one, edit))?.before ?? edit.before }));
  const all = [...waiting.filter((one) => !coming.some((edit) => isSame(one, edit))), ...again];
  return all.length > mostRuleEdits ? null : all;
}

async function pending(db: Kysely<Tables>, now: number): Promise<PendingPush[]> {
  await sql`update site_push set state = 'expired', state_at = ${now}, push = null
    where state = 'pending' and expires_at < ${now}`.execute(db);
  const { rows } = await sql<PendingPush>`select gateway, version, push, signature from site_push
    where state = 'pending' and push is not null`.execute(db);
  return rows;
}

/** A step that the gateway's log tells; the last word of a push is not taken back by one that comes late. */
export async function keepSiteChange(trx: Kysely<Tables>, gateway: string, step: SiteChange & { at: number }): Promise<void> {
  const { version, state, reason, problems, problemCount, results } = step;
  if (version === undefined || !step.by.startsWith('cloud/')) return;
  const isOver = state === 'kept' || state === 'rolled-back' || state === 'refused';
  await sql`update site_push set state = ${state}, state_at = ${step.at},
      reason = coalesce(${reason ? json(reason) : null}::jsonb, reason),
      problems = coalesce(${problems ? json(problems) : null}::jsonb, problems),
      problem_count = coalesce(${problemCount ?? null}::int, problem_count),
      results = coalesce(${results ? json(results) : null}::jsonb, results),
      push = case when ${isOver} then null else push end
    where gateway = ${gateway} and version = ${version} and ${open}`.execute(trx);
}

interface Row extends Omit<SitePushView, 'problems' | 'problemCount' | 'results' | 'state'> {
  readonly state: PushState;
  readonly problems: SitePushView['problems'] | null;
  readonly problemCount: number | null;
  readonly results: SitePushView['results'] | null;
}

async function view(db: Kysely<Tables>, gateway: string): Promise<GatewaySiteView> {
  const { rows: runs } = await sql<NonNullable<GatewaySiteView['running']>>`
    select sha256, version, at from gateway_site where gateway = ${gateway}`.execute(db);
  const { rows } = await sql<Row>`select version, sha256, base, by_name as by, at, expires_at as "expiresAt", state,
      state_at as "stateAt", reason, problems, problem_count as "problemCount", results
    from site_push where gateway = ${gateway} order by version desc limit ${mostPushes}`.execute(db);
  const pushes = rows.map((row) => ({
    ...row,
    problems: row.problems ?? [],
    problemCount: row.problemCount ?? row.problems?.length ?? 0,
    results: row.results ?? [],
  }));
  const running = runs[0] ?? null;
  const { rows: keeps } = await sql<NonNullable<GatewaySiteView['kept']>>`select sha256, version from site_push
    where gateway = ${gateway} and state = 'kept' order by version desc limit 1`.execute(db);
  const kept = keeps[0] ?? null;
  return { gateway, running, kept, changedLocally: running !== null && running.sha256 !== kept?.sha256, pushes };
}
