import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { ActChange } from '@yihu/device-profiles/vocabulary/act.ts';
import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { embeddedServer } from './servers.ts';
import { all, useStage } from './stage.ts';
import { LogWriter, alarmRecord, leak502, smoke502, t0, transition } from './workshop.ts';

/** What a gateway says before it knows the time, what it has devices do, and what is a test. */
const stage = useStage(embeddedServer);

const commit = (...records: readonly LogRecord[]) =>
  stage.bench.ingest.commit('gw-1', [stage.log.batch('alarm', ...records)], stage.now);

/** A minute after a boot of which nobody knows when it was. */
const uptime = 60_000;
const untimed = (record: LogRecord): LogRecord => ({ ...record, untimed: 'boot-1' }) as LogRecord;
const raisedUntimed = () => {
  const record = alarmRecord(smoke502, uptime, transition('raised', 1, uptime - 200));
  if (record.kind !== 'alarm') throw new Error(record.kind);
  return untimed({ ...record, events: [{ type: 'smoke', at: uptime - 100 }] });
};
/** The boot was ten seconds before t0 minus the uptime: the alarm is ten seconds older than its arrival. */
const clock = (shiftMs = t0 - 10_000 - uptime, more: object = {}): LogRecord => ({
  kind: 'clock',
  at: t0,
  what: 'trusted',
  boot: 'boot-1',
  shiftMs,
  by: 'system',
  ...more,
});

const eventTimes = async () =>
  (await sql<{ at: number }>`select at from device_event order by id`.execute(stage.bench.database.db)).rows.map(({ at }) => at);

describe('an alarm from a gateway that does not know the time', () => {
  it('is an alarm at once, under the time of its arrival', async () => {
    await commit(raisedUntimed());
    expect(await stage.onlyAlarm()).toMatchObject({ raisedAt: t0 - 200, receivedAt: t0, isa: 'unacked' });
    expect(await stage.onlyIncident()).toMatchObject({ openedAt: t0, edgeAt: t0 - 200 });
    expect(await eventTimes()).toEqual([t0 - 100]);
  });

  it('gets its own when the gateway knows it, and the screens hear of it; the timeline stays as it was written', async () => {
    await commit(raisedUntimed());
    const before = await stage.onlyIncident();
    stage.now = t0 + 60_000;
    const since = await stage.records.latestStreamId();
    await commit(clock());
    expect(await stage.onlyAlarm()).toMatchObject({ raisedAt: t0 - 10_200, lastAt: t0 - 10_200, receivedAt: t0 });
    const incident = await stage.onlyIncident();
    expect(incident.edgeAt).toBe(t0 - 10_200);
    expect(incident.timeline).toEqual(before.timeline);
    expect(await eventTimes()).toEqual([t0 - 10_100]);
    const { events } = await stage.records.streamAfter(all, since, 100);
    expect(events.map(({ event }) => (event.type === 'alarm' ? event.alarm.raisedAt : event.type))).toEqual([t0 - 10_200]);
    expect((await sql`select 1 from untimed`.execute(stage.bench.database.db)).rows).toEqual([]);
  });

  it('with its end, and one that was raised before and ended then', async () => {
    await stage.raise();
    stage.now = t0 + 60_000;
    await commit(untimed(alarmRecord(smoke502, uptime, transition('cleared', 1, uptime))));
    expect(await stage.onlyAlarm()).toMatchObject({ raisedAt: t0 - 300, clearedAt: t0 + 60_000 });
    await commit(clock());
    expect(await stage.onlyAlarm()).toMatchObject({ raisedAt: t0 - 300, clearedAt: t0 - 10_000 });
  });

  it('has it from the start where the word comes with it, or came before', async () => {
    await commit(raisedUntimed(), clock());
    expect(await stage.onlyAlarm()).toMatchObject({ raisedAt: t0 - 10_200 });
    stage.now = t0 + 1_000;
    await commit(untimed(alarmRecord(smoke502, uptime, transition('cleared', 1, uptime + 500))));
    expect(await stage.onlyAlarm()).toMatchObject({ clearedAt: t0 - 9_500 });
  });

  it('is not moved by the word on another boot, nor by that of another gateway, nor by a step', async () => {
    await commit(raisedUntimed());
    await commit(clock(0, { boot: 'boot-2' }), clock(5, { what: 'stepped' }));
    const other = new LogWriter();
    await stage.bench.ingest.commit('gw-2', [other.batch('alarm', clock())], stage.now);
    expect(await stage.onlyAlarm()).toMatchObject({ raisedAt: t0 - 200 });
    const { rows } = await sql<{ what: string }>`select what from clock_change where gateway = 'gw-1' order by seq`.execute(
      stage.bench.database.db,
    );
    expect(rows.map(({ what }) => what)).toEqual(['trusted', 'stepped']);
  });
});

const act = (state: ActChange['state'], more: Partial<ActChange> = {}): LogRecord => ({
  kind: 'act',
  device: leak502.id,
  profile: leak502.profile,
  at: stage.now,
  id: 'linkage/fire/1',
  command: 'open',
  name: { zh: '开门', en: 'Open' },
  args: { door: 1 },
  state,
  by: ['linkage/fire'],
  cause: { linkage: 'fire', device: smoke502.id, alarm: 'smoke', episode: 1, on: 'raised' },
  ...more,
});

