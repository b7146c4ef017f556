import { type Kysely, sql } from 'kysely';
import type { DeviceRule, Threshold } from '@yihu/device-profiles/vocabulary/device-rule.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { RuleEdit, RuleSetting } from '@yihu/device-profiles/vocabulary/site-rule.ts';
import { units } from '@yihu/device-profiles/vocabulary/units.ts';
import type { Desk } from './commands.ts';
import type { DeviceKey, Scope } from './records.ts';
import { within } from './scope.ts';
import type { Tables } from './tables.ts';

/** A rule edit with what held when it was asked for, so that it can be undone. */
export interface KeptEdit extends RuleEdit {
  readonly before: Threshold;
}

/** What the pages are told of a device's rules; who may change them, the web says. */
export type StoredRule = Omit<DeviceRule, 'change'>;

export interface DeviceRules {
  readonly area: string;
  /** Null where the gateway reads a profile that is not the library's: its rules are not known whole. */
  readonly profile: Profile | null;
  readonly rules: readonly StoredRule[];
}

interface Row {
  readonly area: string;
  readonly profile: string;
  readonly rules: Record<string, RuleSetting> | null;
  readonly isOwn: boolean;
}

/** The rules with a limit of one device; null where the scope does not see it. */
export async function deviceRules(
  { database: { db }, rules: { profiles } }: Desk,
  scope: Scope,
  key: DeviceKey,
): Promise<DeviceRules | null> {
  const { rows } = await sql<Row>`select d.area, d.profile, d.rules,
      exists (select 1 from site_profile s where s.gateway = d.gateway and s.id = d.profile) as "isOwn"
    from device d where d.gateway = ${key.gateway} and d.id = ${key.device} and d.removed_at is null and ${within('d.area', scope)}`.execute(
    db,
  );
  const [device] = rows;
  if (device === undefined) return null;
  const profile = device.isOwn ? null : (profiles.get(device.profile) ?? null);
  const sent = await lastSent(db, key);
  const rules =
    profile === null ? [] : Object.keys(profile.alarms).flatMap((alarm) => ruleOf(profile, alarm, device.rules, sent));
  return { area: device.area, profile, rules };
}

function ruleOf(
  profile: Profile,
  alarm: string,
  settings: Record<string, RuleSetting> | null,
  sent: ReadonlyMap<string, NonNullable<DeviceRule['sent']>>,
): StoredRule[] {
  const rule = profile.alarms[alarm];
  if (rule === undefined || !('clear' in rule)) return [];
  const own: Threshold = { limit: 'above' in rule ? rule.above : rule.below, clear: rule.clear, forMs: rule.for };
  const set = settings?.[alarm];
  const point = profile.points[rule.point];
  return [
    {
      alarm,
      name: rule.name,
      severity: set?.severity ?? rule.severity,
      hazard: rule.hazard,
      point: rule.point,
      pointName: point?.name ?? { zh: rule.point },
      symbol: units[point?.unit ?? '1'].symbol,
      side: 'above' in rule ? 'above' : 'below',
      now: set === undefined ? own : { limit: set.limit, clear: set.clear, forMs: set.forMs },
      own,
      off: set?.off === true,
      sent: sent.get(alarm) ?? null,
    },
  ];
}

type SentRow = Omit<NonNullable<DeviceRule['sent']>, 'to' | 'before'> & { readonly edit: KeptEdit };

/** By alarm, the last change of each that was sent to the gateway. */
async function lastSent(
  db: Kysely<Tables>,
  { gateway, device }: DeviceKey,
): Promise<Map<string, NonNullable<DeviceRule['sent']>>> {
  const { rows } = await sql<SentRow>`select distinct on (edit ->> 'alarm') edit, p.state, p.at, p.state_at as "stateAt",
      p.by_name as "byName", p.reason
    from site_push p join site_push_rules r on r.gateway = p.gateway and r.version = p.version
    cross join lateral jsonb_array_elements(r.edits) as edit
    where p.gateway = ${gateway} and edit ->> 'device' = ${device}
    order by edit ->> 'alarm', p.version desc`.execute(db);
  return new Map(rows.map(({ edit, ...sent }) => [edit.alarm, { ...sent, to: edit.set ?? edit.before, before: edit.before }]));
}

/** A reading as the replay takes it: what was said of the point, and whether it was good. */
export interface ToldValue {
  readonly at: number;
  readonly value: string | number | boolean | null;
  readonly isGood: boolean;
}

/** What a point said in [from, to), oldest first, at most `most`. */
export async function toldValues(
  { database: { db } }: Pick<Desk, 'database'>,
  key: DeviceKey,
  point: string,
  { from, to, most }: { from: number; to: number; most: number },
): Promise<ToldValue[]> {
  const { rows } = await sql<{ at: number; stored: ToldValue['value'] | [ToldValue['value'], string] }>`
    select t.at, t.readings -> ${point} as stored
    from telemetry t join device d on d.key = t.device
    where d.gateway = ${key.gateway} and d.id = ${key.device} and t.at >= ${from} and t.at < ${to} and t.readings ? ${point}
    order by t.at, t.seq limit ${most}`.execute(db);
  return rows.map(({ at, stored }) =>
    Array.isArray(stored) ? { at, value: stored[0], isGood: stored[1] === 'good' } : { at, value: stored, isGood: true },
  );
}
