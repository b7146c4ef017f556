import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerTCP } from 'modbus-serial';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../demo/ports.ts';
import { describeWith } from '../../needs.ts';
import { ModbusServer } from '../../stories/modbus-server.ts';
import { Programs } from '../../stories/programs.ts';
import { until } from '../uplink/cloud-and-gateway.ts';
import { cli, documentOf, staying } from './spawn-cli.ts';

/** The commands as an installer types them: real processes, what they print and how they end. */

/** Four processes at a time on a machine that others use too. */
const patience = { timeout: 120_000 };

const library = new URL('../../../device-profiles/', import.meta.url).pathname;
const ddsu = `${library}chint/ddsu666.yaml`;
const chinese = { LANG: 'zh_CN.UTF-8' };

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'yihu-cli-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface SiteParts {
  readonly local?: number | null;
  readonly modbus?: number;
  readonly uplink?: 'on' | 'off';
}

function siteFile(name: string, { local = null, modbus = 502, uplink = 'off' }: SiteParts = {}): string {
  mkdirSync(at(name), { recursive: true });
  const file = join(at(name), 'gateway.yaml');
  const lines = [
    'schema: yihu-site/1',
    'gateway: {id: gw-1, name: 一号}',
    `listen: ${local === null ? 'null' : `"127.0.0.1:${local}"`}`,
    `uplink: "${uplink}"`,
    'ports:',
    `  - {id: bus, driver: modbus, mode: tcp, host: 127.0.0.1, port: ${modbus}}`,
    'devices:',
    '  - {id: meter-1, profile: chint.ddsu666, port: bus, address: {unit: 7}, name: 电表}',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

function occupy(): Promise<{ server: Server; port: number }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve({ server, port: (server.address() as { port: number }).port }));
  });
}

describe.concurrent('a slip on the command line', patience, () => {
  it('is said in the language of the terminal, in the asked one, and as a document', async () => {
    const [zh, en, json] = await Promise.all([
      cli(['chek'], chinese),
      cli(['decode', '--tpye', 'f32', '--lang', 'en'], chinese),
      cli(['secret', '--json']),
    ]);
    expect(zh).toEqual({ code: 1, out: '', err: '✗ 没有命令 chek。想写 check？用法：yihu-gateway --help\n' });
    expect(en).toEqual({
      code: 1,
      out: '',
      err: "✗ unknown option '--tpye'. Did you mean --type? Usage: yihu-gateway decode --help\n",
    });
    expect([json.code, json.err]).toEqual([1, '']);
    expect(documentOf(json)['error']).toMatchObject({ zh: '缺少参数 <key file>。用法：yihu-gateway secret --help' });
  });
});

describe.concurrent('a file that is not there is a sentence', patience, () => {
  it.each([
    [['check', 'none.yaml'], 2],
    [['run', 'none.yaml'], 2],
    [['simulate', 'none.yaml'], 2],
    [['claim', 'https://cloud', 'ABCD', '--site', 'none.yaml'], 2],
    [['profile', 'check', 'none.yaml'], 2],
    [['decode', '--profile', 'none.yaml', '--start', '0', '--words', '1'], 2],
    [['secret', '/none/device.key'], 2],
    [['read', '--serial', '/dev/none'], 3],
  ])('%j', async (args, code) => {
    const said = await cli([...args, '--lang', 'en']);
    expect(said.code).toBe(code);
    expect(`${said.out}${said.err}`).toMatch(/cannot|no serial port|no such site file/i);
    expect(`${said.out}${said.err}`).not.toMatch(/\n\s+at |Error:.*\n/);
  });
});

