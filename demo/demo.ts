import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Child, startChild } from './child.ts';
import { CloudApi } from './cloud-api.ts';
import { drawPlan } from './draw-plan.ts';
import { registerGateway } from './register.ts';
import { fillRegistry } from './registry.ts';
import { demoChannels, startResidents } from './residents.ts';
import { freePort } from './ports.ts';
import { type DemoPorts, demoSite } from './site.ts';

const root = resolve(import.meta.dirname, '..');
const gatewayId = 'gw-xfl-1';

interface Settings extends DemoPorts {
  readonly web: number;
  readonly uplink: number;
  readonly provider: number;
}

interface Account {
  readonly account: string;
  readonly password: string;
  readonly name?: string;
  readonly role: string;
}

interface Demo {
  readonly folder: string;
  readonly settings: Settings;
  readonly site: string;
  readonly children: Map<string, Child>;
  stopping: boolean;
}

/** Brings everything up, prints what to try, and stays until Ctrl+C or `q`. `YIHU_DATA` moves the data folder. */
export async function startDemo(): Promise<void> {
  const folder = resolve(process.env['YIHU_DATA'] ?? join(root, '.yihu'));
  // Passable for the account the database runs under; what is inside is closed by its owners.
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  buildScreens();
  const settings = await settingsIn(folder);
  const demo: Demo = { folder, settings, site: demoSite(folder, gatewayId, settings), children: new Map(), stopping: false };
  try {
    await bringUp(demo);
  } catch (error) {
    say(`✗ 没有启动成功 / It did not start: ${error instanceof Error ? error.message : String(error)}`);
    say(`  日志 / logs: ${join(folder, 'log')}`);
    await bringDown(demo, 2);
  }
}

function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** The screens are the one part that is built: at every start, so that they are never older than the sources. */
function buildScreens(): void {
  say('正在构建界面 / building the screens …');
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`npm run build: ${built.stderr}${built.stdout}`);
}

