import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Child } from '../../demo/child.ts';
import { freePort } from '../../demo/ports.ts';
import { systemClock } from '../../gateway/clock.ts';
import { issueSecret } from '../../gateway/collect/mqtt/secret.ts';
import { describeWith } from '../needs.ts';
import { Community, type Metrics } from '../stories/community.ts';
import { ModbusServer } from '../stories/modbus-server.ts';
import { until } from '../stories/programs.ts';
import { switchRoom } from '../stories/switch-room.ts';
import { CloudRows, type NumberRow } from './cloud-rows.ts';
import { counterProfile } from './counter-profile.ts';
import { NumberingDevice } from './numbering-device.ts';
import { chanceOf } from './tcp-proxy.ts';

/** `KILLS=1000` for a longer campaign, `SEED=…` to run the same moments again. Half of the kills are each program's. */
const kills = Number(process.env['KILLS'] ?? 20);
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const campaignMs = 60_000 + kills * 10_000;

/** One in flight, so that its alarm goes up and down by a plan: hot for 20 numbers, then cool for 20. */
const alarming = ['counter-1', 'counter-2', 'counter-3'];
/** Several in flight, as fast as they may. */
const streaming = ['stream-1', 'stream-2'];
const isHot = (n: number) => Math.floor(n / 20) % 2 === 1;
/** Every seventh number is an event and not a reading. */
const isTick = (n: number) => n % 7 === 0;

interface Killed {
  /** Pids, to see that each kill met a process of its own. */
  readonly pids: Set<number>;
  /** Kills of a process that had said it was up, and of one that was still starting. */
  up: number;
  starting: number;
}

/** Starts a program, kills it at a random moment, starts it again at once; ends with one that is up. */
async function killAgainAndAgain(start: () => Child, times: number, chance: () => number): Promise<Killed> {
  const killed: Killed = { pids: new Set(), up: 0, starting: 0 };
  let child = start();
  for (let i = 0; i < times; i++) {
    const early = chance() < 0.15;
    if (!early) await child.started;
    const up = systemClock.sleep(chance() * (early ? 1_500 : 900));
    // A program that ends by itself has failed, whatever the reason.
    await Promise.race([up, child.ended.then(async () => void (await child.started))]);
    const { pid } = child.process;
    if (child.process.exitCode !== null || pid === undefined) throw new Error(`ended by itself with ${child.process.exitCode}`);
    killed.pids.add(pid);
    killed[early ? 'starting' : 'up']++;
    child.process.kill('SIGKILL');
    await child.ended;
    child = start();
  }
  await child.started;
  return killed;
}

