import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Child } from '../../demo/child.ts';
import { freePort } from '../../demo/ports.ts';
import { Influxd } from '../gateway/store/influxd.ts';
import { describeWith } from '../needs.ts';
import { type Api, Community } from '../stories/community.ts';
import { endOf, until } from '../stories/programs.ts';
import { CloudRows } from './cloud-rows.ts';
import { counterProfile } from './counter-profile.ts';
import { DebianPostgres } from './debian-postgres.ts';
import { NumberingDevice } from './numbering-device.ts';

// Whole programs start and stop here, on machines that do other things as well.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/**
 * Past one machine: the broker, the history and the records are programs that are already there. Each is taken away in
 * the middle and comes back; a device goes on numbering its messages all the while.
 */
describeWith(['influxd', 'mosquitto', 'postgres'], 'engines that exist, each taken away in the middle', () => {
  let community: Community;
  let influxd: Influxd;
  let postgres: DebianPostgres;
  let mosquitto: ChildProcess;
  let mosquittoConf: string;
  let device: NumberingDevice;
  let cloud: Child;
  let gateway: Child;
  let api: Api;
  let hot = false;

  beforeAll(async () => {
    const holder = await Community.make('services');
    community = holder;
    const { programs } = holder;
    influxd = await Influxd.start();
    programs.atEnd(() => influxd.dispose());
    postgres = await DebianPostgres.make(programs);
    holder.cloudArgs = ['--database-url', postgres.url];
    const mqttPort = await freePort(0);
    mosquittoConf = writeMosquittoConf(programs.folder, mqttPort);
    mosquitto = await startMosquitto();
    holder.writeProfile(counterProfile);
    await holder.writeSite({
      profiles: ['profiles'],
      history: { kind: 'influxdb', url: influxd.url, database: 'community' },
      ports: [{ id: 'broker', driver: 'mqtt', connect: `mqtt://127.0.0.1:${mqttPort}` }],
      devices: [
        {
          id: 'counter-1',
          profile: counterProfile.id,
          port: 'broker',
          address: { identity: 'counter-1' },
          name: { zh: '计数器' },
          place: { building: '1' },
        },
      ],
    });
    cloud = (await holder.startCloud()).child;
    api = await holder.signIn('dispatcher');
    await holder.claim();
    gateway = await holder.startGateway();
    await until('the gateway at the broker', async () => (await holder.status()).ports.every(({ wire }) => wire === 'up'));
    const message = (n: number) => ({ topic: 'counter/counter-1', payload: { n, hot } });
    device = new NumberingDevice({ port: mqttPort, identity: 'device-1', secret: '', window: 1, pauseMs: 20, message });
    programs.atEnd(() => device.stop());
  });

  afterAll(() => community?.dispose());

  const startMosquitto = () => community.programs.foreign('/usr/sbin/mosquitto', ['-c', mosquittoConf], 'running');
  const goesOn = async (by = 30) => {
    const before = device.acked.size;
    await until('messages to be acked', () => device.acked.size >= before + by);
  };
  const stillRun = () => expect([gateway.process.exitCode, cloud.process.exitCode]).toEqual([null, null]);
  const incidents = async () => (await api.get<{ items: IncidentSummary[] }>('/api/incidents')).items;
  const accepted = async () => (await community.metrics()).get('yihu_log_accepted_records{lane="telemetry"}') ?? Number.NaN;

  test('an alarm goes through a broker of somebody else into a database of somebody else and is an incident', async () => {
    await goesOn();
    hot = true;
    const [incident] = await until('the incident', async () => {
      const open = await incidents();
      return open.length > 0 && open;
    });
    expect(incident).toMatchObject({ hazard: 'equipment', activeCount: 1 });
    hot = false;
    await until('the alarm to clear', async () => (await incidents())[0]?.activeCount === 0);
    expect(existsSync(join(community.programs.folder, 'cloud/postgres/data'))).toBe(false);
  });

  test('InfluxDB goes and comes back', async () => {
    await influxd.kill();
    await goesOn(60);
    await until('the gateway to say so', async () => (await community.status()).history.state !== 'up');
    await goesOn();
    expect((await community.status()).history.buffered).toBeGreaterThan(0);
    await influxd.run();
    await until('the history to be written', async () => (await community.status()).history.buffered < 20, 60_000);
    stillRun();
  });

  test('Mosquitto is restarted', async () => {
    await endOf(mosquitto);
    await until('the gateway to say so', async () => (await community.status()).ports.some(({ wire }) => wire !== 'up'));
    mosquitto = await startMosquitto();
    await goesOn();
    await until('the gateway at the broker', async () => (await community.status()).ports.every(({ wire }) => wire === 'up'));
    stillRun();
  });

  test('PostgreSQL goes and comes back', async () => {
    await postgres.stop();
    await goesOn(60);
    const health = await fetch(new URL('/health', community.url));
    expect([health.status, await health.json()]).toMatchObject([503, { database: 'unavailable' }]);
    await until('records to wait at the gateway', async () => ((await community.status()).uplink?.buffered.telemetry ?? 0) > 20);
    await postgres.start();
    await until('all of it sent', async () => ((await community.status()).uplink?.buffered.telemetry ?? 99) < 20, 60_000);
    stillRun();
    expect((await fetch(new URL('/health', community.url))).status).toBe(200);
  });

  test('in the end every number is in the records and in the history, as often as the gateway took it, and in order', async () => {
    await device.finish();
    const waiting = async () => {
      const { uplink, history } = await community.status();
      return (uplink?.buffered.telemetry ?? 1) + (uplink?.buffered.alarm ?? 1) + history.buffered;
    };
    const rows = await CloudRows.open(postgres.url);
    community.programs.atEnd(() => rows.close());
    // What Mosquitto has acked may still be on its way to the gateway.
    const recorded = await until(
      'everything to arrive',
      async () => {
        const numbers = (await rows.readings('counter-1')).map(({ n }) => n);
        const missing = [...device.acked].some((n) => !numbers.includes(n));
        return missing || (await waiting()) > 0 ? null : numbers;
      },
      60_000,
      500,
    );
    const taken = await accepted();
    const [cursor] = await rows.cursors(community.gatewayId);
    const lines = (await rows.alarmLines('counter-1', 'hot')).map(({ kind }) => kind);
    const written = influxd.influx(`SELECT "value" FROM reading WHERE "device" = 'counter-1' AND "point" = 'n'`, 'community');
    const drawn = written
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',').at(-1)));
    for (const numbers of [recorded, drawn]) {
      const kept = new Set(numbers);
      expect([...device.acked].filter((n) => !kept.has(n))).toEqual([]);
      expect([...kept]).toEqual([...kept].toSorted((a, b) => a - b));
      expect(numbers).toHaveLength(taken);
    }
    const counted = influxd.influx(`SELECT count("value") FROM reading WHERE "point" = 'n'`, 'community');
    expect(counted.trim().split('\n').at(-1)).toBe(`reading,0,${taken}`);
    expect(cursor).toMatchObject({ delivered_telemetry: taken, gaps_telemetry: 0, gaps_alarm: 0 });
    expect(lines).toEqual(['alarm-raised', 'alarm-cleared']);
  });
});

function writeMosquittoConf(folder: string, port: number): string {
  const data = join(folder, 'mosquitto');
  mkdirSync(data);
  const file = join(data, 'mosquitto.conf');
  const settings = {
    listener: `${port} 127.0.0.1`,
    allow_anonymous: true,
    persistence: true,
    persistence_location: `${data}/`,
    max_queued_messages: 0,
    // Started by root it would become an account that may not write here.
    user: 'root',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
