import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import modbusSerial from 'modbus-serial';
import { expect, onTestFinished, test, vi } from 'vitest';

// A process proves the whole library before it starts, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

function siteFile(host: string, port: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-simulate-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'secrets'));
  const file = join(folder, 'gateway.yaml');
  const site = {
    schema: 'yihu-site/1',
    gateway: { id: 'gw-1', name: '一号网关' },
    uplink: 'off',
    ports: [{ id: 'bus', driver: 'modbus', mode: 'tcp', host, port }],
    devices: [{ id: 'meter-1', profile: 'chint.ddsu666', port: 'bus', address: { unit: 3 }, name: '总表' }],
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(site));
  return file;
}

function start(file: string): {
  child: ChildProcess;
  said: string[];
  line: (pattern: RegExp) => Promise<string>;
  exit: Promise<number | null>;
} {
  const script = new URL('../../../gateway/simulate/process.ts', import.meta.url).pathname;
  const child = fork(script, [file], { stdio: ['pipe', 'pipe', 'pipe', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => said.push(...chunk.toString().split('\n').filter(Boolean)));
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const line = async (pattern: RegExp) => {
    await expect.poll(() => said.find((each) => pattern.test(each)), { timeout: 90_000 }).toBeDefined();
    return said.find((each) => pattern.test(each)) ?? '';
  };
  return { child, said, line, exit };
}

test('lines and IPC messages command it, and SIGTERM ends it', async () => {
  const port = await freePort();
  const { child, line, exit } = start(siteFile('127.0.0.1', port));
  await line(/simulating 1 devices/);
  child.stdin?.write('set meter-1 voltage 219.5\n');
  await line(/^meter-1 voltage = 219.5$/);
  const client = new modbusSerial.default();
  onTestFinished(() => client.close(() => undefined));
  await client.connectTCP('127.0.0.1', { port });
  client.setID(3);
  client.setTimeout(20_000);
  // DDSU666: voltage is a float at 0x2000.
  const { buffer } = await client.readInputRegisters(0x2000, 2);
  expect(buffer.readFloatBE()).toBeCloseTo(219.5, 3);
  const answers: unknown[] = [];
  child.on('message', (answer) => answers.push(answer));
  child.send({ do: 'fault', device: 'meter-1', fault: 'exception' });
  child.send({ do: 'explode' });
  await expect.poll(() => answers).toContainEqual({ ok: true, text: 'meter-1 fault: exception' });
  await expect.poll(() => answers).toContainEqual(expect.objectContaining({ ok: false }));
  await expect(client.readInputRegisters(0x2000, 2)).rejects.toMatchObject({ modbusCode: 4 });
  child.stdin?.write('dance\n');
  await line(/"dance" is no command/);
  child.stdin?.write('set meter-1 volts 1\n');
  await line(/has no point volts/);
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});

test('a site on another machine is refused with a sentence and code 2', async () => {
  const { said, exit } = start(siteFile('192.168.1.20', 502));
  expect(await exit).toBe(2);
  await expect.poll(() => said.join('\n')).toMatch(/Only loopback is simulated: use 127\.0\.0\.1/);
});

test('the end of the IPC channel ends it', async () => {
  const { child, line, exit } = start(siteFile('127.0.0.1', await freePort()));
  await line(/simulating/);
  child.disconnect();
  expect(await exit).toBe(0);
});