describe.concurrent('check', patience, () => {
  it('a good site: what it holds, and the next step', async () => {
    const file = siteFile('good');
    const [text, json] = await Promise.all([cli(['check', file]), cli(['check', file, '--json'])]);
    expect(text).toEqual({ code: 0, out: `✓ ${file} is fine: 1 ports, 1 devices. Next: yihu-gateway run ${file}\n`, err: '' });
    expect(documentOf(json)).toEqual({ schema: 'yihu.check/1', file, ok: true, problems: [], ports: 1, devices: 1, budgets: [] });
  });

  it('a bad one: every problem with its line', async () => {
    const file = siteFile('bad');
    const text = readFileSync(file, 'utf8')
      .replace('unit: 7', 'unit: 700')
      .replace('listen: null', 'listen: "127.0.0.1:99999"')
      .replace('name: 一号', 'nmae: 一号');
    writeFileSync(file, text);
    const said = await cli(['check', file, '--json']);
    expect(said.code).toBe(2);
    const { problems } = documentOf(said) as { problems: { line: number; path: string; zh: string; en: string }[] };
    expect(problems.map(({ line, path }) => `${line} ${path}`)).toEqual(
      expect.arrayContaining(['2 gateway.name', '3 listen', '8 devices[0].address.unit']),
    );
    for (const { zh, en } of problems)
      expect([zh, en]).toEqual([expect.stringMatching(/\p{Script=Han}/u), expect.stringMatching(/^[^\p{Script=Han}]+$/u)]);
  });
});

describe.concurrent('profiles', patience, () => {
  it('list', async () => {
    const [text, json] = await Promise.all([cli(['profile', 'list'], chinese), cli(['profile', 'list', '--json'])]);
    expect([text.code, json.code]).toEqual([0, 0]);
    expect(text.out).toMatch(/^档案\s+名称\s+类别\s+协议\s+级别\s+依据\s+向量\n/);
    const { profiles } = documentOf(json) as { profiles: { id: string; vectors: number }[] };
    expect(profiles.find(({ id }) => id === 'chint.ddsu666')?.vectors).toBeGreaterThan(0);
  });

  it('show: where its values stand, what raises, what an installer sets and where that comes from', async () => {
    const [text, zh, json] = await Promise.all([
      cli(['profile', 'show', 'chint.ddsu666']),
      cli(['profile', 'show', ddsu], chinese),
      cli(['profile', 'show', 'chint.ddsu666', '--json']),
    ]);
    expect([text.code, zh.code, json.code]).toEqual([0, 0, 0]);
    expect(text.out).toMatch(/^  voltage +Voltage +V +input 0x2000 +f32 +15 s$/m);
    expect(text.out).toMatch(/^  under_voltage +Under-voltage +voltage < 198 +60 s +minor +GB\/T 12325/m);
    expect(text.out).toMatch(/^  voltage_low +Under-voltage limit +198 V +100 … 219 +GB\/T 12325/m);
    expect(zh.out).toMatch(/^安装参数（现场文件 params）$/m);
    expect(documentOf(json)).toMatchObject({ schema: 'yihu.profile-show/1', profile: { params: { voltage_low: { min: 100 } } } });
  });

  it('check: a profile that fails its own vector says which', async () => {
    mkdirSync(at('chint'), { recursive: true });
    const broken = join(at('chint'), 'ddsu666.yaml');
    writeFileSync(broken, readFileSync(ddsu, 'utf8').replace('expect: {voltage: 230.2}', 'expect: {voltage: 231.2}'));
    const [good, bad] = await Promise.all([cli(['profile', 'check', ddsu]), cli(['profile', 'check', broken])]);
    expect(good).toEqual({ code: 0, out: '✓ chint.ddsu666  silver\n', err: '' });
    expect(bad.code).toBe(2);
    expect(bad.out).toContain('voltage should be 231.2, but is 230.2');
  });
});

describe.concurrent('decode', patience, () => {
  it('one value, in words and as a document', async () => {
    const args = ['decode', '--type', 'f32', '--order', 'CDAB', '--words', '3334,4366'];
    const [text, json] = await Promise.all([cli(args), cli([...args, '--json'])]);
    expect([text.code, text.out.split('\n')[0]]).toEqual([0, '230.2']);
    expect(documentOf(json)).toMatchObject({ schema: 'yihu.decode/1', type: 'f32', order: 'CDAB', value: 230.2 });
  });

  it('a payload from a file', async () => {
    writeFileSync(at('payload.json'), '{"smoke":true,"battery":81}');
    const args = [
      'decode',
      '--profile',
      `${library}heiman/hs1sa-e.yaml`,
      '--topic',
      'zigbee2mqtt/s1',
      '--payload',
      `@${at('payload.json')}`,
    ];
    const [en, zh] = await Promise.all([cli([...args, '--lang', 'en']), cli([...args, '--lang', 'zh'])]);
    expect(en.out).toMatch(/^smoke\s+Smoke\s+true\s+good$/m);
    expect(zh.out).toMatch(/^battery\s+电量\s+81 %\s+good$/m);
  });
});

