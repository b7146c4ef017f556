import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withoutComments, withoutSecrets } from '../../../gateway/commission/handover.ts';
import { parse } from 'yaml';
import { here } from './here.ts';

/** The first file of a site, and what is left behind when it is done. */

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-handover-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inside = (name: string) => join(folder, name);

describe('init', () => {
  it('writes a site file that is fine, and never over another', async () => {
    const file = inside('first.yaml');
    const words = ['init', file, '--id', 'gw-1', '--name', '幸福里: 一号"网关"'];
    expect(await here(...words, '--lang', 'en')).toMatchObject({ code: 0 });
    expect((await here('check', file, '--json')).code).toBe(0);
    const before = readFileSync(file, 'utf8');
    expect((await here('init', file, '--id', 'other', '--name', 'x', '--json')).code).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it.each([
    ['an id with capitals', ['--id', 'GW 1', '--name', 'x']],
    ['a zone that is none', ['--id', 'gw-1', '--name', 'x', '--zone', 'Mars/Base']],
    ['a name that nobody can be asked for', ['--id', 'gw-1', '--json']],
  ])('%s is refused, and nothing is written', async (_name, words) => {
    const file = inside('none.yaml');
    expect((await here('init', file, ...words)).code).toBe(1);
    expect(existsSync(file)).toBe(false);
  });

  it('can be without a cloud', async () => {
    const file = inside('alone.yaml');
    await here('init', file, '--id', 'gw-1', '--name', 'x', '--alone', '--json');
    expect(readFileSync(file, 'utf8')).toContain('uplink: "off"');
    expect((await here('check', file, '--json')).code).toBe(0);
  });
});

describe('export', () => {
  const hash = 'scrypt$1$abcdefgh';
  const site = `# the second building
schema: yihu-site/1
gateway: {id: gw-1, name: 一号}
uplink: "off"
profiles: [profiles]
ports:
  - {id: bus, driver: line, mode: tcp, host: 127.0.0.1, port: 1}
devices:
  - {id: meter-1, profile: eastron.sdm120, port: bus, address: {unit: 1}, name: '=一号, "电表"', place: {building: '2', room: '301'}}
`;
  beforeAll(() => {
    writeFileSync(inside('gateway.yaml'), site);
    mkdirSync(inside('profiles'));
  });

  it('leaves the site, a table and a document, says that nothing runs, and never mixes with an older one', async () => {
    const to = inside('handover');
    const { code, out } = await here('export', to, '--site', inside('gateway.yaml'), '--json');
    expect([code, JSON.parse(out)]).toMatchObject([0, { devices: 1, isRunning: false }]);
    const left = readFileSync(join(to, 'site.yaml'), 'utf8');
    expect(left).toContain('schema: yihu-site/1');
    expect(left).not.toContain('the second building');
    const table = readFileSync(join(to, 'devices.csv'), 'utf8');
    expect(table.startsWith('\uFEFFid,name,')).toBe(true);
    expect(table).toContain(`"'=一号, ""电表"""`);
    const document = JSON.parse(readFileSync(join(to, 'handover.json'), 'utf8')) as { devices: object[] };
    expect(document.devices).toMatchObject([{ id: 'meter-1', place: 'building 2, room 301', state: 'unknown', lastSeen: '' }]);
    expect((await here('export', to, '--site', inside('gateway.yaml'), '--json')).code).toBe(2);
  });

  it('leaves no comment in the hand-over, wherever it stood', () => {
    const text = '# a\nports: # b\n  # pin 1234\n  - {id: gate} # c\n  # d\ndevices:\n  - id: x # e\n    # f\n    name: y\n# g\n';
    const shown = withoutComments(text);
    expect(shown.split('\n').filter((line) => line.includes('#'))).toHaveLength(1);
    expect(shown).not.toContain('1234');
    expect(parse(shown)).toEqual({ ports: [{ id: 'gate' }], devices: [{ id: 'x', name: 'y' }] });
  });

  it('says what is wrong with a broken site and writes nothing', async () => {
    writeFileSync(inside('broken.yaml'), 'schema: yihu-site/1\n');
    expect((await here('export', inside('no'), '--site', inside('broken.yaml'), '--json')).code).toBe(2);
    expect(existsSync(inside('no'))).toBe(false);
  });

  it('takes every secret out of a site file, and no word more', () => {
    const text = `history: {kind: influxdb, url: http://writer:swordfish@10.0.0.9:8086}\nports:\n  # of the gate\n  - {id: gate, deviceKeyFile: device.key, password: hunter2}\ndevices:\n  - address: {identity: a, secret: ${hash}, key: ${hash}}\n`;
    const shown = withoutSecrets(text);
    expect(shown).not.toMatch(/hunter2|scrypt|writer|swordfish/);
    expect(shown).toContain('http://10.0.0.9:8086');
    expect(shown).toMatch(/# of the gate[\s\S]*deviceKeyFile: device.key[\s\S]*identity: a/);
  });
});
