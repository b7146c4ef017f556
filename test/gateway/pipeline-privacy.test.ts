import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import mqtt from 'mqtt';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { freePort } from '../../demo/ports.ts';
import { systemClock } from '../../gateway/clock.ts';
import { startGateway } from '../../gateway/main.ts';
import { openPseudonym } from '../../gateway/privacy.ts';
import { loadSite } from '../../gateway/site.ts';
import { openEmbeddedHistory } from '../../gateway/store/embedded-history.ts';
import { openLog } from '../../gateway/store/sqlite-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-privacy-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the key', () => {
  it('is made once, for nobody else to read, and gives the same name to the same person', async () => {
    const [one, two] = [await openPseudonym(folder), await openPseudonym(folder)];
    expect(one('张三')).toMatch(/^p:[\w-]{22}$/);
    expect(two('张三')).toBe(one('张三'));
    expect(one('李四')).not.toBe(one('张三'));
    expect(statSync(join(folder, 'privacy.key')).mode & 0o777).toBe(0o600);
  });

  it('of another gateway gives other names', async () => {
    const other = mkdtempSync(join(tmpdir(), 'yihu-privacy-'));
    const names = [(await openPseudonym(folder))('张三'), (await openPseudonym(other))('张三')];
    rmSync(other, { recursive: true });
    expect(names[0]).not.toBe(names[1]);
  });

  it('that a power cut left empty is made anew', async () => {
    writeFileSync(join(folder, 'privacy.key'), '');
    const name = (await openPseudonym(folder))('张三');
    expect((await openPseudonym(folder))('张三')).toBe(name);
  });
});

/** Words that must be found nowhere. */
const canaries = ['Kanarienvogel-Karte-7731', 'Kanarienvogel-Name-张三', 'Kanarienvogel-Nummer-138'];
const [card = '', person = '', phone = ''] = canaries;

function writeProfile(): void {
  mkdirSync(join(folder, 'profiles', 'test'), { recursive: true });
  const name = { zh: '门禁', en: 'Door' };
  const profile = {
    schema: 'yihu-profile/1',
    id: 'test.door',
    version: '1.0.0',
    name,
    maker: name,
    model: 'd',
    category: 'access.controller',
    sources: ['made for this test'],
    confidence: 'normalised',
    transport: {
      protocol: 'mqtt',
      identity: { name: 'id', pattern: '^[a-z0-9-]+$', label: name },
      topics: { up: { filter: 'door/{id}/up', qos: 1 } },
    },
    availability: { offlineAfter: '1h' },
    points: { card: { name: { zh: '卡号', en: 'Card' }, kind: 'text', personal: true }, door: { name, kind: 'text' } },
    decode: {
      up: [
        {
          points: { card: '$.card', door: '$.door' },
          event: {
            type: 'access.granted',
            when: { exists: '$.person' },
            data: { person: { from: '$.person', personal: true }, phone: { from: '$.phone', personal: true }, door: '$.door' },
          },
        },
      ],
    },
    events: { 'access.granted': name },
    alarms: { open: { name, point: 'door', is: 'open', severity: 'minor', hazard: 'security' } },
    vectors: [{ name: 'one', origin: 'synthetic', given: { channel: 'up', json: { door: 'open' } }, expect: { door: 'open' } }],
  };
  writeFileSync(join(folder, 'profiles', 'test', 'door.yaml'), stringify(profile, { aliasDuplicateObjects: false }));
}

async function live(privacy: string) {
  writeProfile();
  const port = await freePort(0);
  const file = join(folder, 'gateway.yaml');
  writeFileSync(
    file,
    `schema: yihu-site/1
gateway: {id: gw-1, name: 一号}
data: data
listen: null
uplink: "off"
privacy: ${privacy}
profiles: [profiles]
ports: [{id: air, driver: mqtt, listen: "127.0.0.1:${port}", login: open}]
devices: [{id: door-1, profile: test.door, port: air, address: {identity: door-1}, name: 大门}]
`,
  );
  const loaded = await loadSite(file);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const gateway = await startGateway({ site: loaded.site, clock: systemClock, chance: Math.random, log });
  const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'door-1', protocolVersion: 4 });
  const say = (payload: string) => device.publishAsync('door/door-1/up', payload, { qos: 1 });
  const end = async () => {
    await device.endAsync();
    await gateway.stop();
  };
  return { gateway, say, lines, end };
}