describe.concurrent('read', patience, () => {
  let server: ServerTCP;
  let port: number;
  beforeAll(async () => {
    port = await freePort(0);
    const vector = {
      getInputRegister: (address: number) => 0x1000 + address,
      getHoldingRegister: (address: number) => (address === 0 ? 0x4366 : 0x3334),
      getCoil: (address: number) => address % 2 === 0,
      getDiscreteInput: () => true,
    };
    server = new ServerTCP(vector, { host: '127.0.0.1', port, unitID: 7 });
    await new Promise((resolve) => server.once('initialized', resolve));
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const read = (...args: string[]) => cli(['read', '--tcp', `127.0.0.1:${port}`, '--unit', '7', ...args]);

  it('registers, bits and a typed value from modbus-serial', async () => {
    const [words, bits, value, json] = await Promise.all([
      read('--table', 'input', '--at', '16', '--count', '2'),
      read('--table', 'coil', '--count', '3'),
      read('--count', '2', '--type', 'f32'),
      read('--count', '2', '--type', 'f32', '--json'),
    ]);
    expect(words).toEqual({ code: 0, out: '16  1010  4112\n17  1011  4113\n', err: '' });
    expect(bits.out).toBe('0  1\n1  0\n2  1\n');
    expect(value.out).toBe('4366 3334  f32 ABCD  230.2\n');
    expect(documentOf(json)).toMatchObject({ schema: 'yihu.read/1', unit: 7, words: [0x4366, 0x3334], value: 230.2 });
  });

  it('goes on with --watch until it is told to stop, and then ends well', async () => {
    const args = ['read', '--tcp', `127.0.0.1:${port}`, '--unit', '7', '--count', '2', '--type', 'f32', '--watch'];
    const { child, end } = staying(args, folder);
    let seen = 0;
    child.stdout?.on('data', (text: string) => (seen += text.split('\n').length - 1));
    await expect.poll(() => seen, { timeout: 60_000 }).toBeGreaterThan(1);
    child.kill('SIGINT');
    const { code, out } = await end;
    expect(code).toBe(0);
    expect(out).toMatch(/^(\d\d:\d\d:\d\d  4366 3334  230\.2\n){2,}$/);
  });

  it('nobody there is 3, what cannot be asked is 1, what is no value is 2', async () => {
    const [nobody, deaf, wrong, short] = await Promise.all([
      cli(['read', '--tcp', '127.0.0.1:9', '--json']),
      cli(['read', '--tcp', `127.0.0.1:${port}`, '--unit', '9', '--timeout', '200']),
      read('--count', '126'),
      read('--count', '1', '--type', 'f32', '--json'),
    ]);
    expect([nobody.code, deaf.code, wrong.code, short.code]).toEqual([3, 3, 1, 2]);
    expect(documentOf(nobody)['error']).toMatchObject({ zh: expect.stringContaining('拒绝连接') });
    expect(deaf.err).toContain('Check unit id');
    expect(documentOf(short)).toMatchObject({ reason: 'too-short', words: [0x4366] });
  });
});

describeWith(['pymodbus'], 'read from pymodbus', () => {
  it('registers, and an exception with its name', async () => {
    const programs = new Programs('cli');
    try {
      const server = await ModbusServer.start(programs);
      for (const value of [11, 22, 33]) await server.tell(`set ${value / 11 - 1} ${value}`);
      const read = (...args: string[]) =>
        cli(['read', '--tcp', `127.0.0.1:${server.port}`, '--timeout', '20000', '--json', ...args]);
      expect(documentOf(await read('--count', '3'))['words']).toEqual([11, 22, 33]);
      const refused = await read('--at', '1000');
      expect([refused.code, documentOf(refused)]).toEqual([
        2,
        expect.objectContaining({ exception: 2, error: expect.anything() }),
      ]);
    } finally {
      await programs.dispose();
    }
  });
});

describe('claim and secret', patience, () => {
  it('claim: an address that is none is a slip, a cloud that is away is 3', async () => {
    const site = siteFile('claim');
    const [none, away] = await Promise.all([
      cli(['claim', 'cloud', 'ABCD', '--site', site, '--json']),
      cli(['claim', 'http://127.0.0.1:9', 'ABCD', '--site', site]),
    ]);
    expect([none.code, documentOf(none)['reason']]).toEqual([1, 'address']);
    expect([away.code, away.err]).toEqual([3, expect.stringContaining('The cloud does not answer')]);
  });

  it('secret: a new one each time, of one key', async () => {
    const key = at('device.key');
    const first = documentOf(await cli(['secret', key, '--json']));
    const second = documentOf(await cli(['secret', key, '--json']));
    expect(first['hash']).toMatch(/^hmac-sha256:[0-9a-f]{64}$/);
    expect(String(first['secret']).length).toBeGreaterThanOrEqual(32);
    expect(second['secret']).not.toBe(first['secret']);
    expect(readFileSync(key)).toHaveLength(32);
  });
});

describe('run, simulate and status', patience, () => {
  it('a gateway reads its simulated meter, tells how it is, and stops once however often it is told', async () => {
    const [local, modbus] = [await freePort(0), await freePort(0)];
    const file = siteFile('life', { local, modbus });
    const simulator = staying(['simulate', file, '--lang', 'en'], folder);
    expect(await simulator.first).toMatch(/^✓ 1 simulated devices are up/);
    const gateway = staying(['run', file, '--json', '--log-level', 'silent'], folder);
    expect(JSON.parse(await gateway.first)).toMatchObject({
      event: 'started',
      gateway: 'gw-1',
      url: `http://127.0.0.1:${local}`,
    });
    const status = (...args: string[]) => cli(['status', '--url', `http://127.0.0.1:${local}`, ...args]);
    const health = async () => ((await (await fetch(`http://127.0.0.1:${local}/health`)).json()) as { health: string }).health;
    const heard = async () => (await (await fetch(`http://127.0.0.1:${local}/api/status`)).text()).includes('"heard":1');
    await until(async () => (await health()) === 'ok' && (await heard()), 'the meter to be heard');
    expect(documentOf(await status('--json'))).toMatchObject({
      schema: 'yihu.status/1',
      health: 'ok',
      ports: [{ id: 'bus', wire: 'up', devices: 1, heard: 1 }],
    });
    const [text, second] = await Promise.all([status('--lang', 'zh'), cli(['run', file])]);
    expect(text.out).toMatch(/^gw-1 {2}正常$/m);
    expect([second.code, second.err]).toEqual([2, expect.stringContaining(`kill ${gateway.child.pid}`)]);

    for (let i = 0; i < 5; i++) gateway.child.kill(i % 2 === 0 ? 'SIGTERM' : 'SIGINT');
    const ended = await gateway.end;
    expect([ended.code, ended.out.trim().split('\n').length, ended.err]).toEqual([0, 1, '']);
    expect((await status()).code).toBe(3);
    simulator.child.kill('SIGTERM');
    expect((await simulator.end).code).toBe(0);
  });

  it('a taken local address is said aloud, and the gateway runs', async () => {
    const { server, port } = await occupy();
    const gateway = staying(['run', siteFile('taken', { local: port, uplink: 'on' }), '--json', '--log-level', 'silent'], folder);
    const { url, problems } = JSON.parse(await gateway.first) as { url: string | null; problems: { zh: string; en: string }[] };
    expect(url).toBeNull();
    expect(problems.map(({ en }) => en).join('\n')).toContain(`127.0.0.1:${port} is in use`);
    expect(problems.map(({ zh }) => zh).join('\n')).toContain('还没有认领到云端');
    gateway.child.kill('SIGTERM');
    expect((await gateway.end).code).toBe(0);
    server.close();
  });

  it('another program on the address is not taken for a gateway', async () => {
    const { server, port } = await occupy();
    server.on('connection', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
    const said = await cli(['status', '--url', `http://127.0.0.1:${port}`]);
    expect([said.code, said.err]).toEqual([3, expect.stringContaining('not a gateway')]);
    server.close();
  });
});
