import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyTimeline } from '../../../cloud/incident/timeline.ts';
import type { Records } from '../../../cloud/records/records.ts';
import { watchGateways } from '../../../cloud/records/gateway-watch.ts';
import { sweep } from '../../../cloud/records/sweep.ts';
import { StreamBell } from '../../../cloud/records/wake.ts';
import { openRecords } from '../../../cloud/records/open-records.ts';
import { systemClock } from '../../../cloud/clock.ts';
import type { Server } from './servers.ts';
import {
  alarmRecord,
  type Bench,
  community,
  leak502,
  LogWriter,
  meter101,
  openWorkshop,
  readings,
  site,
  smoke502,
  t0,
  transition,
  type Workshop,
} from './workshop.ts';

const all = { areas: ['xingfu'] };
const li = { id: 'u-li', name: '李调度' };
const wang = { id: 'u-wang', name: '王调度' };

/** Every question and command of the records, over one kind of server. */
export function recordsSuite(name: string, start: () => Promise<Server>): void {
  describe(`records on ${name}`, () => {
    let workshop: Workshop;
    let bench: Bench;
    let records: Records;
    let log: LogWriter;
    let now = t0;
    beforeAll(async () => {
      workshop = await openWorkshop(start);
    });
    afterAll(() => workshop.stop());
    beforeEach(async () => {
      now = t0;
      log = new LogWriter();
      bench = await workshop.fresh();
      const clock = { ...systemClock, now: () => now };
      records = openRecords(
        { database: bench.database, rules: bench.rules, clock },
        new StreamBell(bench.database.connection, clock),
      );
      await bench.ingest.seen('gw-1', now);
      await bench.ingest.commit('gw-1', [log.batch('alarm', site(now, smoke502, leak502, meter101))], now);
    });
    afterEach(() => bench.close());

    const desk = () => ({ database: bench.database, rules: bench.rules, clock: { ...systemClock, now: () => now } });
    const commit = (...batches: ReturnType<LogWriter['batch']>[]) => bench.ingest.commit('gw-1', batches, now);
    const raise = (more = {}) =>
      commit(log.batch('alarm', alarmRecord(smoke502, now - 300, transition('raised', 1, now - 300, more))));
    const clear = (episode = 1) => commit(log.batch('alarm', alarmRecord(smoke502, now, transition('cleared', episode, now))));
    const onlyIncident = async () => {
      const { items } = await records.listIncidents(all, {});
      expect(items).toHaveLength(1);
      const [summary] = items;
      if (!summary) throw new Error('no incident');
      const detail = await records.incidentDetail(all, summary.id);
      if (!detail) throw new Error('no detail');
      return detail;
    };
    const onlyAlarm = async () => {
      const { items } = await records.listAlarms(all, {});
      expect(items).toHaveLength(1);
      const [alarm] = items;
      if (!alarm) throw new Error('no alarm');
      return alarm;
    };

    describe('from a gateway to the screen', () => {
      it('turns a raise into an alarm, an incident with its plan, and events of the stream', async () => {
        const before = await records.latestStreamId();
        await raise();
        const incident = await onlyIncident();
        expect(incident).toMatchObject({
          title: { zh: '幸福里 3栋2单元502 烟雾报警' },
          number: '20261123-01',
          severity: 'critical',
          state: 'open',
          area: `${community}/3/2/502`,
          edgeAt: t0 - 300,
          openedAt: t0,
          alarmCount: 1,
          activeCount: 1,
          unackedCount: 1,
        });
        expect(incident.steps.map((step) => step.id)).toEqual(['call', 'send', 'report', 'arrive', 'power', 'reset']);
        expect(incident.timeline.map((line) => [line.kind, line.at, line.edgeAt])).toEqual([['alarm-raised', t0, t0 - 300]]);
        expect(await onlyAlarm()).toMatchObject({ isa: 'unacked', incident: incident.id, receivedAt: t0 });
        const { events, resync } = await records.streamAfter(all, before, 100);
        expect(resync).toBe(false);
        expect(events.map((one) => one.event.type)).toEqual(['alarm', 'incident', 'device']);
      });

      it('makes the same ids from the same log, so that a replay into an empty database is the same story', async () => {
        await raise();
        const first = await onlyIncident();
        const again = await workshop.fresh();
        const replay = new LogWriter();
        await again.ingest.commit('gw-1', [replay.batch('alarm', site(now, smoke502, leak502, meter101))], now);
        await again.ingest.commit(
          'gw-1',
          [replay.batch('alarm', alarmRecord(smoke502, now, transition('raised', 1, now - 300)))],
          now,
        );
        const { rows } = await sql<{ incident: string; alarm: string }>`select incident, id as alarm from alarm`.execute(
          again.database.db,
        );
        await again.close();
        expect(rows).toEqual([{ incident: first.id, alarm: first.alarms[0]?.id }]);
      });

      it('joins what happens in the same household to the same hazard, and keeps another hazard apart', async () => {
        await raise();
        const twin = { ...smoke502, id: 'smoke-502b' };
        await commit(
          log.batch('alarm', site(now, smoke502, twin, leak502), alarmRecord(twin, now, transition('raised', 1, now))),
        );
        await commit(
          log.batch(
            'alarm',
            alarmRecord(leak502, now, transition('raised', 1, now, { alarm: 'leak', hazard: 'water', severity: 'minor' })),
          ),
        );
        const { items } = await records.listIncidents(all, {});
        expect(Object.fromEntries(items.map((one) => [one.hazard, one.alarmCount]))).toEqual({ fire: 2, water: 1 });
      });

      it('does not close an incident because its alarms cleared', async () => {
        await raise();
        await clear();
        expect(await onlyIncident()).toMatchObject({ state: 'open', activeCount: 0, unackedCount: 1 });
        expect(await onlyAlarm()).toMatchObject({ isa: 'returned-unacked', clearedAt: t0 });
      });

      it('opens no second episode while one is open, and counts it', async () => {
        await raise();
        await clear();
        await commit(log.batch('alarm', alarmRecord(smoke502, now, transition('raised', 2, now))));
        expect(await onlyAlarm()).toMatchObject({ occurrences: 2, episode: 2, isa: 'unacked' });
        await expect(
          sql`insert into alarm select (jsonb_populate_record(a, '{"id": "second"}')).id, a.gateway, a.device, a.alarm, a.epoch, a.area, a.device_name,
            a.name, a.hazard, a.episode, a.active, a.severity, a.peak_severity, a.level, a.occurrences, a.raised_at, a.last_at, a.cleared_at,
            a.received_at, a.reason from alarm a`.execute(bench.database.db),
        ).rejects.toThrow();
      });

      it('keeps the newest value of a point when older readings arrive late', async () => {
        await commit(
          log.batch('telemetry', readings(meter101, now, { power: 5 }), readings(meter101, now - 60_000, { power: 3 })),
        );
        const detail = await records.deviceDetail(all, { gateway: 'gw-1', device: 'meter-101' });
        expect(detail?.points).toMatchObject([{ point: 'power', value: 5, at: now }]);
        expect(detail?.lastAt).toBe(now);
      });

      it('shows a device that spoke before its inventory came', async () => {
        await commit(log.batch('telemetry', readings({ ...meter101, id: 'stranger' }, now, { power: 1 })));
        expect(await records.deviceDetail(all, { gateway: 'gw-1', device: 'stranger' })).toMatchObject({
          name: { zh: 'stranger' },
          area: community,
        });
      });
    });

    describe('what a scope may see', () => {
      it('is nothing where it is empty, everything where its path is empty, and no neighbour that begins alike', async () => {
        await records.putArea({ path: `${community}2`, parent: 'xingfu', kind: 'community', name: '幸福里二期' });
        await raise();
        const seenBy = async (areas: string[]) => (await records.listIncidents({ areas }, {})).total;
        expect(await seenBy([])).toBe(0);
        expect(await seenBy([''])).toBe(1);
        expect(await seenBy([community])).toBe(1);
        expect(await seenBy([`${community}/3/2`])).toBe(1);
        expect(await seenBy([`${community}2`, 'xingfu/dhy', 'xingfu/xf'])).toBe(0);
      });

      it('hides details, devices, history, alarms and stream events alike, and commands on them', async () => {
        await raise();
        const other = { areas: ['xingfu/dhy'] };
        const incident = await onlyIncident();
        const alarm = await onlyAlarm();
        const command = { move: 'confirm' as const, version: incident.version, key: 'k' };
        expect(await records.incidentDetail(other, incident.id)).toBeNull();
        expect(await records.alarm(other, alarm.id)).toBeNull();
        expect(await records.deviceDetail(other, { gateway: 'gw-1', device: 'smoke-502' })).toBeNull();
        expect(
          await records.history(other, { gateway: 'gw-1', device: 'smoke-502' }, 'p', { from: 0, to: 1, buckets: 1 }),
        ).toBeNull();
        expect((await records.streamAfter(other, '0', 100)).events).toEqual([]);
        expect(await records.moveIncident(other, li, incident.id, command)).toMatchObject({
          ok: false,
          refusal: { code: 'not-found' },
          current: null,
        });
        expect((await onlyIncident()).state).toBe('open');
      });
    });

    describe('commands', () => {
      it('lets one of two dispatchers win and shows the other what happened (F74)', async () => {
        await raise();
        const incident = await onlyIncident();
        const move = (actor: typeof li) =>
          records.moveIncident(all, actor, incident.id, { move: 'confirm', version: incident.version, key: `by-${actor.id}` });
        const outcomes = await Promise.all([move(li), move(wang)]);
        expect(outcomes.filter((one) => one.ok)).toHaveLength(1);
        const lost = outcomes.find((one) => !one.ok);
        expect(lost).toMatchObject({ refusal: { code: 'version-conflict' }, current: { state: 'confirmed' } });
        expect((await onlyIncident()).timeline.filter((line) => line.kind === 'state')).toHaveLength(1);
      });

      it('carries a key out once, however often it is sent', async () => {
        await raise();
        const incident = await onlyIncident();
        const command = { move: 'confirm' as const, version: incident.version, key: 'same' };
        const outcomes = await Promise.all([1, 2, 3].map(() => records.moveIncident(all, li, incident.id, command)));
        expect(outcomes.every((one) => one.ok)).toBe(true);
        expect(outcomes.filter((one) => one.ok && one.repeated)).toHaveLength(2);
        expect((await onlyIncident()).timeline.filter((line) => line.kind === 'state')).toHaveLength(1);
      });

      it('acknowledges the alarms of an incident that somebody takes up, and ends its escalation', async () => {
        await raise();
        const { id, version } = await onlyIncident();
        await records.moveIncident(all, li, id, { move: 'confirm', version, key: 'k1' });
        expect(await onlyIncident()).toMatchObject({ commander: '李调度', unackedCount: 0, ackedAt: t0 });
        expect(await sweep(desk(), t0 + 3_600_000)).toEqual([]);
      });

      it('does not re-open an alarm that has just cleared when it is acknowledged late', async () => {
        await raise();
        const seen = await onlyAlarm();
        await clear();
        const stale = await records.moveAlarm(all, li, seen.id, { move: 'ack', version: seen.version, key: 'k1' });
        expect(stale).toMatchObject({ ok: false, refusal: { code: 'version-conflict' }, current: { isa: 'returned-unacked' } });
        const fresh = await onlyAlarm();
        const acked = await records.moveAlarm(all, li, fresh.id, { move: 'ack', version: fresh.version, key: 'k2' });
        expect(acked).toMatchObject({ ok: true, value: { active: false, isa: 'normal' } });
      });

      it('dispatches a person of the accounts, follows the errand, and shows who is busy', async () => {
        await addPerson('u-zhao', '赵网格', 'grid-worker');
        await raise();
        const { id, version } = await onlyIncident();
        const nobody = await records.moveIncident(all, li, id, { move: 'dispatch', version, key: 'k0' });
        expect(nobody).toMatchObject({ ok: false, refusal: { code: 'person-needed' } });
        const sent = await records.moveIncident(all, li, id, { move: 'dispatch', version, person: 'u-zhao', key: 'k1' });
        if (!sent.ok) throw new Error(sent.refusal.message.zh);
        const leg = sent.value.legs[0];
        expect(leg).toMatchObject({ person: 'u-zhao', personName: '赵网格', state: 'offered' });
        expect(await records.responders(all)).toMatchObject([{ id: 'u-zhao', incident: id, legState: 'offered', onDuty: true }]);
        const zhao = { id: 'u-zhao', name: '赵网格' };
        await records.legMove(all, zhao, id, leg?.id ?? '', { to: 'accepted', key: 'k2' });
        const there = await records.legMove(all, zhao, id, leg?.id ?? '', { to: 'on-scene', phoneAt: t0 - 5000, key: 'k3' });
        expect(there).toMatchObject({ ok: true, value: { state: 'on-scene', legs: [{ state: 'on-scene' }] } });
        const { events } = await records.streamAfter(all, '0', 500);
        expect(events.filter((one) => one.event.type === 'responder').map((one) => one.event)).toMatchObject([
          { responder: { legState: 'offered', phone: null } },
          { responder: { legState: 'accepted' } },
          { responder: { legState: 'on-scene' } },
        ]);
      });

      it('refuses to call a fire resolved while a detector says otherwise, and closes it with a verdict afterwards', async () => {
        await raise();
        let it = await onlyIncident();
        const move = async (step: 'confirm' | 'resolve' | 'close', key: string) => {
          const outcome = await records.moveIncident(all, li, it.id, { move: step, version: it.version, key });
          it = await onlyIncident();
          return outcome;
        };
        await move('confirm', 'k1');
        expect(await move('resolve', 'k2')).toMatchObject({ ok: false, refusal: { code: 'still-active' } });
        await clear();
        it = await onlyIncident();
        await move('resolve', 'k3');
        expect(await move('close', 'k4')).toMatchObject({ ok: true, value: { state: 'closed', disposition: 'real' } });
        expect(await onlyAlarm()).toMatchObject({ isa: 'normal', disposition: 'real' });
        expect((await records.snapshot(all)).lastClosedAt).toBe(t0);
      });

      it('keeps notes and plan steps on a timeline that verifies, and notices any line that was changed', async () => {
        await raise();
        const { id } = await onlyIncident();
        await records.addNote(all, li, id, { text: '已致电户主，无人接听。'.repeat(20), key: 'n1' });
        await records.stepMove(all, li, id, 'call', { to: 'done', key: 's1' });
        const unsaid = await records.stepMove(all, li, id, 'send', { to: 'skipped', key: 's2' });
        expect(unsaid).toMatchObject({ ok: false, refusal: { code: 'reason-needed' } });
        const { timeline, steps } = await onlyIncident();
        expect(steps[0]).toMatchObject({ id: 'call', state: 'done', by: '李调度', doneAt: t0 });
        expect(timeline.map((line) => line.kind)).toEqual(['alarm-raised', 'note', 'step']);
        expect(verifyTimeline(timeline, id)).toMatchObject({ ok: true, head: { seq: 3 } });
        const forged = timeline.map((line) => (line.seq === 2 ? { ...line, actorName: '王调度' } : line));
        expect(verifyTimeline(forged, id)).toEqual({ ok: false, seq: 2, why: 'changed' });
        await expect(sql`update timeline set at = 0`.execute(bench.database.db)).rejects.toThrow('append-only');
        await expect(sql`delete from timeline`.execute(bench.database.db)).rejects.toThrow('append-only');
        await expect(sql`truncate timeline`.execute(bench.database.db)).rejects.toThrow('append-only');
      });
    });

    describe('by the clock', () => {
      const escalations = async () =>
        (await onlyIncident()).timeline.filter((line) => line.kind === 'escalation').map((line) => line.data['step']);

      it('escalates a fire nobody answers at 30, 60 and 120 s, once each, also with two sweepers', async () => {
        await raise();
        expect(await sweep(desk(), t0 + 29_999)).toEqual([]);
        await Promise.all([sweep(desk(), t0 + 30_000), sweep(desk(), t0 + 30_000)]);
        expect(await escalations()).toEqual([1]);
        await Promise.all([sweep(desk(), t0 + 125_000), sweep(desk(), t0 + 125_000)]);
        expect(await escalations()).toEqual([1, 2, 3]);
      });

      it('uses up no step while everything is shelved, and starts a fresh chain when the shelf ends', async () => {
        await raise();
        const alarm = await onlyAlarm();
        const shelve = { move: 'shelve' as const, version: alarm.version, reason: '检修', until: t0 + 300_000, key: 'k1' };
        expect(await records.moveAlarm(all, li, alarm.id, shelve)).toMatchObject({ ok: true, value: { isa: 'shelved' } });
        expect(await sweep(desk(), t0 + 200_000)).toEqual([]);
        expect((await records.snapshot(all)).shelved).toBe(1);
        expect(await sweep(desk(), t0 + 300_000)).toMatchObject([{ outcome: 'unshelved' }]);
        expect(await onlyAlarm()).toMatchObject({ isa: 'unacked', shelf: null });
        await sweep(desk(), t0 + 329_999);
        expect(await escalations()).toEqual([]);
        await sweep(desk(), t0 + 330_000);
        expect(await escalations()).toEqual([1]);
      });

      it('clears a shelved alarm all the same: shelving hides, it does not block', async () => {
        await raise();
        const alarm = await onlyAlarm();
        await records.moveAlarm(all, li, alarm.id, {
          move: 'shelve',
          version: alarm.version,
          reason: '检修',
          until: t0 + 300_000,
          key: 'k1',
        });
        await clear();
        expect(await onlyAlarm()).toMatchObject({ active: false, isa: 'shelved' });
      });
    });

    describe('a gateway that goes silent', () => {
      it('is one alarm with the number of its devices, which become unknown, and it all comes back', async () => {
        await commit(
          log.batch('alarm', { ...alarmRecord(meter101, now), availability: 'online' } as ReturnType<typeof alarmRecord>),
        );
        expect((await records.snapshot(all)).devices).toMatchObject({ total: 3, online: 1 });
        expect(await watchGateways(bench.database.db, bench.rules, t0, t0 + 50_000)).toEqual([]);
        const lost = await Promise.all([1, 2].map(() => watchGateways(bench.database.db, bench.rules, t0 + 1, t0 + 50_000)));
        expect(lost.flat()).toEqual(['gw-1']);
        expect(await onlyIncident()).toMatchObject({ hazard: 'communication', childCount: 3, alarmCount: 1 });
        const snapshot = await records.snapshot(all);
        expect(snapshot.devices).toMatchObject({ total: 3, online: 0, unknown: 3 });
        expect(snapshot.gateways.map((one) => [one.id, one.state])).toEqual([
          ['gw-1', 'offline'],
          ['gw-2', 'unclaimed'],
        ]);
        now = t0 + 60_000;
        await bench.ingest.seen('gw-1', now);
        expect((await records.snapshot(all)).devices).toMatchObject({ online: 1, unknown: 2 });
        expect(await onlyAlarm()).toMatchObject({ active: false, isa: 'returned-unacked' });
      });

      it('is not offline where a beat came in between: last seen is compared and set', async () => {
        await Promise.all([
          bench.ingest.seen('gw-1', t0 + 49_000),
          watchGateways(bench.database.db, bench.rules, t0 + 1, t0 + 50_000),
        ]);
        expect((await records.listGateways(all))[0]).toMatchObject({ state: 'online', lastSeenAt: t0 + 49_000 });
        await bench.ingest.seen('gw-1', t0 + 20_000);
        expect((await records.listGateways(all))[0]).toMatchObject({ lastSeenAt: t0 + 49_000 });
      });
    });

    describe('lists', () => {
      it('finds devices by words, pinyin, initials and place', async () => {
        const found = async (q: string) => (await records.listDevices(all, { q })).items.map((one) => one.id);
        expect(await found('烟感')).toEqual(['smoke-502']);
        expect(await found('yangan')).toEqual(['smoke-502']);
        expect(await found('cfyg')).toEqual(['smoke-502']);
        expect(await found('502 水浸')).toEqual(['leak-502']);
        expect(await found('3栋1单元')).toEqual(['meter-101']);
        expect(await found('KITCHEN')).toEqual(['smoke-502']);
        expect(await found('%')).toEqual([]);
      });

      it('pages without losing or doubling anything', async () => {
        const seen: string[] = [];
        for (let after: string | null | undefined = undefined; after !== null;) {
          const page: Awaited<ReturnType<Records['listDevices']>> = await records.listDevices(all, {
            limit: 2,
            ...(after === undefined ? {} : { after }),
          });
          expect(page.total).toBe(3);
          seen.push(...page.items.map((one) => one.id));
          after = page.next;
        }
        expect(seen.sort()).toEqual(['leak-502', 'meter-101', 'smoke-502']);
      });

      it('counts for every area above a device, and alarms by the hour', async () => {
        await raise();
        const { areas, alarmsPerHour } = await records.overview(all);
        const counts = Object.fromEntries(
          areas.map((one) => [one.path, [one.devices.total, one.activeAlarms, one.worst, one.openIncidents]]),
        );
        expect(counts).toEqual({
          xingfu: [3, 1, 'critical', 1],
          [community]: [3, 1, 'critical', 1],
          [`${community}/3`]: [3, 1, 'critical', 1],
          [`${community}/3/1`]: [1, 0, null, 0],
          [`${community}/3/2`]: [2, 1, 'critical', 1],
          'xingfu/dhy': [0, 0, null, 0],
        });
        expect(alarmsPerHour).toEqual([...Array.from({ length: 23 }, () => 0), 1]);
      });

      it('draws min, max and last of the good values per bucket', async () => {
        const at = (seconds: number) => t0 + seconds * 1000;
        const bad = { kind: 'readings' as const, device: 'meter-101', profile: 'test.meter', at: at(15) };
        await commit(
          log.batch(
            'telemetry',
            readings(meter101, at(1), { power: 4 }),
            readings(meter101, at(2), { power: 9 }),
            readings(meter101, at(3), { power: 7, other: 1 }),
            { ...bad, readings: [{ point: 'power', value: 999, quality: 'bad', reason: 'out-of-range', at: at(15) }] },
            {
              ...bad,
              at: at(25),
              readings: [{ point: 'power', value: '9007199254740993000', quality: 'good', at: at(25), deviceAt: 5 }],
            },
          ),
        );
        const drawn = await records.history(all, { gateway: 'gw-1', device: 'meter-101' }, 'power', {
          from: t0,
          to: at(30),
          buckets: 3,
        });
        expect(drawn).toMatchObject({
          bucketMs: 10_000,
          at: [t0, at(10), at(20)],
          min: [4, null, Number('9007199254740993000')],
          max: [9, null, Number('9007199254740993000')],
          last: [7, null, Number('9007199254740993000')],
        });
      });

      it('says accepted = delivered + buffered + gaps', async () => {
        await commit(
          log.batch('telemetry', readings(meter101, now, { power: 1 }), { kind: 'gap', at: now, reason: 'evicted', count: 40 }),
        );
        const hello = { schema: 'yihu-uplink/1' as const, gateway: 'gw-1', epoch: 'e1', version: '0', at: now + 7 };
        await bench.ingest.hello(
          'gw-1',
          { ...hello, last: { alarm: 1, telemetry: 100 }, first: { alarm: 1, telemetry: 1 } },
          now + 10,
        );
        const numbers = await records.conservation(all);
        expect(numbers).toMatchObject([
          { lane: 'alarm', accepted: 1, delivered: 1, buffered: 0, gaps: 0 },
          { lane: 'telemetry', accepted: 100, delivered: 1, buffered: 59, gaps: 40 },
        ]);
        for (const one of numbers) expect(one.accepted).toBe(one.delivered + one.buffered + one.gaps);
        expect((await records.listGateways(all))[0]).toMatchObject({ backlog: { alarm: 0, telemetry: 59 }, clockSkewMs: -3 });
      });
    });

    describe('the stream', () => {
      it('shows ids without holes to a reader while others commit', async () => {
        await raise();
        const incident = await onlyIncident();
        const from = await records.latestStreamId();
        let done = false;
        const write = async (who: number) => {
          for (let turn = 0; turn < 5; turn++) {
            await records.addNote(all, li, incident.id, { text: `${who} ${turn}`, key: `${who}-${turn}` });
          }
        };
        const writing = Promise.all([1, 2, 3, 4].map(write)).finally(() => (done = true));
        const seen: number[] = [];
        for (let last = from; ;) {
          const finished = done;
          const page = await records.streamAfter(all, last, 7);
          expect(page.resync).toBe(false);
          seen.push(...page.events.map((one) => Number(one.id)));
          last = page.last;
          if (finished && page.events.length === 0) break;
        }
        await writing;
        expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => Number(from) + 1 + index));
      });

      it('asks for a new start where the events asked for are gone, and of one from another life', async () => {
        await raise();
        const last = await records.latestStreamId();
        await sql`delete from stream_event where id < 3`.execute(bench.database.db);
        expect((await records.streamAfter(all, '0', 10)).resync).toBe(true);
        expect((await records.streamAfter(all, last, 10)).resync).toBe(false);
        expect((await records.streamAfter(all, '99999', 10)).resync).toBe(true);
        expect((await records.streamAfter(all, 'x', 10)).resync).toBe(true);
      });

      it('wakes its readers after a commit', async () => {
        const bell = new StreamBell(bench.database.connection, systemClock);
        const rings: (() => void)[] = [];
        const rung = () => new Promise<void>((resolve) => rings.push(resolve));
        const first = rung();
        bell.listen(() => rings.shift()?.());
        await first;
        const second = rung();
        await raise();
        await second;
        await bell.close();
      });
    });

    async function addPerson(id: string, fullName: string, role: string): Promise<void> {
      await sql`insert into app_user (id, account, name, phone, password_hash, on_duty, created_at)
        values (${id}, ${id}, ${fullName}, '13800000000', '-', true, 0)`.execute(bench.database.db);
      await sql`insert into app_grant (user_id, area, role) values (${id}, ${community}, ${role})`.execute(bench.database.db);
    }
  });
}
