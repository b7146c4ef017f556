import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connected, device, foreignPort, ownBroker, temporaryFolder } from '../gateway/mqtt/rig.ts';
import { describeWith } from '../needs.ts';

/** Runs a program to its end; resolves with its exit code and what it said. */
function run(command: string, args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

function mosquittoConfig(port: number, lines: readonly string[] = ['allow_anonymous true']): string {
  const folder = temporaryFolder();
  const file = join(folder, 'mosquitto.conf');
  // Saved on every change, so that a restart keeps what it has acked.
  const persistence = ['persistence true', `persistence_location ${folder}/`, 'autosave_on_changes true', 'autosave_interval 1'];
  // As root it would give up its rights and lose sight of the folder.
  const user = process.getuid?.() === 0 ? ['user root'] : [];
  writeFileSync(file, [`listener ${port} 127.0.0.1`, ...persistence, ...user, ...lines, ''].join('\n'));
  return file;
}

async function startMosquitto(config: string, port: number): Promise<ChildProcess> {
  const child = spawn('/usr/sbin/mosquitto', ['-c', config], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await expect
    .poll(
      () =>
        connected(`mqtt://127.0.0.1:${port}`, { clientId: 'probe' }).then(
          () => true,
          (error: Error) => /authorized|refused: Bad/.test(error.message),
        ),
      { timeout: 10_000 },
    )
    .toBe(true);
  return child;
}

function stopMosquitto(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.kill('SIGTERM');
  return gone;
}

describeWith(['mosquitto'], 'mosquitto_pub as a device', () => {
  const publish = (port: number, ...args: string[]) =>
    run('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port), '-i', 'pub', ...args]);
  const login = ['-u', 'smoke-1', '-P', 'secret of smoke-1'];

  test.each(['0', '1'])('QoS %s with its secret is heard', async (qos) => {
    const { tcp, kept } = await ownBroker([device('smoke-1')]);
    const { code } = await publish(tcp, ...login, '-q', qos, '-t', 'home/smoke-1', '-m', '{"smoke":true}');
    expect(code).toBe(0);
    expect(kept.texts).toEqual(['{"smoke":true}']);
  });

  test('a thousand lines at QoS 1 are a thousand frames in their order', async () => {
    const { tcp, kept } = await ownBroker([device('smoke-1')]);
    const lines = Array.from({ length: 1_000 }, (_, i) => String(i));
    const file = join(temporaryFolder(), 'lines');
    writeFileSync(file, lines.join('\n') + '\n');
    const command = `mosquitto_pub -h 127.0.0.1 -p ${tcp} -i pub -u smoke-1 -P 'secret of smoke-1' -q 1 -t home/smoke-1 -l < ${file}`;
    expect(await run('sh', ['-c', command])).toEqual({ code: 0, said: '' });
    expect(kept.texts).toEqual(lines);
  });

  test('a wrong secret is told so and not heard', async () => {
    const { tcp, kept } = await ownBroker([device('smoke-1')]);
    const { code, said } = await publish(tcp, '-u', 'smoke-1', '-P', 'guess', '-q', '1', '-t', 'home/smoke-1', '-m', 'x');
    expect(code).not.toBe(0);
    expect(said).toMatch(/bad user name or password/i);
    expect(kept.frames).toEqual([]);
  });

  test('MQTT 5 is refused as a version, not with silence', async () => {
    const { tcp, kept } = await ownBroker([device('smoke-1')]);
    const { code } = await publish(tcp, ...login, '-V', 'mqttv5', '-q', '1', '-t', 'home/smoke-1', '-m', 'x');
    expect(code).not.toBe(0);
    expect(kept.frames).toEqual([]);
  });

  test('a last will is heard when the device is lost, not when it leaves', async () => {
    const { tcp, kept } = await ownBroker([device('smoke-1')]);
    const will = ['--will-topic', 'home/smoke-1/availability', '--will-payload', 'offline', '--will-qos', '1'];
    const args = ['-h', '127.0.0.1', '-p', String(tcp), '-i', 'line', ...login, ...will, '-t', 'home/smoke-1', '-q', '1', '-l'];
    const child = spawn('mosquitto_pub', args, { stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.write('hello\n');
    await kept.until(() => kept.texts.includes('hello'));
    child.kill('SIGKILL');
    await kept.until(() => kept.texts.includes('offline'));
    await publish(tcp, ...login, '-q', '1', '-t', 'home/smoke-1', '-m', 'goodbye');
    expect(kept.texts).toEqual(['hello', 'offline', 'goodbye']);
  });
});

describeWith(['mosquitto'], 'mosquitto as the broker that is there', () => {
  test('messages come as frames, whatever their topic is called', async () => {
    const port = await freePort();
    await startMosquitto(mosquittoConfig(port), port);
    const { port: ours, kept } = await foreignPort([device('smoke-1')], { connect: `mqtt://127.0.0.1:${port}` });
    await kept.until(() => ours.state().wire === 'up');
    const sender = await connected(`mqtt://127.0.0.1:${port}`, { clientId: 'zigbee2mqtt' });
    await sender.publishAsync('home/smoke-1', '{"smoke":true}', { qos: 1 });
    await kept.until(() => kept.frames.length === 1);
    expect(kept.frames[0]).toMatchObject({ device: 'smoke-1', body: { channel: 'state', topic: 'home/smoke-1' } });
  });

  test('restarted in the middle, it loses nothing that it had acked', async () => {
    const port = await freePort();
    const config = mosquittoConfig(port);
    const first = await startMosquitto(config, port);
    const { port: ours, kept } = await foreignPort([device('smoke-1')], { connect: `mqtt://127.0.0.1:${port}` });
    await kept.until(() => ours.state().wire === 'up');
    const sender = await connected(`mqtt://127.0.0.1:${port}`, { clientId: 's1' });
    const acked: string[] = [];
    const send = async (client: typeof sender, text: string) => {
      await client.publishAsync('home/smoke-1', text, { qos: 1 });
      acked.push(text);
    };
    await Promise.all(Array.from({ length: 200 }, (_, i) => send(sender, `before ${i}`)));
    await stopMosquitto(first);
    await startMosquitto(config, port);
    // Sent while we may not be back yet: the session that the broker keeps for us has to hold them.
    const again = await connected(`mqtt://127.0.0.1:${port}`, { clientId: 's2' });
    await Promise.all(Array.from({ length: 200 }, (_, i) => send(again, `after ${i}`)));
    await kept.until(() => new Set(kept.texts).size === 400);
    expect(new Set(kept.texts)).toEqual(new Set(acked));
  });

  test('what could not be kept is not acked, and comes again on a new connection', async () => {
    const port = await freePort();
    await startMosquitto(mosquittoConfig(port), port);
    const { port: ours, kept } = await foreignPort([device('smoke-1')], { connect: `mqtt://127.0.0.1:${port}` });
    await kept.until(() => ours.state().wire === 'up');
    let failures = 3;
    kept.emit = () => (failures-- > 0 ? Promise.reject(new Error('disk full')) : Promise.resolve());
    const sender = await connected(`mqtt://127.0.0.1:${port}`, { clientId: 's' });
    await sender.publishAsync('home/smoke-1', 'again', { qos: 1 });
    await kept.until(() => kept.texts.includes('again'));
    await expect.poll(() => ours.counters()).toMatchObject({ messages_kept: 1, messages_not_kept: 3, restarts: 3 });
  });

  test('while we are away it keeps what comes', async () => {
    const port = await freePort();
    await startMosquitto(mosquittoConfig(port), port);
    const settings = { connect: `mqtt://127.0.0.1:${port}`, clientId: 'yihu-gateway' };
    const before = await foreignPort([device('smoke-1')], settings);
    await before.kept.until(() => before.port.state().wire === 'up');
    await before.port.stop();
    const sender = await connected(`mqtt://127.0.0.1:${port}`, { clientId: 's' });
    await sender.publishAsync('home/smoke-1', 'in the night', { qos: 1 });
    const after = await foreignPort([device('smoke-1')], settings);
    await after.kept.until(() => after.kept.texts.includes('in the night'));
  });

  test('a commit that hangs does not hold back the messages behind it', async () => {
    const port = await freePort();
    await startMosquitto(mosquittoConfig(port), port);
    const { port: ours, kept } = await foreignPort([device('smoke-1')], { connect: `mqtt://127.0.0.1:${port}` });
    await kept.until(() => ours.state().wire === 'up');
    let commit = () => undefined as void;
    const committed = new Promise<void>((resolve) => (commit = resolve));
    let emitted = 0;
    kept.emit = () => {
      emitted += 1;
      return committed;
    };
    const sender = await connected(`mqtt://127.0.0.1:${port}`, { clientId: 's' });
    // Mosquitto has 20 messages in flight to one client by default: all of them must reach one commit.
    await Promise.all(Array.from({ length: 20 }, (_, i) => sender.publishAsync('home/smoke-1', String(i), { qos: 1 })));
    await expect.poll(() => emitted).toBe(20);
    expect(kept.frames).toEqual([]);
    commit();
    await kept.until(() => kept.frames.length === 20);
  });

  test('a wrong login is a reason people can read, and is tried again', async () => {
    const port = await freePort();
    await startMosquitto(mosquittoConfig(port, ['allow_anonymous false']), port);
    const { port: ours, kept } = await foreignPort([device('smoke-1')], { connect: `mqtt://127.0.0.1:${port}` });
    await kept.until(() => kept.reports.filter(({ wire }) => wire === 'down').length >= 2);
    expect(ours.state().reason?.en).toMatch(/Not authorized.*login/);
  });
});
