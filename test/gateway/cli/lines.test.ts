import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerServer } from '../modbus/register-server.ts';
import { here } from './here.ts';

/** Serial lines and Modbus devices from the command line. */

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'yihu-lines-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function site(ports: string[], devices: string[]): string {
  const file = join(folder, `${Math.random()}.yaml`);
  const lines = [
    'schema: yihu-site/1',
    'gateway: {id: gw-1, name: 一号}',
    'uplink: "off"',
    'ports:',
    ...ports,
    'devices:',
    ...devices,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const meter = (id: string, port: string, unit: number) =>
  `  - {id: ${id}, profile: chint.ddsu666, port: ${port}, address: {unit: ${unit}}, name: 电表}`;

describe('check', { timeout: 120_000 }, () => {
  it('says how full each line will be', async () => {
    const file = site(
      ['  - {id: bus, driver: line, mode: serial, path: /dev/ttyS0}'],
      [meter('m-1', 'bus', 1), meter('m-2', 'bus', 2)],
    );
    const { code, out } = await here('check', file, '--json');
    const said = JSON.parse(out) as { budgets: { port: string; percent: number; polls: { device: string; group: string }[] }[] };
    expect(code).toBe(0);
    expect(said.budgets[0]).toMatchObject({ port: 'bus' });
    expect(said.budgets[0]?.polls.map(({ device }) => device)).toEqual(['m-1', 'm-1', 'm-2', 'm-2']);
    const text = await here('check', file, '--lang', 'zh');
    expect(text.out).toMatch(/线路 bus：轮询占用 \d+% 的时间/);
  });

  it('gives a line one owner', async () => {
    const ports = [
      '  - {id: a, driver: line, mode: serial, path: /dev/ttyS0}',
      '  - {id: b, driver: line, mode: serial, path: /dev/ttyS0}',
      '  - {id: c, driver: line, mode: tcp, host: 10.0.0.9, port: 4196}',
      '  - {id: d, driver: line, mode: tcp, host: 10.0.0.9, port: 4196}',
      '  - {id: e, driver: line, mode: dial-in, listen: "0.0.0.0:9100", registration: {text: A}}',
      '  - {id: f, driver: line, mode: dial-in, listen: "0.0.0.0:9100", registration: {hex: "41"}}',
      '  - {id: g, driver: line, mode: dial-in, listen: "0.0.0.0:9100", registration: {text: B}}',
    ];
    const { code, out } = await here('check', site(ports, [meter('m-1', 'a', 1)]), '--json');
    const { problems } = JSON.parse(out) as { problems: { path: string; en: string }[] };
    expect(code).toBe(2);
    expect(problems.map(({ path }) => path)).toEqual(['ports[1]', 'ports[3]', 'ports[5]']);
    expect(problems[0]?.en).toBe('/dev/ttyS0 belongs to port a already. A line has one port: move these devices to a.');
  });

  it('leads from the old words to the new ones', async () => {
    const old = ['  - {id: bus, driver: modbus, mode: rtu, path: /dev/ttyS0, baud: 9600, parity: none, stopBits: 1}'];
    const { out } = await here('check', site(old, [meter('m-1', 'bus', 1)]), '--json');
    const { problems } = JSON.parse(out) as { problems: { path: string; en: string }[] };
    expect(problems.find(({ path }) => path === 'ports[0].mode')?.en).toContain('driver: line');
  });
});

describe('read', () => {
  it.each([
    ['--tcp', 'tcp'],
    ['--rtu-tcp', 'rtu'],
  ] as const)('%s --identify: who the device is, followed while there is more', async (option, framing) => {
    const server = await registerServer(framing);
    server.objects
      .set(0, Buffer.from('Acme'))
      .set(1, Buffer.from('M-1'))
      .set(2, Buffer.from('2.11'))
      .set(128, Buffer.from('序列号 7'));
    const { code, out } = await here('read', option, `127.0.0.1:${server.port}`, '--identify', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      schema: 'yihu.identify/1',
      unit: 1,
      objects: [
        { id: 0, name: 'vendor', text: 'Acme' },
        { id: 1, name: 'product', text: 'M-1' },
        { id: 2, name: 'revision', text: '2.11' },
        { id: 128, name: 'object-128', text: '序列号 7' },
      ],
    });
    const text = await here('read', option, `127.0.0.1:${server.port}`, '--identify', '--lang', 'zh');
    expect(text.out).toContain('厂商  Acme');
  });

  it('says in words that a device has no identification', async () => {
    const server = await registerServer('tcp');
    const { code, out } = await here('read', '--tcp', `127.0.0.1:${server.port}`, '--identify', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ exception: 2, name: 'illegal data address' });
  });

  it('reads over a serial server', async () => {
    const server = await registerServer('rtu');
    server.holding.set(0, 0x4366).set(1, 0x3334);
    const { out } = await here('read', '--rtu-tcp', `127.0.0.1:${server.port}`, '--count', '2', '--type', 'f32');
    expect(out).toContain('230.2');
  });

  it.each([[['--tcp', 'a:1', '--serial', '/dev/ttyS0']], [[]], [['--serial', '/dev/ttyS0', '--baud', '9600', '--unit', '0']]])(
    '%j is a slip',
    async (words) => {
      expect((await here('read', ...words, '--json')).code).toBe(1);
    },
  );
});