describeWith(['pymodbus'], `${kills} kills under load, seed ${seed}`, () => {
  let community: Community;
  let server: ModbusServer;
  let devices: Map<string, NumberingDevice>;
  let rows: CloudRows;
  let ending: Metrics;

  beforeAll(async () => {
    process.stdout.write(`kill.test: SEED=${seed} KILLS=${kills}\n`);
    community = await Community.make('kill');
    const { programs } = community;
    server = await ModbusServer.start(programs);
    const mqttPort = await freePort(0);
    const deviceKeyFile = join(programs.folder, 'device.key');
    const secrets = new Map([...alarming, ...streaming].map((id) => [id, issueSecret(deviceKeyFile)]));
    community.writeProfile(switchRoom);
    community.writeProfile(counterProfile);
    await community.writeSite({
      profiles: ['profiles'],
      ports: [
        { id: 'room', driver: 'modbus', mode: 'tcp', host: '127.0.0.1', port: server.port },
        { id: 'wireless', driver: 'mqtt', listen: `127.0.0.1:${mqttPort}`, login: 'required', deviceKeyFile },
      ],
      devices: [
        { id: 'busbar-1', profile: switchRoom.id, port: 'room', address: { unit: 1 }, name: { zh: '1号母排' } },
        ...[...secrets].map(([id, { hash }]) => ({
          id,
          profile: counterProfile.id,
          port: 'wireless',
          address: { identity: id, secret: hash },
          name: { zh: id },
          place: { building: id.slice(-1) },
        })),
      ],
    });
    const first = await community.startCloud();
    await community.claim();
    first.child.process.kill('SIGTERM');
    await first.child.ended;
    devices = new Map(
      [...secrets].map(([identity, { secret }]) => {
        const pace = streaming.includes(identity) ? { window: 6, pauseMs: 60 } : { window: 1, pauseMs: 15 };
        const message = (n: number) =>
          isTick(n)
            ? { topic: `counter/${identity}/event`, payload: { n: String(n) } }
            : { topic: `counter/${identity}`, payload: { n, hot: alarming.includes(identity) && isHot(n) } };
        return [identity, new NumberingDevice({ port: mqttPort, identity, secret, message, ...pace })];
      }),
    );
    programs.atEnd(() => devices.forEach((device) => device.stop()));
  }, 120_000);

  afterAll(() => community?.dispose(), 120_000);

  test(
    'both come back each time, and in the end everything is where it belongs',
    async () => {
      const half = Math.floor(kills / 2);
      const walking = walkTheModbusValue();
      const [gateway, cloud] = await Promise.all([
        killAgainAndAgain(() => community.launchGateway(), half, chanceOf(seed)),
        killAgainAndAgain(() => community.launchCloud(), kills - half, chanceOf(seed + 1)),
      ]);
      walking.stop = true;
      await walking.ended;
      process.stdout.write(`kill.test: gateway ${sayKilled(gateway)}, cloud ${sayKilled(cloud)}\n`);
      expect([gateway.pids.size, cloud.pids.size]).toEqual([half, kills - half]);
      await Promise.all([...devices.values()].map((device) => device.finish()));
      rows = await CloudRows.ofFolder(join(community.programs.folder, 'cloud'));
      community.programs.atEnd(() => rows.close());
      await seeTheModbusAlarm('alarm-raised', 950);
      await seeTheModbusAlarm('alarm-cleared', 400);
      // The Modbus values go on coming, so the two are looked at until one look finds them at the same place.
      ending = await until('gateway and cloud at the same place', allArrived, 60_000, 200);
    },
    campaignMs,
  );

  /** The register goes up and down while programs die, so that polls are read, and its alarm is raised and cleared. */
  function walkTheModbusValue(): { stop: boolean; ended: Promise<void> } {
    const walking = { stop: false, ended: Promise.resolve() };
    walking.ended = (async () => {
      for (let n = 0; !walking.stop; n++) {
        await server.tell(`set 0 ${n % 2 === 0 ? 950 : 400}`);
        await systemClock.sleep(2_500);
      }
      await server.tell('set 0 400');
    })();
    return walking;
  }

  /** Where every poll in between was killed, one that was not is seen now. */
  async function seeTheModbusAlarm(kind: string, value: number): Promise<void> {
    await server.tell(`set 0 ${value}`);
    await until(kind, async () => (await rows.alarmLines('busbar-1', 'hot')).at(-1)?.kind === kind, 60_000, 200);
  }

  async function allArrived(): Promise<Metrics | null> {
    const before = await community.metrics();
    const [cursor] = await rows.cursors(community.gatewayId);
    const after = await community.metrics();
    const at = (metrics: Metrics, lane: string) => metrics.get(`yihu_log_accepted_records{lane="${lane}"}`);
    const same = (['alarm', 'telemetry'] as const).every(
      (lane) => at(before, lane) === at(after, lane) && cursor?.[lane] === at(after, lane) && buffered(after, lane) === 0,
    );
    return same ? after : null;
  }

  const fate = (metrics: Metrics, lane: string, of: string) =>
    metrics.get(`yihu_log_records{lane="${lane}",reader="uplink",fate="${of}"}`) ?? Number.NaN;
  const buffered = (metrics: Metrics, lane: string) => fate(metrics, lane, 'buffered');

  test('accepted = delivered + buffered + gaps at the gateway, and the cloud counts the same', async () => {
    const cursors = await rows.cursors(community.gatewayId);
    expect(cursors).toHaveLength(1);
    for (const lane of ['alarm', 'telemetry'] as const) {
      const accepted = ending.get(`yihu_log_accepted_records{lane="${lane}"}`) ?? Number.NaN;
      const parts = ['delivered', 'buffered', 'gap'].map((of) => fate(ending, lane, of));
      expect(accepted).toBe(parts.reduce((sum, part) => sum + part, 0));
      expect(parts.slice(1)).toEqual([0, 0]);
      expect(cursors[0]?.[`delivered_${lane}`]).toBe(accepted);
      expect(cursors[0]?.[`gaps_${lane}`]).toBe(0);
      expect(ending.get(`yihu_log_conservation_error{lane="${lane}",reader="history"}`)).toBe(0);
    }
    const { records, doubled } = await rows.telemetryCount();
    expect([records, doubled]).toEqual([Number(cursors[0]?.delivered_telemetry), 0]);
  });

  test.each([...alarming, ...streaming])('nothing that %s was told is kept is lost, doubled or out of order', async (id) => {
    const device = devices.get(id);
    if (!device) throw new Error(id);
    const [readings, ticks] = [await rows.readings(id), await rows.ticks(id)];
    expect(device.acked.size).toBeGreaterThan(kills);
    const kept = [...readings, ...ticks];
    const times = new Map<number, number>();
    for (const { n } of kept) times.set(n, (times.get(n) ?? 0) + 1);
    expect([...device.acked].filter((n) => !times.has(n))).toEqual([]);
    const tooOften = [...times].filter(([n, count]) => count > (device.sends.get(n) ?? 0));
    expect(tooOften).toEqual([]);
    for (const lane of [readings, ticks]) {
      const first = firstTimes(lane);
      expect(first).toEqual(first.toSorted((a, b) => a - b));
    }
  });

  test.each(alarming)('the alarm of %s went up and down by its plan, each step once', async (id) => {
    const device = devices.get(id);
    const lines = (await rows.alarmLines(id, 'hot')).map(({ kind }) => kind);
    const planned = plan([...(device?.acked ?? [])].toSorted((a, b) => a - b));
    expect(planned.length).toBeGreaterThan(4);
    expect(lines).toEqual(planned);
    const [row, ...others] = (await rows.alarmRows(id)).filter(({ alarm }) => alarm === 'hot');
    expect(others).toEqual([]);
    expect(row?.occurrences).toBe(planned.filter((kind) => kind === 'alarm-raised').length);
    expect(row?.active).toBe(planned.at(-1) === 'alarm-raised');
  });

  test('the alarm of the Modbus value alternates, and stands as the value stands', async () => {
    const lines = await rows.alarmLines('busbar-1', 'hot');
    expect(lines.length).toBeGreaterThan(1);
    for (const [index, { kind }] of lines.entries()) expect(kind).toBe(index % 2 === 0 ? 'alarm-raised' : 'alarm-cleared');
    expect(lines.at(-1)?.kind).toBe('alarm-cleared');
  });
});

function sayKilled({ up, starting }: Killed): string {
  return `${up} times while up and ${starting} times while starting`;
}

function firstTimes(rows: readonly NumberRow[]): number[] {
  return [...new Set(rows.map(({ n }) => n))];
}

/** What a device with one message in flight must have caused: each edge of its plan, in order. */
function plan(numbers: readonly number[]): string[] {
  const edges: string[] = [];
  for (const n of numbers) {
    if (isTick(n)) continue;
    const isUp = edges.at(-1) === 'alarm-raised';
    if (isHot(n) !== isUp) edges.push(isUp ? 'alarm-cleared' : 'alarm-raised');
  }
  return edges;
}
