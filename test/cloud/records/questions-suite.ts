import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Records } from '../../../cloud/records/records.ts';
import { StreamBell } from '../../../cloud/records/wake.ts';
import { systemClock } from '../../../cloud/clock.ts';
import type { Server } from './servers.ts';
import { all, li, useStage } from './stage.ts';
import { community, meter101, readings, t0 } from './workshop.ts';

/** Lists, charts, counts and the event stream, over one kind of server. */
export function questionsSuite(name: string, start: () => Promise<Server>): void {
  describe(`records on ${name}: questions`, () => {
    const stage = useStage(start);

    describe('lists', () => {
      it('finds devices by words, pinyin, initials and place', async () => {
        const found = async (q: string) => (await stage.records.listDevices(all, { q })).items.map((one) => one.id);
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
          const page: Awaited<ReturnType<Records['listDevices']>> = await stage.records.listDevices(all, {
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
        await stage.raise();
        const { areas, alarmsPerHour } = await stage.records.overview(all);
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
        await stage.commit(
          stage.log.batch(
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
        const drawn = await stage.records.history(all, { gateway: 'gw-1', device: 'meter-101' }, 'power', {
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
        await stage.commit(
          stage.log.batch('telemetry', readings(meter101, stage.now, { power: 1 }), {
            kind: 'gap',
            at: stage.now,
            reason: 'evicted',
            count: 40,
          }),
        );
        const hello = { schema: 'yihu-uplink/1' as const, gateway: 'gw-1', epoch: 'e1', version: '0', at: stage.now + 7 };
        await stage.bench.ingest.hello(
          'gw-1',
          { ...hello, last: { alarm: 1, telemetry: 100 }, first: { alarm: 1, telemetry: 1 } },
          stage.now + 10,
        );
        const numbers = await stage.records.conservation(all);
        expect(numbers).toMatchObject([
          { lane: 'alarm', accepted: 1, delivered: 1, buffered: 0, gaps: 0 },
          { lane: 'telemetry', accepted: 100, delivered: 1, buffered: 59, gaps: 40 },
        ]);
        for (const one of numbers) expect(one.accepted).toBe(one.delivered + one.buffered + one.gaps);
        expect((await stage.records.listGateways(all))[0]).toMatchObject({
          backlog: { alarm: 0, telemetry: 59 },
          clockSkewMs: -3,
        });
      });
    });

    describe('the stream', () => {
      it('shows ids without holes to a reader while others commit', async () => {
        await stage.raise();
        const incident = await stage.onlyIncident();
        const from = await stage.records.latestStreamId();
        let done = false;
        const write = async (who: number) => {
          for (let turn = 0; turn < 5; turn++) {
            await stage.records.addNote(all, li, incident.id, { text: `${who} ${turn}`, key: `${who}-${turn}` });
          }
        };
        const writing = Promise.all([1, 2, 3, 4].map(write)).finally(() => (done = true));
        const seen: number[] = [];
        for (let last = from; ;) {
          const finished = done;
          const page = await stage.records.streamAfter(all, last, 7);
          expect(page.resync).toBe(false);
          seen.push(...page.events.map((one) => Number(one.id)));
          last = page.last;
          if (finished && page.events.length === 0) break;
        }
        await writing;
        expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => Number(from) + 1 + index));
      });

      it('asks for a new start where the events asked for are gone, and of one from another life', async () => {
        await stage.raise();
        const last = await stage.records.latestStreamId();
        await sql`delete from stream_event where id < 3`.execute(stage.bench.database.db);
        expect((await stage.records.streamAfter(all, '0', 10)).resync).toBe(true);
        expect((await stage.records.streamAfter(all, last, 10)).resync).toBe(false);
        expect((await stage.records.streamAfter(all, '99999', 10)).resync).toBe(true);
        expect((await stage.records.streamAfter(all, 'x', 10)).resync).toBe(true);
      });

      it('wakes its readers after a commit', async () => {
        const bell = new StreamBell(stage.bench.database.connection, systemClock);
        const rings: (() => void)[] = [];
        const rung = () => new Promise<void>((resolve) => rings.push(resolve));
        const first = rung();
        bell.listen(() => rings.shift()?.());
        await first;
        const second = rung();
        await stage.raise();
        await second;
        await bell.close();
      });
    });
  });
}