describe('what a gateway has devices do', () => {
  it('is kept with every change, and stands in the timeline of the incident that it answers', async () => {
    await stage.raise();
    await commit(
      act('accepted'),
      act('sent'),
      act('unknown', { reason: { code: 'not-shown', zh: '没有显示', en: 'not shown' } }),
    );
    const incident = await stage.onlyIncident();
    expect(incident.timeline.slice(1).map(({ kind, text }) => [kind, text.zh, text.en])).toEqual([
      ['act', '联动：厨房水浸 开门，已下发', 'linkage: 厨房水浸, Open: sent'],
      ['act', '联动：厨房水浸 开门，结果未知，请到现场确认', 'linkage: 厨房水浸, Open: outcome unknown, look at it'],
    ]);
    const { rows } = await sql<{ state: string; actors: string[] }>`select state, actors from device_act order by seq`.execute(
      stage.bench.database.db,
    );
    expect(rows.map(({ state }) => state)).toEqual(['accepted', 'sent', 'unknown']);
    expect(rows[0]?.actors).toEqual(['linkage/fire']);
  });

  it('comes with the alarm in one commit', async () => {
    await commit(alarmRecord(smoke502, stage.now, transition('raised', 1, stage.now)), act('accepted'), act('confirmed'));
    const incident = await stage.onlyIncident();
    expect(incident.timeline.map(({ kind }) => kind)).toEqual(['alarm-raised', 'act']);
  });

  it('by a person, or for an alarm that nobody knows, is kept without an incident', async () => {
    const { cause: _none, ...byHand } = act('sent') as Extract<LogRecord, { kind: 'act' }>;
    await commit({ ...byHand, by: ['wang'] }, act('expired'));
    const { rows } = await sql`select 1 from device_act`.execute(stage.bench.database.db);
    expect(rows).toHaveLength(2);
  });
});

describe('a test', () => {
  const test = { test: true } as const;
  const alarms = async () =>
    (
      await sql<{ disposition: string; active: boolean; open: boolean; incident: string | null; suppressedBy: string[] }>`
      select disposition, active, open, incident, suppressed_by as "suppressedBy" from alarm order by received_at, id`.execute(
        stage.bench.database.db,
      )
    ).rows;

  it('is kept and shown, belongs to no incident, and ends by itself', async () => {
    await commit(alarmRecord(smoke502, stage.now, transition('raised', 1, stage.now, { ...test, latch: 'until-reset' })));
    expect(await alarms()).toEqual([{ disposition: 'test', active: true, open: true, incident: null, suppressedBy: ['test'] }]);
    await commit(alarmRecord(smoke502, stage.now, transition('cleared', 1, stage.now, test)));
    expect(await alarms()).toMatchObject([{ active: false, open: false, incident: null }]);
    const { rows } = await sql`select 1 from incident`.execute(stage.bench.database.db);
    expect(rows).toEqual([]);
  });

  it('that was none when it ends is an alarm with an incident', async () => {
    await commit(alarmRecord(smoke502, stage.now, transition('raised', 1, stage.now, test)));
    await commit(alarmRecord(smoke502, stage.now, transition('changed', 1, stage.now)));
    expect(await alarms()).toMatchObject([{ disposition: 'unknown', active: true, suppressedBy: [] }]);
    expect(await stage.onlyIncident()).toMatchObject({ state: 'open', unackedCount: 1 });
  });

  it('takes nothing away from an alarm that is real', async () => {
    await stage.raise();
    await commit(alarmRecord(smoke502, stage.now, transition('cleared', 1, stage.now)));
    await commit(alarmRecord(smoke502, stage.now, transition('raised', 2, stage.now, test)));
    expect(await alarms()).toMatchObject([{ disposition: 'unknown', active: true, suppressedBy: [] }]);
    expect(await stage.onlyIncident()).toMatchObject({ state: 'open', alarmCount: 1, activeCount: 1 });
  });
});

describe('parts that a device begins to speak of', () => {
  const part = { ...smoke502, id: 'panel.1-17', parent: 'panel' };
  const ids = async () =>
    (
      await sql<{ id: string; removed: boolean }>`select id, removed_at is not null as removed from device order by id`.execute(
        stage.bench.database.db,
      )
    ).rows.map(({ id, removed }) => `${id}${removed ? ' removed' : ''}`);
  const told: LogRecord = { kind: 'site', at: t0, hash: 'x', partial: true, devices: [part] };

  it('come beside what is there, in front of their first alarm', async () => {
    await commit(told, alarmRecord(part, stage.now, transition('raised', 1, stage.now)));
    expect(await ids()).toEqual(['leak-502', 'meter-101', 'panel.1-17', 'smoke-502']);
    expect((await stage.onlyIncident()).place).toContain('3栋');
  });

  it('go when a whole inventory knows them no more, and come back with what was told since', async () => {
    await commit(told);
    await commit({ kind: 'site', at: t0, hash: 'y', devices: [smoke502] });
    expect(await ids()).toEqual(['leak-502 removed', 'meter-101 removed', 'panel.1-17 removed', 'smoke-502']);
    await commit({ kind: 'site', at: t0, hash: 'z', devices: [leak502] }, told);
    expect(await ids()).toEqual(['leak-502', 'meter-101 removed', 'panel.1-17', 'smoke-502 removed']);
  });
});
