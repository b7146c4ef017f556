import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { AskedTwice, DataSet, Form, ShareRequest, ShareUse } from '@yihu/device-profiles/vocabulary/registry-share.ts';
import type { Clock } from '../clock.ts';
import type { Doer, Within } from '../registry/areas-records.ts';
import type { Decision, Made, NewDataSet, NewShareRequest, ShareRecords } from '../registry/share-records.ts';
import { inside } from './inside.ts';
import { once } from './once.ts';
import { qualityOf } from './quality.ts';
import { inTransaction } from './retry.ts';
import type { Tables } from './tables.ts';

export function shareRecords(db: Kysely<Tables>, clock: Clock): ShareRecords {
  return {
    dataSets: (scope) => selectDataSets(db, scope, sql`true`),
    addDataSet: (scope, doer, wanted, key) => inTransaction(db, (trx) => addDataSet(trx, scope, doer, wanted, key, clock.now())),
    retireDataSet: async (scope, id, version, at) => {
      if ((await selectDataSets(db, scope, sql`d.id = ${id}`)).length === 0) return null;
      const done =
        await sql`update data_set set retired_at = ${at}, version = version + 1 where id = ${id} and version = ${version}`.execute(
          db,
        );
      if (Number(done.numAffectedRows) === 0) return 'version';
      return (await selectDataSets(db, scope, sql`d.id = ${id}`))[0] ?? null;
    },
    requests: (scope) => selectRequests(db, scope, sql`true`),
    request: async (scope, id) => {
      const [request] = await selectRequests(db, scope, sql`r.id = ${id}`);
      const [set] = request ? await selectDataSets(db, scope, sql`d.id = ${request.dataSet}`) : [];
      return request && set ? { ...request, area: set.area, offered: set.fields, retired: set.retiredAt !== null } : null;
    },
    addRequest: (scope, doer, wanted, key) => inTransaction(db, (trx) => addRequest(trx, scope, doer, wanted, key, clock.now())),
    decide: async (id, version, from, decision, by, at) => decide(db, { id, version, from, by, at }, decision),
    noteUse: async (request, { by, fields, people, at }) => {
      await sql`insert into share_use (request, by, fields, people, at) values (${request}, ${by}, ${fields}, ${people}, ${at})`.execute(
        db,
      );
    },
    uses: async (request, limit) => {
      const { rows } =
        await sql<ShareUse>`select by, fields, people, at from share_use where request = ${request} order by id desc limit ${limit}`.execute(
          db,
        );
      return rows;
    },
    forms: (scope) => selectForms(db, scope, sql`true`),
    form: async (scope, id) => (await selectForms(db, scope, sql`f.id = ${id}`))[0] ?? null,
    addForm: (scope, doer, wanted, key, at) => inTransaction(db, (trx) => addForm(trx, scope, doer, wanted, key, at)),
    askedTwice: (scope, since) => askedTwice(db, scope, since),
    quality: (scope, area, freshSince) => qualityOf(db, scope, area, freshSince),
  };
}

async function selectDataSets(db: Kysely<Tables>, scope: Within, condition: RawBuilder<unknown>): Promise<DataSet[]> {
  const { rows } =
    await sql<DataSet>`select d.id, d.area, coalesce(a.name, d.area) as "areaName", d.name, d.fields, d.basis, d.by, d.at,
      d.retired_at as "retiredAt", d.version
    from data_set d left join area a on a.path = d.area where ${condition} and ${inside('d.area', scope)} order by d.at, d.id`.execute(
      db,
    );
  return rows;
}

async function selectRequests(db: Kysely<Tables>, scope: Within, condition: RawBuilder<unknown>): Promise<ShareRequest[]> {
  const { rows } =
    await sql<ShareRequest>`select r.id, r.data_set as "dataSet", r.consumer, r.purpose, r.basis, r.fields, r.state,
      r.requested_by as "requestedBy", r.requested_at as "requestedAt", r.decided_by as "decidedBy", r.decided_at as "decidedAt", r.reason,
      r.until_at as "untilAt", (select count(*)::int from share_use u where u.request = r.id) as uses, r.version
    from share_request r join data_set d on d.id = r.data_set where ${condition} and ${inside('d.area', scope)} order by r.requested_at desc, r.id`.execute(
      db,
    );
  return rows;
}

async function selectForms(db: Kysely<Tables>, scope: Within, condition: RawBuilder<unknown>): Promise<Form[]> {
  const { rows } = await sql<Form>`select f.id, f.area, f.name, f.owner, f.fields, f.retired_at as "retiredAt" from form f
    where ${condition} and ${formReaches(scope)} order by f.at, f.id`.execute(db);
  return rows;
}

