import type { SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ownerOf } from '../../../cloud/accept/owner.ts';
import { type Database, openMigratedDatabase } from '../../../cloud/records/database.ts';
import { putArea, putGateway } from '../../../cloud/records/registry.ts';
import { systemClock } from '../../../cloud/clock.ts';
import type { Child } from '../../../demo/child.ts';
import type { MemoryLog } from '../../../gateway/store/memory-log.ts';
import type { Uplink } from '../../../gateway/uplink/uplink.ts';
import { newLog, uplinkTo } from '../../gateway/uplink/cloud-and-gateway.ts';
import { describeWith } from '../../needs.ts';
import { debianServer } from '../records/servers.ts';
import { alarmRecord, readings, site, smoke502, transition } from '../records/workshop.ts';
import { Cluster, killed } from './cluster.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

const gateways = 12;
const detectors = 6;
const rounds = 40;
const linesPerRound = 5;

/** A gateway in a building of its own, whose detectors are in flats of their own: every alarm is an incident. */
class Speaker {
  readonly id: string;
  readonly devices: readonly SiteDevice[];
  readonly log: MemoryLog;
  uplink: Uplink | null = null;
  #round = 0;

  constructor(nth: number) {
    this.id = `gw-${nth}`;
    this.log = newLog(`e-${nth}`);
    this.devices = Array.from({ length: detectors }, (_, device) => ({
      ...smoke502,
      id: `smoke-${device}`,
      place: { building: String(nth), unit: '1', room: String(101 + device) },
    }));
  }

  async begin(): Promise<void> {
    await this.log.append({ alarm: [site(systemClock.now(), ...this.devices)], telemetry: [], state: [] });
  }

  /** Some readings, and now and then the next detector's alarm. */
  async speak(): Promise<void> {
    const at = systemClock.now();
    const [first] = this.devices;
    if (!first) return;
    const round = this.#round++;
    const telemetry = Array.from({ length: linesPerRound }, (_, nth) =>
      readings(first, at + nth, { n: round * linesPerRound + nth }),
    );
    const alarming = round % 5 === 0 ? this.devices[round / 5] : undefined;
    const alarm = alarming ? [alarmRecord(alarming, at, transition('raised', 1, at))] : [];
    await this.log.append({ alarm, telemetry, state: [] });
  }
}

