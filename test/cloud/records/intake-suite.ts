import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { SiteProfile } from '@yihu/device-profiles/vocabulary/site-profile.ts';
import { sweep } from '../../../cloud/records/sweep.ts';
import { watchGateways } from '../../../cloud/records/gateway-watch.ts';
import type { Server } from './servers.ts';
import { all, li, useStage } from './stage.ts';
import { alarmRecord, community, leak502, LogWriter, meter101, readings, site, smoke502, t0, transition } from './workshop.ts';

/** What comes in, who may see it, and what becomes of a gateway that goes silent, over one kind of server. */
export function intakeSuite(name: string, start: () => Promise<Server>): void {
  describe(`records on ${name}: intake`, () => {
    const stage = useStage(start);

    describe('from a gateway to the screen', () => {
      it('turns a raise into an alarm, an incident with its plan, and events of the stream', async () => {
        const before = await stage.records.latestStreamId();
        await stage.raise();
        const incident = await stage.onlyIncident();
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
        expect(await stage.onlyAlarm()).toMatchObject({ isa: 'unacked', incident: incident.id, receivedAt: t0 });
        const { events, resync } = await stage.records.streamAfter(all, before, 100);
        expect(resync).toBe(false);
        expect(events.map((one) => one.event.type)).toEqual(['alarm', 'incident', 'device']);
      });

      it('makes the same ids from the same log, so that a replay into an empty database is the same story', async () => {
        await stage.raise();
        const first = await stage.onlyIncident();
        const again = await stage.workshop.fresh();
        const replay = new LogWriter();
        await again.ingest.commit('gw-1', [replay.batch('alarm', site(stage.now, smoke502, leak502, meter101))], stage.now);
        await again.ingest.commit(
          'gw-1',
          [replay.batch('alarm', alarmRecord(smoke502, stage.now, transition('raised', 1, stage.now - 300)))],
          stage.now,
        );
        const { rows } = await sql<{ incident: string; alarm: string }>`select incident, id as alarm from alarm`.execute(
          again.database.db,
        );
        await again.close();
        expect(rows).toEqual([{ incident: first.id, alarm: first.alarms[0]?.id }]);
      });

      it('joins what happens in the same household to the same hazard, and keeps another hazard apart', async () => {
        await stage.raise();
        const twin = { ...smoke502, id: 'smoke-502b' };
        await stage.commit(
          stage.log.batch(
            'alarm',
            site(stage.now, smoke502, twin, leak502),
            alarmRecord(twin, stage.now, transition('raised', 1, stage.now)),
          ),
        );
        await stage.commit(
          stage.log.batch(
            'alarm',
            alarmRecord(
              leak502,
              stage.now,
              transition('raised', 1, stage.now, { alarm: 'leak', hazard: 'water', severity: 'minor' }),
            ),
          ),
        );
        const { items } = await stage.records.listIncidents(all, {});
        expect(Object.fromEntries(items.map((one) => [one.hazard, one.alarmCount]))).toEqual({ fire: 2, water: 1 });
      });

      it('does not close an incident because its alarms cleared', async () => {
        await stage.raise();
        await stage.clear();
        expect(await stage.onlyIncident()).toMatchObject({ state: 'open', activeCount: 0, unackedCount: 1 });
        expect(await stage.onlyAlarm()).toMatchObject({ isa: 'returned-unacked', clearedAt: t0 });
      });

      it('opens no second episode while one is open, and counts it', async () => {
        await stage.raise();
        await stage.clear();
        await stage.commit(stage.log.batch('alarm', alarmRecord(smoke502, stage.now, transition('raised', 2, stage.now))));
        expect(await stage.onlyAlarm()).toMatchObject({ occurrences: 2, episode: 2, isa: 'unacked' });
        await expect(
          sql`insert into alarm select (jsonb_populate_record(a, '{"id": "second"}')).id, a.gateway, a.device, a.alarm, a.epoch, a.area, a.device_name,
            a.name, a.hazard, a.episode, a.active, a.severity, a.peak_severity, a.level, a.occurrences, a.raised_at, a.last_at, a.cleared_at,
            a.received_at, a.reason from alarm a`.execute(stage.bench.database.db),
        ).rejects.toThrow();
      });

      it('keeps the newest value of a point when older readings arrive late', async () => {
        await stage.commit(
          stage.log.batch(
            'telemetry',
            readings(meter101, stage.now, { power: 5 }),
            readings(meter101, stage.now - 60_000, { power: 3 }),
          ),
        );
        const detail = await stage.records.deviceDetail(all, { gateway: 'gw-1', device: 'meter-101' });
        expect(detail?.points).toMatchObject([{ point: 'power', value: 5, at: stage.now }]);
        expect(detail?.lastAt).toBe(stage.now);
      });

      it('draws what a device had kept under its own time, and never shows it as the present', async () => {
        const earlier = stage.now - 3_600_000;
        const now = readings(meter101, stage.now, { power: 5 }) as Extract<LogRecord, { kind: 'readings' }>;
        const kept = { point: 'power', value: 3, quality: 'good', at: stage.now, deviceAt: earlier, historical: true } as const;
        await stage.commit(stage.log.batch('telemetry', { ...now, readings: [...now.readings, kept] }));
        const meter = { gateway: 'gw-1', device: 'meter-101' };
        const detail = await stage.records.deviceDetail(all, meter);
        expect(detail?.points).toMatchObject([{ point: 'power', value: 5, at: stage.now }]);
        const drawn = await stage.records.history(all, meter, 'power', { from: earlier, to: earlier + 7_200_000, buckets: 2 });
        expect(drawn?.last).toEqual([3, 5]);
      });

      it('shows a device that spoke before its inventory came', async () => {
        await stage.commit(stage.log.batch('telemetry', readings({ ...meter101, id: 'stranger' }, stage.now, { power: 1 })));
        expect(await stage.records.deviceDetail(all, { gateway: 'gw-1', device: 'stranger' })).toMatchObject({
          name: { zh: 'stranger' },
          area: community,
        });
      });
    });

    describe('a database that went back to an older backup (F29)', () => {
      it('takes the log again from its own cursor and comes to the same alarms and incidents, once each', async () => {
        const batches = [
          stage.log.batch('alarm', alarmRecord(smoke502, t0, transition('raised', 1, t0))),
          stage.log.batch(
            'alarm',
            alarmRecord(leak502, t0 + 1, transition('raised', 1, t0 + 1, { alarm: 'leak', hazard: 'water' })),
          ),
          stage.log.batch('alarm', alarmRecord(smoke502, t0 + 2, transition('cleared', 1, t0 + 2))),
        ];
        const inventory = new LogWriter().batch('alarm', site(t0, smoke502, leak502, meter101));
        for (const batch of batches) await stage.commit(batch);
        const { database, ingest, close } = await stage.workshop.fresh();
        const idsOf = async ({ db }: typeof database) =>
          (await sql`select a.id, a.active, a.occurrences, a.incident from alarm a order by a.id`.execute(db)).rows;
        expect(await ingest.cursor('gw-1', stage.log.epoch)).toMatchObject({ alarm: 0 });
        await ingest.commit('gw-1', [inventory, ...batches.slice(0, 2)], t0 + 60_000);
        await ingest.commit('gw-1', batches, t0 + 61_000);
        const again = await idsOf(database);
        expect(again).toEqual(await idsOf(stage.bench.database));
        expect(again).toHaveLength(2);
        await ingest.commit('gw-1', [inventory, ...batches], t0 + 62_000);
        expect(await idsOf(database)).toEqual(again);
        expect((await sql`select 1 from incident`.execute(database.db)).rows).toHaveLength(2);
        await close();
      });
    });

    describe('a profile that only the gateway knows', () => {
      const profile: SiteProfile = {
        id: meter101.profile,
        name: { zh: '某厂电表', en: 'Some meter' },
        maker: { zh: '某厂' },
        model: 'M1',
        category: 'meter.electricity',
        points: {
          power: { name: { zh: '功率' }, unit: 'W', kind: 'gauge' },
          mode: { name: { zh: '方式' }, unit: '1', kind: 'state', enum: { '2': { value: 'night', name: { zh: '夜间' } } } },
        },
        alarms: { high: { name: { zh: '过载' }, severity: 'major', point: 'power', above: 900 } },
        events: {},
      };

      it('names its points, units, limits and words, and goes when the gateway says otherwise', async () => {
        const inventory = { ...site(stage.now, meter101), profiles: [profile] } as LogRecord;
        await stage.commit(
          stage.log.batch('alarm', inventory),
          stage.log.batch('telemetry', {
            ...readings(meter101, stage.now, { power: 950 }),
            readings: [
              { point: 'power', value: 950, quality: 'good', at: stage.now },
              { point: 'mode', value: 'night', quality: 'good', at: stage.now },
            ],
          } as LogRecord),
        );
        const key = { gateway: 'gw-1', device: 'meter-101' };
        expect(await stage.records.deviceDetail(all, key)).toMatchObject({
          profileName: profile.name,
          category: 'meter.electricity',
          headline: [{ name: { zh: '功率' }, symbol: 'W' }, { valueName: { zh: '夜间' } }],
          points: [
            { point: 'power', unit: 'W', limits: [{ alarm: 'high', above: 900, below: null }] },
            { point: 'mode', valueName: { zh: '夜间' }, chart: 'step' },
          ],
        });
        await stage.commit(stage.log.batch('alarm', { ...site(stage.now, meter101), profiles: [] } as LogRecord));
        expect(await stage.records.deviceDetail(all, key)).toMatchObject({ points: [{ name: { zh: 'mode' } }, { unit: '1' }] });
      });
    });

    describe('what a scope may see', () => {
      it('is nothing where it is empty, everything where its path is empty, and no neighbour that begins alike', async () => {
        await stage.records.putArea({ path: `${community}2`, parent: 'xingfu', kind: 'community', name: '幸福里二期' });
        await stage.raise();
        const seenBy = async (areas: string[]) => (await stage.records.listIncidents({ areas }, {})).total;
        expect(await seenBy([])).toBe(0);
        expect(await seenBy([''])).toBe(1);
        expect(await seenBy([community])).toBe(1);
        expect(await seenBy([`${community}/3/2`])).toBe(1);
        expect(await seenBy([`${community}2`, 'xingfu/dhy', 'xingfu/xf'])).toBe(0);
      });

      it('hides details, devices, history, alarms and stream events alike, and commands on them', async () => {
        await stage.raise();
        const other = { areas: ['xingfu/dhy'] };
        const incident = await stage.onlyIncident();
        const alarm = await stage.onlyAlarm();
        const command = { move: 'confirm' as const, version: incident.version, key: 'k' };
        expect(await stage.records.incidentDetail(other, incident.id)).toBeNull();
        expect(await stage.records.alarm(other, alarm.id)).toBeNull();
        expect(await stage.records.deviceDetail(other, { gateway: 'gw-1', device: 'smoke-502' })).toBeNull();
        expect(
          await stage.records.history(other, { gateway: 'gw-1', device: 'smoke-502' }, 'p', { from: 0, to: 1, buckets: 1 }),
        ).toBeNull();
        expect((await stage.records.streamAfter(other, '0', 100)).events).toEqual([]);
        expect(await stage.records.moveIncident(other, li, incident.id, command)).toMatchObject({
          ok: false,
          refusal: { code: 'not-found' },
          current: null,
        });
        expect((await stage.onlyIncident()).state).toBe('open');
      });
    });

    describe('a gateway that goes silent', () => {
      it('rule 5: so is a recorder, whose cameras are unknown and keep their silence to themselves', async () => {
        const recorder = { ...meter101, id: 'recorder' };
        const camera = { ...leak502, id: 'camera-1', parent: 'recorder' };
        const silent = (nth: number) =>
          transition(nth > 0 ? 'raised' : 'cleared', 1, stage.now, {
            alarm: 'offline',
            hazard: 'communication',
            severity: 'warning',
          });
        const online = { ...alarmRecord(camera, t0), availability: 'online' } as ReturnType<typeof alarmRecord>;
        await stage.commit(stage.log.batch('alarm', site(t0, recorder, camera), online));
        const device = async () => (await stage.records.listDevices(all, { q: 'camera-1' })).items[0]?.availability;
        const alarmOf = async (id: string) => (await stage.records.listAlarms(all, { device: id })).items[0];
        expect(await device()).toBe('online');
        // The poll of the camera failed first, in one and the same batch.
        await stage.commit(stage.log.batch('alarm', alarmRecord(camera, t0, silent(1)), alarmRecord(recorder, t0, silent(1))));
        expect(await alarmOf('recorder')).toMatchObject({ isa: 'unacked', children: 1 });
        expect(await alarmOf('camera-1')).toMatchObject({ isa: 'suppressed', suppressedBy: ['parent:recorder'] });
        expect(await stage.onlyIncident()).toMatchObject({ childCount: 1 });
        expect(await device()).toBe('unknown');
        // Taken out of the inventory, it explains nothing any more.
        await stage.commit(stage.log.batch('alarm', site(t0, { ...camera })));
        await sweep(stage.desk(), stage.now);
        expect(await device()).toBe('online');
        expect(await alarmOf('camera-1')).toMatchObject({ isa: 'unacked', suppressedBy: [] });
      });

      it('rule 5: is one alarm with the number of its devices, which become unknown, and it all comes back', async () => {
        await stage.commit(
          stage.log.batch('alarm', { ...alarmRecord(meter101, stage.now), availability: 'online' } as ReturnType<
            typeof alarmRecord
          >),
        );
        expect((await stage.records.snapshot(all)).devices).toMatchObject({ total: 3, online: 1 });
        expect(await watchGateways(stage.bench.database.db, stage.bench.rules, t0, t0 + 50_000)).toEqual([]);
        const lost = await Promise.all(
          [1, 2].map(() => watchGateways(stage.bench.database.db, stage.bench.rules, t0 + 1, t0 + 50_000)),
        );
        expect(lost.flat()).toEqual(['gw-1']);
        expect(await stage.onlyIncident()).toMatchObject({ hazard: 'communication', childCount: 3, alarmCount: 1 });
        const snapshot = await stage.records.snapshot(all);
        expect(snapshot.devices).toMatchObject({ total: 3, online: 0, unknown: 3 });
        expect(snapshot.gateways.map((one) => [one.id, one.state])).toEqual([
          ['gw-1', 'offline'],
          ['gw-2', 'unclaimed'],
        ]);
        stage.now = t0 + 60_000;
        await stage.bench.ingest.seen('gw-1', stage.now);
        expect((await stage.records.snapshot(all)).devices).toMatchObject({ online: 1, unknown: 2 });
        expect(await stage.onlyAlarm()).toMatchObject({ active: false, isa: 'returned-unacked' });
      });

      it('rule 6: is not offline where a beat came in between: last seen is compared and set', async () => {
        await Promise.all([
          stage.bench.ingest.seen('gw-1', t0 + 49_000),
          watchGateways(stage.bench.database.db, stage.bench.rules, t0 + 1, t0 + 50_000),
        ]);
        expect((await stage.records.listGateways(all))[0]).toMatchObject({ state: 'online', lastSeenAt: t0 + 49_000 });
        await stage.bench.ingest.seen('gw-1', t0 + 20_000);
        expect((await stage.records.listGateways(all))[0]).toMatchObject({ lastSeenAt: t0 + 49_000 });
      });
    });
  });
}