async function recordsOf(lane: 'alarm' | 'telemetry') {
  const log = await openLog({ folder: join(folder, 'data', 'log'), maxBytes: 1e9, readers: ['look'], clock: systemClock });
  const batches = await log.read('look', lane, 1e9, 0);
  await log.close();
  return batches.flatMap(({ blob }) => unpackTrusted(blob).map(({ record }) => record));
}

describe('what a door says of a person', () => {
  it('is known again and not known: in the log, the history, the status, the metrics and the program’s own log', async () => {
    const { gateway, say, lines, end } = await live('pseudonym');
    const visit = JSON.stringify({ card, door: 'open', person, phone });
    for (const payload of [visit, visit, `{"card": "${card}", `, `["${person}", {"phone": "${phone}"}]`, `${person} ${card}`])
      await say(payload);
    const shown = [JSON.stringify(await gateway.status()), await gateway.metrics(), JSON.stringify(gateway.snapshot())];
    await end();
    const alarms = await recordsOf('alarm');
    const events = alarms.flatMap((record) => (record.kind === 'alarm' ? record.events : []));
    expect(events).toHaveLength(2);
    expect(events[0]?.data).toEqual({ person: expect.stringMatching(/^p:/), phone: expect.stringMatching(/^p:/), door: 'open' });
    expect(events[1]?.data).toEqual(events[0]?.data);
    const readings = (await recordsOf('telemetry')).flatMap((record) => (record.kind === 'readings' ? record.readings : []));
    expect(readings.find(({ point }) => point === 'card')?.value).toMatch(/^p:/);
    const history = await openEmbeddedHistory({ folder: join(folder, 'data', 'history'), keepDays: 30, clock: systemClock });
    const latest = [...(await history.latest('door-1')).values()];
    await history.close();
    const files = filesUnder(join(folder, 'data')).map((file) => readFileSync(file, 'latin1'));
    const everything = [...shown, ...lines, JSON.stringify([alarms, readings, latest]), ...files];
    for (const canary of canaries)
      for (const text of [
        canary,
        Buffer.from(canary).toString('latin1'),
        Buffer.from(canary).toString('base64'),
        Buffer.from(canary).toString('hex'),
      ])
        expect(everything.filter((each) => each.includes(text))).toEqual([]);
  });

  it('is left out where the site wants it so', async () => {
    const { say, end } = await live('drop');
    await say(JSON.stringify({ card, door: 'open', person, phone }));
    await end();
    const [record] = (await recordsOf('alarm')).filter(({ kind }) => kind === 'alarm');
    expect(record).toMatchObject({ events: [{ type: 'access.granted', data: { door: 'open' } }] });
    const readings = (await recordsOf('telemetry')).flatMap((each) => (each.kind === 'readings' ? each.readings : []));
    expect(readings.map(({ point }) => point)).toEqual(['door']);
  });

  it('is left out where the key cannot be used, and that is said', async () => {
    mkdirSync(join(folder, 'data', 'privacy.key'), { recursive: true });
    chmodSync(join(folder, 'data'), 0o700);
    const { gateway, say, end } = await live('pseudonym');
    await say(JSON.stringify({ card, door: 'open' }));
    expect((await gateway.status()).problems.map(({ en }) => en).join()).toContain('key for pseudonyms');
    await end();
    const readings = (await recordsOf('telemetry')).flatMap((each) => (each.kind === 'readings' ? each.readings : []));
    expect(readings.map(({ point }) => point)).toEqual(['door']);
  });
});

function filesUnder(path: string): string[] {
  return readdirSync(path, { withFileTypes: true, recursive: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}
