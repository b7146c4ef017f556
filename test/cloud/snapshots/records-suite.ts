import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import { createPictures, dropOldSnapshots } from '../../../cloud/records/snapshot-pictures.ts';
import type { Server } from '../records/servers.ts';
import { all, useStage } from '../records/stage.ts';
import { alarmRecord, community, LogWriter, site, smoke502, t0, transition } from '../records/workshop.ts';
import { headerOf, makePicture, missingRecord, sendPicture, takenRecord } from './picture.ts';

const camera: SiteDevice = {
  id: 'cam-3-2',
  profile: 'onvif.camera',
  name: { zh: '3栋2单元门厅', en: 'Hall 3-2' },
  place: { building: '3', unit: '2' },
};
const smoke = { device: 'smoke-502', alarm: 'smoke', episode: 1 };

/** Pictures in the tables: what a gateway says of them, their parts, who may see them, and when they go. */
export function snapshotSuite(name: string, start: () => Promise<Server>): void {
  describe(`snapshots on ${name}`, () => {
    const stage = useStage(start);
    const pictures = () => createPictures(stage.bench.database, stage.bench.rules);
    const count = async (table: string) =>
      (await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(stage.bench.database.db)).rows[0]?.n;
    const spoken = (...records: Parameters<LogWriter['batch']>[1][]) => stage.commit(stage.log.batch('alarm', ...records));
    const withCamera = () => spoken(site(t0, smoke502, camera));

    it('stand at their alarm and its incident: first on the way, then here, and the screens are told each time', async () => {
      await withCamera();
      await stage.raise();
      const picture = makePicture(1);
      const before = await stage.records.latestStreamId();
      await spoken(takenRecord(picture, camera.id, t0 + 900, smoke));
      const [coming] = (await stage.onlyAlarm()).snapshots ?? [];
      expect(coming).toMatchObject({ camera: camera.id, cameraName: camera.name, at: t0 + 900, state: 'coming', missing: null });
      expect(await stage.records.picture(all, coming?.id ?? '')).toBeNull();
      expect(await sendPicture(pictures(), 'gw-1', picture, t0 + 1_500)).toEqual([{ have: picture.bytes.length, state: 'kept' }]);
      const incident = await stage.onlyIncident();
      expect(incident.alarms[0]?.snapshots).toEqual([{ ...coming, state: 'here' }]);
      const seen = await stage.records.picture(all, coming?.id ?? '');
      expect(seen?.bytes.equals(picture.bytes)).toBe(true);
      expect(seen).toMatchObject({ atHome: false, open: true, areas: [`${community}/3/2/502`] });
      const { events } = await stage.records.streamAfter(all, before, 100);
      expect(events.map(({ event }) => event.type)).toEqual(['alarm', 'incident', 'alarm', 'incident']);
      expect(events.at(-2)?.event).toMatchObject({ type: 'alarm', alarm: { snapshots: [{ state: 'here' }] } });
    });

    it('say why there is none, also when it was taken and then lost on the way', async () => {
      await withCamera();
      await stage.raise();
      const picture = makePicture(2);
      await spoken(
        missingRecord('a'.repeat(32), camera.id, t0, 'no-answer', smoke),
        takenRecord(picture, camera.id, t0 + 5, smoke),
      );
      await spoken(missingRecord(picture.id, camera.id, t0 + 9, 'dropped'));
      const states = (await stage.onlyAlarm()).snapshots?.map(({ state, missing }) => [state, missing]);
      expect(states).toEqual([
        ['missing', 'no-answer'],
        ['missing', 'dropped'],
      ]);
      // The gateway may have sent it all the same a moment before: it is thanked, and nothing changes.
      expect(await sendPicture(pictures(), 'gw-1', picture, t0)).toEqual([{ have: picture.bytes.length, state: 'kept' }]);
      expect(await count('snapshot_picture')).toBe(0);
    });

    it('in parts, each answered by how far we have it: a part twice, one too early and one after a restart change nothing', async () => {
      await withCamera();
      await stage.raise();
      const picture = makePicture(3, 70_000);
      const take = (offset: number, to: number, at = t0) =>
        pictures().part('gw-1', headerOf(picture, offset), picture.bytes.subarray(offset, to), at);
      expect(await take(0, 32_768)).toEqual({ have: 0, state: 'unknown' });
      await spoken(takenRecord(picture, camera.id, t0, smoke));
      expect(await take(0, 32_768)).toEqual({ have: 32_768, state: 'more' });
      expect(await take(0, 32_768)).toEqual({ have: 32_768, state: 'more' });
      expect(await take(65_536, picture.bytes.length)).toEqual({ have: 32_768, state: 'more' });
      // Another worker, or this one after a restart: what is committed is all it needs to know.
      expect(await take(32_768, 65_536)).toEqual({ have: 65_536, state: 'more' });
      expect(await take(65_536, picture.bytes.length)).toEqual({ have: picture.bytes.length, state: 'kept' });
      expect(await take(0, 32_768)).toEqual({ have: picture.bytes.length, state: 'kept' });
      expect([await count('snapshot_part'), await count('snapshot_picture')]).toEqual([0, 1]);
    });

    it('are thrown away and begun anew when they do not fit their hash; what is no picture is refused for ever', async () => {
      await withCamera();
      await stage.raise();
      const picture = makePicture(4);
      await spoken(takenRecord(picture, camera.id, t0, smoke));
      const damaged = Buffer.from(picture.bytes);
      damaged[50] = (damaged[50] ?? 0) ^ 1;
      expect(await pictures().part('gw-1', headerOf(picture, 0), damaged, t0)).toEqual({ have: 0, state: 'more' });
      expect(await count('snapshot_part')).toBe(0);
      expect(await sendPicture(pictures(), 'gw-1', picture, t0)).toEqual([{ have: picture.bytes.length, state: 'kept' }]);
      const bytes = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
      const page = { id: 'b'.repeat(32), bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
      await spoken(takenRecord(page, camera.id, t0 + 1, smoke));
      expect(await sendPicture(pictures(), 'gw-1', page, t0)).toEqual([{ have: 0, state: 'refused' }]);
      expect(await count('snapshot_picture')).toBe(1);
      expect((await stage.onlyAlarm()).snapshots?.map(({ state, missing }) => [state, missing])).toEqual([
        ['here', null],
        ['missing', 'not-a-picture'],
      ]);
    });

    it('of another length or hash than their record says, or of another gateway, are not taken', async () => {
      await withCamera();
      await stage.raise();
      const [picture, other] = [makePicture(6), makePicture(7)];
      await spoken(takenRecord(picture, camera.id, t0, smoke));
      const foreign = { ...other, id: picture.id };
      expect(await sendPicture(pictures(), 'gw-1', foreign, t0)).toEqual([{ have: 0, state: 'refused' }]);
      expect(await sendPicture(pictures(), 'gw-2', picture, t0)).toEqual([{ have: 0, state: 'unknown' }]);
    });

    it('keep one unfinished picture per gateway, so that parts never pile up', async () => {
      await withCamera();
      await stage.raise();
      for (const seed of [8, 9, 10]) {
        const picture = makePicture(seed, 40_000);
        await spoken(takenRecord(picture, camera.id, t0, smoke));
        await pictures().part('gw-1', headerOf(picture, 0), picture.bytes.subarray(0, 32_768), t0);
      }
      expect(await count('snapshot_part')).toBe(1);
    });

    it('go to the occurrence they are of, also when the alarm has gone on or begun anew meanwhile', async () => {
      await withCamera();
      await stage.raise();
      await stage.clear(1);
      const first = await stage.onlyAlarm();
      await stage.records.moveAlarm(all, { id: 'u', name: 'u' }, first.id, {
        move: 'ack',
        version: first.version,
        key: 'key-0001',
      });
      await spoken(alarmRecord(smoke502, t0 + 5_000, transition('raised', 2, t0 + 5_000)));
      await spoken(
        takenRecord(makePicture(11), camera.id, t0 + 100, smoke),
        takenRecord(makePicture(12), camera.id, t0 + 5_100, { ...smoke, episode: 2 }),
      );
      const { items } = await stage.records.listAlarms(all, {});
      expect(items.map(({ episode, snapshots }) => [episode, snapshots?.map(({ at }) => at)])).toEqual([
        [2, [t0 + 5_100]],
        [1, [t0 + 100]],
      ]);
      // A log that began anew counts from 1 again.
      const anew = new LogWriter('e2');
      await stage.commit(anew.batch('alarm', alarmRecord(smoke502, t0 + 9_000, transition('raised', 1, t0 + 9_000))));
      await stage.commit(anew.batch('alarm', takenRecord(makePicture(13), camera.id, t0 + 9_100, smoke)));
      const open = (await stage.records.listAlarms(all, { open: true })).items;
      expect(open.map(({ snapshots }) => snapshots?.map(({ at }) => at))).toEqual([[t0 + 5_100, t0 + 9_100]]);
    });

    it('share one picture among many alarms; a replay of the whole log changes nothing', async () => {
      const twin = { ...smoke502, id: 'smoke-503', place: { building: '3', unit: '2', room: '503' } };
      const log = new LogWriter();
      const batch = log.batch(
        'alarm',
        site(t0, smoke502, twin, camera),
        alarmRecord(smoke502, t0, transition('raised', 1, t0)),
        alarmRecord(twin, t0, transition('raised', 1, t0)),
        takenRecord(makePicture(14), camera.id, t0 + 50, smoke, { ...smoke, device: twin.id }),
      );
      const fresh = await stage.workshop.fresh();
      await fresh.ingest.commit('gw-1', [batch], t0);
      await fresh.ingest.commit('gw-1', [batch], t0 + 1);
      const { rows } = await sql`select a.device from snapshot_alarm l join alarm a on a.id = l.alarm order by a.device`.execute(
        fresh.database.db,
      );
      await fresh.close();
      expect(rows).toEqual([{ device: 'smoke-502' }, { device: 'smoke-503' }]);
    });

    it('show only the newest of an alarm that goes on and on', async () => {
      await withCamera();
      await stage.raise();
      const many = Array.from({ length: 12 }, (_, nth) => takenRecord(makePicture(100 + nth), camera.id, t0 + nth, smoke));
      await spoken(...many);
      expect((await stage.onlyAlarm()).snapshots?.map(({ at }) => at - t0)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
    });

    it('do not exist for who sees none of their alarms, whatever else they may see', async () => {
      await withCamera();
      await stage.raise();
      const picture = makePicture(15);
      await spoken(takenRecord(picture, camera.id, t0, smoke));
      await sendPicture(pictures(), 'gw-1', picture, t0);
      const id = (await stage.onlyAlarm()).snapshots?.[0]?.id ?? '';
      for (const areas of [['xingfu/dhy'], [`${community}/3/2/501`], [`${community}/3/2/50`], []])
        expect(await stage.records.picture({ areas }, id), areas.join()).toBeNull();
      expect(await stage.records.picture({ areas: [`${community}/3`] }, id)).not.toBeNull();
    });

    it('go with the retention, bytes and all, and leave their alarms', async () => {
      await withCamera();
      await stage.raise();
      const picture = makePicture(16);
      await spoken(takenRecord(picture, camera.id, t0, smoke));
      await sendPicture(pictures(), 'gw-1', picture, t0);
      const { db } = stage.bench.database;
      expect(await dropOldSnapshots(db, t0, 100)).toBe(0);
      expect(await dropOldSnapshots(db, t0 + 1, 100)).toBe(1);
      expect([await count('snapshot_picture'), await count('snapshot_alarm')]).toEqual([0, 0]);
      expect((await stage.onlyAlarm()).snapshots).toBeUndefined();
      // Its gateway may still ask.
      expect(await sendPicture(pictures(), 'gw-1', picture, t0)).toEqual([{ have: 0, state: 'unknown' }]);
    });
  });
}
