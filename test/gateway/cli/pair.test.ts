import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { freePort } from '../../../demo/ports.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { chanceFrom } from '../../../gateway/collect/poll/chance.ts';
import { type RunningGateway, startGateway } from '../../../gateway/main.ts';
import { loadSite } from '../../../gateway/site.ts';
import { counterProfile } from '../../faults/counter-profile.ts';
import { until } from '../real-gateway.ts';
import { here } from './here.ts';

/** A device that connects by itself is taken in by a gateway that runs, and by one that does not. */

let folder: string;
let file: string;
let port: number;
let gateway: RunningGateway | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-pair-'));
  file = join(folder, 'gateway.yaml');
  port = await freePort(0);
  const lines = [
    '# by the gate',
    'schema: yihu-site/1',
    'gateway: {id: gw-1, name: 一号}',
    'uplink: "off"',
    'listen: null',
    'profiles: [profiles]',
    'ports:',
    `  - {id: wireless, driver: mqtt, listen: '127.0.0.1:${port}', login: required, deviceKeyFile: device.key}`,
    '  - {id: bus, driver: line, mode: tcp, host: 127.0.0.1, port: 1}',
    'devices: []',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  mkdirSync(join(folder, 'profiles', 'story'), { recursive: true });
  writeFileSync(join(folder, 'profiles', 'story', 'counter.yaml'), stringify(counterProfile));
});

afterAll(async () => {
  await gateway?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const pair = async (...words: string[]) => {
  const { code, out } = await here('pair', ...words, '--site', file, '--json');
  return { code, said: (out === '' ? {} : JSON.parse(out)) as Record<string, string> };
};
const counter = ['--port', 'wireless', '--profile', counterProfile.id];

const reaches = async (username: string, password: string) => {
  const client = await connectAsync({ host: '127.0.0.1', port, username, password, clientId: username, reconnectPeriod: 0 });
  await client.endAsync();
};

describe('pair', { timeout: 120_000 }, () => {
  it('writes the device into the file of a gateway that does not run; the secret is in no file', async () => {
    const { code, said } = await pair('counter-1', ...counter, '--name', '计数器');
    expect([code, said['isRunning']]).toEqual([0, false]);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('# by the gate');
    expect(text).not.toContain(said['secret']);
    const loaded = await loadSite(file);
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    gateway = await startGateway({
      site: loaded.site,
      clock: systemClock,
      chance: chanceFrom('pair'),
      log: pino({ level: 'silent' }),
    });
    await until('the first device', () =>
      reaches('counter-1', said['secret'] ?? '').then(
        () => true,
        () => false,
      ),
    );
  });

  it('of a file that is broken says which line', async () => {
    const broken = join(folder, 'broken.yaml');
    writeFileSync(broken, readFileSync(file, 'utf8').replace('listen: null', 'listen: nowhere'));
    const { code, out } = await here('pair', 'c-9', ...counter, '--site', broken, '--json');
    expect(code).toBe(2);
    const { schema, problems } = JSON.parse(out) as { schema: string; problems: unknown[] };
    expect(schema).toBe('yihu.check/1');
    expect(problems[0]).toMatchObject({ line: 5, path: 'listen' });
  });

  it('has a gateway that runs take up another, whose secret lets it in and no other does', async () => {
    const { code, said } = await pair('counter-2', ...counter);
    expect([code, said['isRunning']]).toEqual([0, true]);
    await until('the second device', () =>
      reaches('counter-2', said['secret'] ?? '').then(
        () => true,
        () => false,
      ),
    );
    await expect(reaches('counter-2', 'another')).rejects.toThrow(/not authorized|bad user/i);
  });

  it('pairs a device again: the old secret is worthless from then on', async () => {
    const before = await pair('counter-2', ...counter);
    const after = await pair('counter-2', ...counter);
    expect(after.code).toBe(0);
    await until('the new secret', () =>
      reaches('counter-2', after.said['secret'] ?? '').then(
        () => true,
        () => false,
      ),
    );
    await expect(reaches('counter-2', before.said['secret'] ?? '')).rejects.toThrow(/not authorized|bad user/i);
    expect(readFileSync(file, 'utf8').match(/id: counter-2/g)).toHaveLength(1);
  });

  it.each([
    ['a port that is not there', ['x-1', '--port', 'wire', '--profile', counterProfile.id]],
    ['a port whose devices have no secrets', ['x-1', '--port', 'bus', '--profile', 'eastron.sdm120']],
    ['a profile that is not there', ['x-1', '--port', 'wireless', '--profile', 'acme.none']],
    ['a profile of another wire', ['x-1', '--port', 'wireless', '--profile', 'eastron.sdm120']],
  ])('%s is refused, and the file stays as it is', async (_name, words) => {
    const before = readFileSync(file, 'utf8');
    expect((await pair(...words)).code).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});
