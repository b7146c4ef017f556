import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadProfile, type LoadedProfile } from '@yihu/device-profiles/library/load.ts';
import { unpack } from '@yihu/device-profiles/vocabulary/unpack.ts';
import type { Entry, Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { freePort } from '../../../demo/ports.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { hashSecret } from '../../../gateway/collect/mqtt/secret.ts';
import { SimulatedDevice } from '../../../gateway/simulate/device.ts';
import { SimulatedHttpDevice } from '../../../gateway/simulate/wires/http-event/device.ts';
import { openLog } from '../../../gateway/store/sqlite-log.ts';
import { gatewayProgram, Programs } from '../../stories/programs.ts';

/** A real gateway that dies again and again while devices post to it: what was answered is kept, and kept once. */

const kills = 3;
const keyBytes = Buffer.alloc(32, 9);
const name = '张金丝雀';
const secrets = { terminal: `t${'1'.repeat(42)}`, reader: `r${'2'.repeat(42)}`, platform: `p${'3'.repeat(42)}` };
const password = 'camera password';

const library = new URL('../../../device-profiles', import.meta.url).pathname;
const load = async (file: string) => ((await loadProfile(join(library, file))) as LoadedProfile).profile;

describe(`${kills} times SIGKILL while devices post`, () => {
  let programs: Programs;
  const acked = { terminal: [] as number[], reader: [] as number[], platform: [] as number[] };
  let repeats = 0;
  let entries: Entry[] = [];

  beforeAll(async () => {
    programs = new Programs('http-event');
    const gateway = { host: '127.0.0.1', port: await freePort(0) };
    const at = { clock: systemClock, random: () => 0.5, gateway };
    const simulated = async (file: string, identity: string) =>
      new SimulatedDevice('sim', await load(file), { identity }, () => 0.5);
    const terminal = new SimulatedHttpDevice({
      ...at,
      device: await simulated('hikvision/access-terminal.yaml', 'T-1'),
      own: { host: '127.0.0.1', port: 0 },
      key: secrets.terminal,
      login: { username: 'admin', password },
    });
    const reader = new SimulatedHttpDevice({
      ...at,
      device: await simulated('vzenith/plate-reader.yaml', 'fe71e106-57263272'),
      key: secrets.reader,
    });
    await terminal.start();
    await reader.start();
    programs.atEnd(() => Promise.all([terminal.stop(), reader.stop()]).then(() => undefined));
    const { folder } = programs;
    writeFileSync(join(folder, 'device.key'), keyBytes, { mode: 0o600 });
    writeFileSync(join(folder, 'terminal.password'), password, { mode: 0o600 });
    const site = join(folder, 'gateway.yaml');
    const hashOf = (device: keyof typeof secrets) => hashSecret(keyBytes, secrets[device]);
    writeFileSync(
      site,
      stringify({
        schema: 'yihu-site/1',
        gateway: { id: 'gw-1', name: '测试网关' },
        data: 'gateway',
        listen: null,
        uplink: 'off',
        network: { subnets: ['127.0.0.0/8'] },
        ports: [{ id: 'web', driver: 'http-event', listen: `127.0.0.1:${gateway.port}`, deviceKeyFile: 'device.key' }],
        devices: [
          {
            id: 'terminal',
            profile: 'hikvision.access-terminal',
            port: 'web',
            address: {
              identity: 'T-1',
              key: hashOf('terminal'),
              host: '127.0.0.1',
              port: terminal.port,
              username: 'admin',
              passwordFile: 'terminal.password',
            },
            name: '单元门',
          },
          {
            id: 'reader',
            profile: 'vzenith.plate-reader',
            port: 'web',
            address: { identity: 'fe71e106-57263272', key: hashOf('reader') },
            name: '车牌识别',
          },
          {
            id: 'platform',
            profile: 'gb45839.platform',
            port: 'web',
            address: { identity: 'vendor', key: hashOf('platform') },
            name: '烟感平台',
          },
        ],
      }),
    );
    const over = new AbortController();
    const count = async (say: (n: number) => Promise<unknown>, numbers: number[]) => {
      for (let n = 1; !over.signal.aborted; n++) {
        await say(n);
        numbers.push(n);
        await systemClock.sleep(30);
      }
    };
    /** A vendor's platform: again until it hears success. */
    const report = async (n: number) => {
      const body = JSON.stringify({ serial: `d${n}`, status: 2, datetime: '2026-07-01 07:25:55' });
      const url = `http://127.0.0.1:${gateway.port}/ingest/gb45839/${secrets.platform}/status_info`;
      for (;;) {
        const answer = await fetch(url, { method: 'POST', body }).then(
          (response) => response.text(),
          () => '',
        );
        if (answer === '{"success":1}') return;
        await systemClock.sleep(200);
      }
    };
    const counting = [
      count((n) => terminal.fire('access.granted', { door: n, name }), acked.terminal),
      count((n) => reader.fire('plate.read', { plate: `京A${n}`, confidence: n }), acked.reader),
      count(report, acked.platform),
    ];
    const start = () => programs.ours('gateway', [gatewayProgram, 'run', site, '--json']);
    let running = start();
    for (let i = 0; i < kills; i++) {
      await running.started;
      await systemClock.sleep(300 + ((i * 389) % 900));
      running.process.kill('SIGKILL');
      await running.ended;
      running = start();
    }
    await running.started;
    await systemClock.sleep(1_500);
    over.abort();
    await Promise.all(counting);
    repeats = terminal.repeats + reader.repeats;
    running.process.kill('SIGTERM');
    await running.ended;
    entries = await readLog(join(folder, 'gateway', 'log'));
  }, 120_000);

  afterAll(() => programs.dispose(), 60_000);

  const events = (device: string, type: string) =>
    entries.flatMap(({ record }) =>
      record.kind === 'alarm' && record.device === device ? record.events.filter((event) => event.type === type) : [],
    );
  const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

  it('they said things again because the gateway died before its answer', () => {
    expect(repeats).toBeGreaterThan(0);
    for (const numbers of Object.values(acked)) expect(numbers.length).toBeGreaterThan(kills);
  });
  it('whoever came through the door is one event, though told on two ways, again, and by a search', () => {
    const doors = events('terminal', 'access.granted').map(({ data }) => Number(data?.['door']));
    expect(sorted(doors)).toEqual(acked.terminal);
  });
  it('each car is an event', () => {
    // At least: this reader does not number what it reads, so that nobody can tell a repeat from a second car.
    const cars = events('reader', 'plate.read').map(({ data }) => Number(data?.['confidence']));
    expect(new Set(cars)).toEqual(new Set(acked.reader));
  });
  it('each detector in alarm is a device of its own, with one alarm', () => {
    const raised = entries.flatMap(({ record }) =>
      record.kind === 'alarm' && record.transitions.some(({ kind, alarm }) => kind === 'raised' && alarm === 'fire')
        ? [record.device]
        : [],
    );
    expect(raised.toSorted()).toEqual(acked.platform.map((n) => `platform.d${n}`).toSorted());
  });
  it('nothing that is about a person, and no secret, is in what the program says of itself', () => {
    const said = readdirSync(join(programs.folder, 'log')).map((file) =>
      readFileSync(join(programs.folder, 'log', file), 'utf8'),
    );
    expect(said.join('').length).toBeGreaterThan(0);
    for (const word of [name, '京A', password, ...Object.values(secrets)]) expect(said.join('')).not.toContain(word);
  });
});

/** Everything in a log that its gateway left, both lanes, each in its order. */
async function readLog(folder: string): Promise<Entry[]> {
  expect(existsSync(folder)).toBe(true);
  const log = await openLog({ folder, maxBytes: 64 * 1024 * 1024, readers: ['history'], clock: systemClock });
  const all: Entry[] = [];
  for (const lane of ['alarm', 'telemetry'] satisfies Lane[])
    for (let after = 0; ;) {
      const batches = await log.read('history', lane, 4 * 1024 * 1024, after);
      if (batches.length === 0) break;
      for (const { blob } of batches) all.push(...unpack(blob));
      after = batches.at(-1)?.last ?? after;
    }
  await log.close();
  return all;
}