describeWith(['mosquitto', 'postgres'], 'past one machine', () => {
  let cluster: Cluster;
  let database: Database;
  const workers: Record<string, Child> = {};
  const speakers = Array.from({ length: gateways }, (_, nth) => new Speaker(nth + 1));
  const db = () => database.db;
  const one = async (query: ReturnType<typeof sql<{ n: number }>>) => Number((await query.execute(db())).rows[0]?.n);

  beforeAll(async () => {
    cluster = await Cluster.start(debianServer);
    database = await openMigratedDatabase(cluster.connection ?? '');
    await putArea(db(), { path: 'xingfu', parent: null, kind: 'street', name: '幸福街道' });
    for (const { id } of speakers) {
      const path = `xingfu/c${id.slice(3)}`;
      await putArea(db(), { path, parent: 'xingfu', kind: 'community', name: id });
      await putGateway(db(), { id, name: { zh: id }, area: path });
    }
    // The first one makes the key of the personal data; the others are given it.
    const start = async (name: string) => (workers[name] = await cluster.worker(name, name.startsWith('a') ? 'accept' : 'sweep'));
    await start('a1');
    await Promise.all(['a2', 's1', 's2'].map(start));
    for (const speaker of speakers) {
      await speaker.begin();
      speaker.uplink = uplinkTo(await cluster.identity(speaker.id), speaker.log, { gateway: speaker.id });
    }
  });
  afterAll(async () => {
    for (const { uplink } of speakers) await uplink?.stop();
    await database?.close();
    await cluster?.stop();
  });

  const acked = () => speakers.map(({ uplink }) => uplink?.state().cursor ?? null);
  const ends = () => Promise.all(speakers.map(async ({ log }) => (await log.stats()).lanes));
  const caughtUp = async () => {
    const [cursors, lanes] = [acked(), await ends()];
    return lanes.every(
      ({ alarm, telemetry }, nth) => cursors[nth]?.alarm === alarm.last && cursors[nth]?.telemetry === telemetry.last,
    );
  };

  test('two accept workers, one killed under load: nothing is lost, nothing is doubled, and the other goes on at once', async () => {
    await expect.poll(() => speakers.every(({ uplink }) => uplink?.state().wire === 'connected'), { timeout: 60_000 }).toBe(true);
    const ofTheKilled = speakers.filter(({ id }) => ownerOf(id, ['a1', 'a2']) === 'a1');
    expect(ofTheKilled.length).toBeGreaterThan(2);
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(speakers.map((speaker) => speaker.speak()));
      if (round === rounds / 2) await killed(workers['a1']?.process as never);
      await systemClock.sleep(50);
    }
    const killedAt = systemClock.mono();
    await expect.poll(caughtUp, { timeout: 60_000, interval: 100 }).toBe(true);
    const caughtUpMs = systemClock.mono() - killedAt;
    // What a gateway holds for committed is committed: the same ends in the database, and each record once.
    const { rows } = await sql<{ gateway: string; epoch: string; alarm: number; telemetry: number }>`
      select gateway, epoch, alarm, telemetry from ingest_cursor order by gateway`.execute(db());
    const cursors = new Map(rows.map(({ gateway, ...cursor }) => [gateway, cursor]));
    speakers.forEach(({ id }, nth) =>
      expect(cursors.get(id), id).toMatchObject({ epoch: `e-${nth + 1}`, ...pick(acked()[nth]) }),
    );
    expect(await one(sql`select count(*)::int as n from telemetry`)).toBe(gateways * rounds * linesPerRound);
    expect(await one(sql`select count(distinct (log, seq))::int as n from telemetry`)).toBe(gateways * rounds * linesPerRound);
    expect(await one(sql`select count(*)::int as n from alarm`)).toBe(gateways * detectors);
    expect(await one(sql`select count(*)::int as n from alarm where occurrences <> 1`)).toBe(0);
    expect(await one(sql`select count(*)::int as n from incident`)).toBe(gateways * detectors);
    expect(await one(sql`select count(*)::int as n from timeline where kind = 'alarm-raised'`)).toBe(gateways * detectors);
    expect(await one(sql`select count(*)::int as n from gap`)).toBe(0);
    // A silent cloud is noticed by a gateway after 20 s; whoever takes its gateways over tells them long before.
    expect(caughtUpMs).toBeLessThan(15_000);
  });

  test('two sweepers, one killed in the middle of 216 steps: none is skipped, none is done twice', async () => {
    const soon = systemClock.now() + 1000;
    await sql`update due set due_at = ${soon}::bigint + step * 800 + (id % 800) where kind = 'escalation'`.execute(db());
    const steps = () => one(sql`select count(*)::int as n from timeline where kind = 'escalation'`);
    await expect.poll(steps, { timeout: 30_000, interval: 50 }).toBeGreaterThan(20);
    await killed(workers['s1']?.process as never);
    await expect.poll(steps, { timeout: 30_000 }).toBe(gateways * detectors * 3);
    const { rows } = await sql<{ steps: string }>`select string_agg(data::jsonb ->> 'step', ',' order by seq) as steps
      from timeline where kind = 'escalation' group by incident`.execute(db());
    expect(rows.map((row) => row.steps)).toEqual(Array.from({ length: gateways * detectors }, () => '1,2,3'));
    const done = await sql<{
      worker: string;
      done: number;
    }>`select worker, sum(done)::int as done from sweep_run group by worker`.execute(db());
    expect(done.rows.map(({ worker }) => worker).sort()).toEqual(['s1', 's2']);
  });

  test('a worker that comes in later takes its share, and a revoked gateway is not heard any more', async () => {
    workers['a3'] = await cluster.worker('a3', 'accept');
    const [revoked, other] = speakers;
    await sql`update gateway set state = 'revoked' where id = 'gw-1'`.execute(db());
    await Promise.all([revoked?.speak(), other?.speak()]);
    await expect.poll(async () => (await ends())[1]?.telemetry.last === acked()[1]?.telemetry, { timeout: 30_000 }).toBe(true);
    const held = await one(sql`select telemetry as n from ingest_cursor where gateway = 'gw-1'`);
    expect(held).toBe(rounds * linesPerRound);
  });
});

function pick(cursor: { alarm: number; telemetry: number } | null | undefined) {
  return { alarm: cursor?.alarm, telemetry: cursor?.telemetry };
}