/** SQL: a form of an area serves everybody who works inside of it. */
function formReaches(scope: Within): RawBuilder<boolean> {
  return sql<boolean>`(${inside('f.area', scope)} or exists (select 1 from unnest(${[...scope.areas]}::text[]) as g(area)
    where g.area = f.area or starts_with(g.area, f.area || '/')))`;
}

async function hasArea(trx: Kysely<Tables>, scope: Within, area: string): Promise<boolean> {
  return (await sql`select 1 from area where path = ${area} and ${inside('area.path', scope)}`.execute(trx)).rows.length > 0;
}

async function addDataSet(
  trx: Kysely<Tables>,
  scope: Within,
  doer: Doer,
  wanted: NewDataSet,
  key: string,
  at: number,
): Promise<Made<DataSet>> {
  if (!(await hasArea(trx, scope, wanted.area))) return 'not-found';
  const done = await once(trx, { actor: doer.id, key, about: 'data set', at }, async () => {
    await sql`insert into data_set (id, area, name, fields, basis, by, at)
      values (${wanted.id}, ${wanted.area}, ${wanted.name}, ${[...wanted.fields]}, ${wanted.basis}, ${doer.id}, ${at})`.execute(
      trx,
    );
    return wanted.id;
  });
  if (typeof done === 'string') return 'key-reused';
  const [made] = await selectDataSets(trx, scope, sql`d.id = ${done.subject}`);
  return made ? { value: made, repeated: done.repeated } : 'not-found';
}

async function addRequest(
  trx: Kysely<Tables>,
  scope: Within,
  doer: Doer,
  wanted: NewShareRequest,
  key: string,
  at: number,
): Promise<Made<ShareRequest>> {
  const [set] = await selectDataSets(trx, scope, sql`d.id = ${wanted.dataSet} and d.retired_at is null`);
  if (!set || wanted.fields.some((field) => !set.fields.includes(field))) return 'not-found';
  const done = await once(trx, { actor: doer.id, key, about: 'share request', at }, async () => {
    await sql`insert into share_request (id, data_set, consumer, purpose, basis, fields, state, requested_by, requested_at)
      values (${wanted.id}, ${wanted.dataSet}, ${wanted.consumer}, ${wanted.purpose}, ${wanted.basis}, ${[...wanted.fields]}, 'requested', ${doer.id}, ${at})`.execute(
      trx,
    );
    return wanted.id;
  });
  if (typeof done === 'string') return 'key-reused';
  const [made] = await selectRequests(trx, scope, sql`r.id = ${done.subject}`);
  return made ? { value: made, repeated: done.repeated } : 'not-found';
}

interface Deciding {
  readonly id: string;
  readonly version: number;
  readonly from: readonly ShareRequest['state'][];
  readonly by: string;
  readonly at: number;
}

async function decide(
  db: Kysely<Tables>,
  { id, version, from, by, at }: Deciding,
  { to, reason, untilAt }: Decision,
): Promise<boolean> {
  const done = await sql`update share_request set state = ${to}, decided_by = ${by}, decided_at = ${at}, reason = ${reason},
      until_at = ${to === 'approved' ? untilAt : sql.ref('until_at')}, version = version + 1
    where id = ${id} and version = ${version} and state = any(${[...from]})`.execute(db);
  return Number(done.numAffectedRows) > 0;
}

async function addForm(
  trx: Kysely<Tables>,
  scope: Within,
  doer: Doer,
  wanted: Omit<Form, 'retiredAt'>,
  key: string,
  at: number,
): Promise<Made<Form>> {
  if (!(await hasArea(trx, scope, wanted.area))) return 'not-found';
  const done = await once(trx, { actor: doer.id, key, about: 'form', at }, async () => {
    await sql`insert into form (id, area, name, owner, fields, by, at)
      values (${wanted.id}, ${wanted.area}, ${wanted.name}, ${wanted.owner}, ${wanted.fields}, ${doer.id}, ${at})`.execute(trx);
    return wanted.id;
  });
  if (typeof done === 'string') return 'key-reused';
  const [made] = await selectForms(trx, scope, sql`f.id = ${done.subject}`);
  return made ? { value: made, repeated: done.repeated } : 'not-found';
}

async function askedTwice(db: Kysely<Tables>, scope: Within, since: number): Promise<AskedTwice[]> {
  const { rows } = await sql<AskedTwice>`select asked.field, c.source, c.form, f.name as "formName", count(*)::int as times,
      count(distinct c.subject)::int as people, max(c.at) as "lastAt"
    from collected c cross join lateral unnest(c.again) as asked(field) left join form f on f.id = c.form
    where c.again <> '{}' and c.at >= ${since} and exists (select 1 from person_seat s where s.person = c.subject and ${inside('s.area', scope)})
    group by asked.field, c.source, c.form, f.name order by count(*) desc, asked.field, c.source`.execute(db);
  return rows;
}