/** Ports are chosen once and kept, so that bookmarks and the gateway's identity stay good. */
async function settingsIn(folder: string): Promise<Settings> {
  const file = join(folder, 'demo.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Settings;
  const settings: Settings = {
    web: await freePort(8600),
    uplink: await freePort(8883),
    local: await freePort(8610),
    mqtt: await freePort(1883),
    modbusTcp: await freePort(5020),
    modbusRtu: await freePort(5021),
    camera: await freePort(8620),
    provider: await freePort(8650),
  };
  writeFileSync(file, JSON.stringify(settings));
  return settings;
}

async function bringUp(demo: Demo): Promise<void> {
  const { folder, settings, site } = demo;
  const logs = join(folder, 'log');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  process.once('SIGINT', () => void bringDown(demo, 0));
  process.once('SIGTERM', () => void bringDown(demo, 0));

  const cloudFolder = join(folder, 'cloud');
  const cloudUrl = `http://127.0.0.1:${settings.web}`;
  const token = demoChannels(cloudFolder, settings.provider);
  await startResidents({ port: settings.provider, cloudUrl, token, logFile: join(logs, 'messages.log') });

  const cloudArgs = [
    'cloud/bin/yihu-cloud.js',
    'run',
    '--data',
    cloudFolder,
    '--listen',
    `127.0.0.1:${settings.web}`,
    '--uplink-listen',
    `127.0.0.1:${settings.uplink}`,
    '--public-url',
    cloudUrl,
    '--demo',
    '--json',
  ];
  const cloud = keep(demo, 'cloud', cloudArgs, logs);
  const { url, accounts } = (await cloud.started) as { url: string; accounts?: Account[] };
  if (accounts) printAccounts(accounts, folder);
  const registered = join(folder, 'gateway', 'identity', 'identity.json');
  if (!existsSync(registered)) {
    const admin = accountOf(accounts, 'admin');
    const people = await fillRegistry(
      await CloudApi.signIn(url, admin),
      await CloudApi.signIn(url, accountOf(accounts, 'property')),
    );
    say(`✓ ${people} 位居民（都不是真的）登记在册 / residents (none of them real) are registered`);
    await registerGateway({ url, gateway: gatewayId, site, admin, root });
  }
  await keep(demo, 'simulator', ['gateway/bin/yihu-gateway.js', 'simulate', site, '--json'], logs).started;
  await keep(demo, 'gateway', ['gateway/bin/yihu-gateway.js', 'run', site, '--json'], logs).started;
  if (accounts)
    void drawPlan(url, accountOf(accounts, 'admin')).catch((error: unknown) =>
      say(`! 平面图没有画成 / the plan was not drawn: ${String(error)}`),
    );
  printWhatToTry(demo, url);
  listenToKeys(demo);
}

/** Starts a child and starts it again when it dies, as a service manager would. */
function keep(demo: Demo, name: string, args: readonly string[], logs: string): Child {
  const child = startChild(name, args, logs);
  demo.children.set(name, child);
  let up = false;
  child.started.then(
    () => (up = true),
    () => {},
  );
  void child.ended.then(async (code) => {
    if (demo.stopping || !up) return;
    say(`! ${name} 结束了（${code ?? '被杀'}），1 秒后重新启动 / ended, starting again in 1 s`);
    await pause(1_000);
    const again = keep(demo, name, args, logs);
    again.started.then(
      () => say(`✓ ${name} 又在运行，进程 / running again, process ${again.process.pid}`),
      (error: unknown) => say(`✗ ${String(error)}`),
    );
  });
  return child;
}

async function bringDown(demo: Demo, code: number): Promise<void> {
  if (demo.stopping) return;
  demo.stopping = true;
  // The gateway first: devices that vanish under it would be its last alarm.
  for (const name of ['gateway', 'simulator', 'cloud']) {
    const child = demo.children.get(name);
    if (!child || child.process.exitCode !== null || child.process.signalCode !== null) continue;
    child.process.kill('SIGTERM');
    await Promise.race([child.ended, pause(10_000)]);
  }
  process.exit(code);
}

function accountOf(accounts: readonly Account[] | undefined, wanted: string): Account {
  const account = accounts?.find(({ role }) => role === wanted);
  if (account) return account;
  throw new Error(
    '网关还没有登记，而口令只在第一次启动时显示。删掉数据目录后重新开始 / The gateway is not registered and the passwords were shown at the first start only. Remove the data folder to begin again.',
  );
}

function printAccounts(accounts: readonly Account[], folder: string): void {
  say();
  say('账号（口令随机生成，只显示这一次） / accounts (random passwords, shown this once):');
  for (const { account, password, role, name } of accounts)
    say(`  ${account.padEnd(12)} ${password.padEnd(24)} ${role}${name ? `  ${name}` : ''}`);
  say(`  数据目录 / data folder: ${folder}`);
}

function printWhatToTry(demo: Demo, url: string): void {
  const pid = demo.children.get('gateway')?.process.pid;
  say();
  say(`✓ 值班台 / dispatcher   ${url}/dispatcher/`);
  say(`✓ 物业   / property     ${url}/property/`);
  say(`✓ 网格员 / grid worker  ${url}/phone/`);
  say(`✓ 大屏   / wall         ${url}/wall/`);
  say(`✓ 接口   / API          ${url}/api/openapi.json`);
  say();
  say('试一试 / try:');
  say('  s  烟感 3-2-502 报警 / smoke alarm        c  烟雾散去 / smoke clears');
  say('  w  1 栋水浸 / water leak                  d  2 栋门被强行打开 / door forced');
  say('  在值班台按 M 呼叫居民：模拟的居民会点短信链接、回数字、有的要再打电话，有的始终不应');
  say('  press M at the desk to call the residents: they answer by link, by digit, by a second call, and some never');
  say('  g  杀掉网关 / kill the gateway            q  退出 / quit');
  say(
    `  或另开终端 / or in another terminal: kill -9 ${pid}   npx yihu-gateway status --url http://127.0.0.1:${demo.settings.local}`,
  );
}

const keys: Record<string, readonly [label: string, command: Readonly<Record<string, unknown>>]> = {
  s: ['烟感 3-2-502 报警 / smoke alarm in 3-2-502', { do: 'set', device: 'smoke-3-2-502', point: 'smoke', value: true }],
  c: ['烟雾散去 / smoke clears', { do: 'set', device: 'smoke-3-2-502', point: 'smoke', value: false }],
  w: ['1 栋水浸 / water leak in building 1', { do: 'set', device: 'leak-1', point: 'leak', value: 'leak' }],
  d: ['2 栋 1 单元门被强行打开 / door of 2-1 forced', { do: 'fire', device: 'door-2-1', event: 'door.forced' }],
};

function listenToKeys(demo: Demo): void {
  const { stdin } = process;
  const onKey = (key: string) => {
    if (key === 'q' || key === '\u0003') return void bringDown(demo, 0);
    if (key === 'g') {
      say('→ kill -9 gateway');
      demo.children.get('gateway')?.process.kill('SIGKILL');
      return undefined;
    }
    const action = keys[key];
    if (!action) return undefined;
    say(`→ ${action[0]}`);
    return void demo.children.get('simulator')?.process.send(action[1]);
  };
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.on('data', (text: string) => text.split('').forEach(onKey));
  stdin.resume();
}
