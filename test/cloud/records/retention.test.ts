import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { verifyTimeline } from '../../../cloud/incident/timeline.ts';
import { forgetAudited, forgetQuick } from '../../../cloud/forgetting.ts';
import { auditRecords } from '../../../cloud/records/audit.ts';
import { openCapDesk } from '../../../cloud/records/cap-desk.ts';
import { callReport } from '../../../cloud/records/call-report.ts';
import { noCount, noDelivery } from '../../../cloud/records/call-rows.ts';
import { forgetOld } from '../../../cloud/records/retention.ts';
import { usualRetention } from '../../../cloud/retention.ts';
import { alertOf } from '../cap/documents.ts';
import { embeddedServer } from './servers.ts';
import { all, li, useStage } from './stage.ts';
import { readings, smoke502, t0 } from './workshop.ts';

const stage = useStage(embeddedServer);
const db = () => stage.bench.database.db;
const day = 24 * 3_600_000;
const count = async (table: string): Promise<number> =>
  Number((await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(db())).rows[0]?.n);

/** Long over: closed, and nothing happened to it since `t0`. */
async function closeAll(): Promise<void> {
  await sql`update incident set state = 'closed', updated_at = ${t0}`.execute(db());
}

describe('a story past its term', () => {
  it('goes whole, leaves its seal, and an export made before can still be held against it', async () => {
    await stage.raise();
    const before = await stage.onlyIncident();
    expect(before.timeline.length).toBeGreaterThan(0);
    const head = verifyTimeline(before.timeline, before.id);
    await closeAll();
    const years = usualRetention.stories * day;
    expect(await forgetAudited(stage.bench.database, usualRetention, t0 + years)).toEqual([]);
    const done = await forgetAudited(stage.bench.database, usualRetention, t0 + years + 1);
    expect(done).toMatchObject([{ kind: 'stories', rows: before.timeline.length, caughtUp: true }]);
    const after = await stage.onlyIncident();
    expect(after.timeline).toEqual([]);
    expect(head.ok && after.sealed).toMatchObject({ lines: before.timeline.length, hash: head.ok ? head.head.hash : '' });
    const [line] = await auditRecords(db()).list({ limit: 1 });
    expect(line).toMatchObject({ action: 'RETENTION', object: 'stories', detail: { rows: before.timeline.length, days: 1095 } });
    expect(await auditRecords(db()).verify()).toMatchObject({ ok: true });
  });

  it('one that is open, or was touched since, stays; and nobody deletes a line of it by hand', async () => {
    await stage.raise();
    const later = t0 + 2000 * day;
    expect(await forgetAudited(stage.bench.database, usualRetention, later)).toEqual([]);
    await expect(sql`delete from timeline`.execute(db())).rejects.toThrow('append-only');
    await sql`update incident set state = 'closed', updated_at = ${later}`.execute(db());
    expect(await forgetAudited(stage.bench.database, usualRetention, later)).toEqual([]);
    await expect(sql`update timeline set actor = 'x'`.execute(db())).rejects.toThrow('append-only');
  });
});

describe('a call past its term', () => {
  it('forgets what each person said in small batches, and its report says the same as before', async () => {
    const people = 1500;
    await sql`insert into call (id, number, kind, life_safety, title, text, audience, waits, area, state, begun_at, ended_at, people, author, author_name,
        count, delivery, created_at, updated_at, version)
      values ('call-1', 'C1', 'actual', true, '报平安', '请报平安', '{}', '{}', 'xingfu/xfl', 'closed', ${t0}, ${t0 + day}, ${people}, 'u', '王芳',
        ${JSON.stringify(noCount)}::jsonb, ${JSON.stringify(noDelivery)}::jsonb, ${t0}, ${t0}, 1)`.execute(db());
    await sql`insert into call_recipient (call, person, area, vulnerable, phone, answer, via, by_kind, answered_at, account)
      select 'call-1', 'p' || n, 'xingfu/xfl/3/2/502', false, true, 'safe', 'link', 'self', ${t0}::bigint + n * 10, 'answered' from generate_series(1, ${people}) n`.execute(
      db(),
    );
    await sql`insert into call_answer (call, person, answer, via, by_kind, key, at) select call, person, answer, via, by_kind, person, answered_at from call_recipient`.execute(
      db(),
    );
    const call = { id: 'call-1', begunAt: t0, count: { ...noCount, people } } as Parameters<typeof callReport>[2];
    const report = async () => callReport(db(), all, call, t0);
    const before = await report();
    expect(before.halfMs).toBe(750 * 10);
    const late = t0 + day + usualRetention.calls * day + 1;
    const one = await forgetOld(db(), 'calls', { before: late - usualRetention.calls * day, now: late, turns: 1 });
    expect(one).toMatchObject({ rows: 1000, caughtUp: false });
    expect(await report()).toEqual(before);
    expect(await forgetAudited(stage.bench.database, usualRetention, late)).toMatchObject([
      { kind: 'calls', rows: 2000, caughtUp: true },
    ]);
    expect([await count('call'), await count('call_recipient'), await count('call_answer')]).toEqual([1, 0, 0]);
    expect(await report()).toEqual(before);
    const account = await sql`select kind, rows from retention_day`.execute(db());
    expect(account.rows).toEqual([{ kind: 'calls', rows: 3000 }]);
  });
});

describe('what else has a term', () => {
  it('goes at its end and not before: readings, events of the stream, deliveries, warnings', async () => {
    const at = stage.now;
    await stage.commit(stage.log.batch('telemetry', readings(smoke502, at, { battery: 90 })));
    await openCapDesk(stage.desk(), { sender: 'yihu@t', name: 'Y' }).receive(
      all,
      li,
      alertOf({ sent: '2026-11-23T10:00:00+08:00', status: 'Test', info: [] })
        .replace('Alert', 'Ack')
        .replace('<scope>', '<scope>')
        .replace('</alert>', '<references>a@b,c,2026-11-23T10:00:00+08:00</references></alert>'),
    );
    await sql`insert into delivery (id, source, subject, who_kind, who, area, channel, occasion, state, life_safety, priority, message, created_at, due_at, expires_at)
      select 'd' || n, 'incident', 'x', 'user', 'u' || n, 'xingfu', 'sms', 'o', case when n = 1 then 'queued' else 'delivered' end, false, 1, '{}', ${at}, 0, 0 from generate_series(1, 3) n`.execute(
      db(),
    );
    const kept = async () => Promise.all(['telemetry', 'stream_event', 'delivery', 'cap_message'].map(count));
    const [telemetry, stream] = await kept();
    expect([telemetry, await count('cap_message')]).toEqual([1, 1]);
    await forgetQuick(stage.bench.database, usualRetention, at + day - 1);
    expect(await kept()).toEqual([1, stream, 3, 1]);
    await forgetQuick(stage.bench.database, usualRetention, at + 180 * day + 1);
    await forgetAudited(stage.bench.database, usualRetention, at + 401 * day);
    // What still waits to be sent is no matter of age; of the stream the newest stays, so that ids go on from it.
    expect(await kept()).toEqual([0, 1, 1, 1]);
    await forgetAudited(stage.bench.database, usualRetention, at + 1096 * day);
    expect(await count('cap_message')).toBe(0);
  });
});
