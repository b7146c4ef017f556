import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { setupCodeOf } from '../gateway/cli/login.ts';
import { FolderInUse, lockFolder } from '../gateway/lock.ts';
import { type Child, startChild } from './child.ts';
import { CloudApi } from './cloud-api.ts';
import { drawPlan } from './draw-plan.ts';
import { DemoFailure, failureOf } from './failure.ts';
import { registerGateway } from './register.ts';
import { fillRegistry } from './registry.ts';
import { demoChannels, startResidents } from './residents.ts';
import { buildScreens } from './screens.ts';
import { type Settings, settingsIn } from './settings.ts';
import { demoSite } from './site.ts';
import { type Account, say, sayAccounts, sayNoAccounts, sayWhatToTry } from './words.ts';

const root = resolve(import.meta.dirname, '..');
const gatewayId = 'gw-xfl-1';
/** How long a program may take to stop by itself; the gateway and the cloud give up sooner. */
const stopMs = 40_000;
const longestPauseMs = 30_000;

interface Demo {
  readonly folder: string;
  readonly children: Map<string, Child>;
  /** Set by the first signal: what ends then is not started again. */
  stopping: boolean;
}

/** Brings everything up, prints what to try, and stays until Ctrl+C or `q`. `YIHU_DATA` moves the data folder. */
export async function startDemo(): Promise<void> {
  const folder = resolve(process.env['YIHU_DATA'] ?? join(root, '.yihu'));
  const demo: Demo = { folder, children: new Map(), stopping: false };
  // A terminal that is gone is no reason to leave the programs running.
  process.stdout.on('error', () => {});
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void bringDown(demo, 0));
  try {
    const settings = await prepare(folder);
    await bringUp(demo, settings);
  } catch (error) {
    if (demo.stopping) return;
    const { zh, en } = failureOf(error);
    say(`✗ 没有启动成功：${zh}`);
    say(`✗ It did not start: ${en}`);
    say(`  日志 / logs: ${join(folder, 'log')}`);
    await bringDown(demo, 2);
  }
}

/** The folder, which is this demonstration's alone, its ports and the screens. */
async function prepare(folder: string): Promise<Settings> {
  // Passable for the account the database runs under; what is inside is closed by its owners.
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  try {
    lockFolder(folder);
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new DemoFailure(
      `它已经在运行（进程 ${error.pid}，数据目录 ${folder}）。要再开一个，用 YIHU_DATA 指定另一个目录。`,
      `It is running already (process ${error.pid}, data folder ${folder}). For a second one, name another folder with YIHU_DATA.`,
    );
  }
  const settings = await settingsIn(folder);
  await buildScreens(root, () => say('正在构建界面，要等一会儿 / building the screens, which takes a while …'));
  return settings;
}

async function bringUp(demo: Demo, settings: Settings): Promise<void> {
  const { folder } = demo;
  const logs = join(folder, 'log');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const site = demoSite(folder, gatewayId, settings);
  const cloudFolder = join(folder, 'cloud');
  const cloudUrl = `http://127.0.0.1:${settings.web}`;
  const token = demoChannels(cloudFolder, settings.provider);
  await startResidents({ port: settings.provider, cloudUrl, token, logFile: join(logs, 'messages.log') });

  say('正在启动云端和它的数据库 / starting the cloud and its database …');
  const cloud = keep(demo, 'cloud', cloudArgs(cloudFolder, cloudUrl, settings), logs);
  const { url, accounts } = (await cloud.started) as { url: string; accounts?: Account[] };
  if (accounts) sayAccounts(accounts, folder);
  if (!existsSync(join(folder, 'gateway', 'identity', 'identity.json'))) await firstTime(url, site, accounts, folder);
  say('正在启动模拟设备和网关 / starting the simulated devices and the gateway …');
  await keep(demo, 'simulator', ['gateway/bin/yihu-gateway.js', 'simulate', site, '--json'], logs).started;
  const gateway = keep(demo, 'gateway', ['gateway/bin/yihu-gateway.js', 'run', site, '--json'], logs);
  await gateway.started;
  if (accounts)
    void drawPlan(url, accountOf(accounts, 'admin', folder)).catch((error: unknown) =>
      say(`! 平面图没有画成 / the plan was not drawn: ${String(error)}`),
    );
  sayWhatToTry(url, settings, gateway.process.pid, await setupCodeOf(site));
  if (!accounts) sayNoAccounts(folder);
  listenToKeys(demo);
}

function cloudArgs(cloudFolder: string, cloudUrl: string, { web, uplink }: Settings): string[] {
  const listen = ['--listen', `127.0.0.1:${web}`, '--uplink-listen', `127.0.0.1:${uplink}`, '--public-url', cloudUrl];
  return ['cloud/bin/yihu-cloud.js', 'run', '--data', cloudFolder, ...listen, '--demo', '--json'];
}

/** The people and houses, and the gateway's claim. */
async function firstTime(url: string, site: string, accounts: readonly Account[] | undefined, folder: string): Promise<void> {
  const admin = accountOf(accounts, 'admin', folder);
  const property = accountOf(accounts, 'property', folder);
  const people = await fillRegistry(await CloudApi.signIn(url, admin), await CloudApi.signIn(url, property));
  say(`✓ ${people} 位居民（都不是真的）登记在册 / residents (none of them real) are registered`);
  await registerGateway({ url, gateway: gatewayId, site, admin, root });
}

/** Starts a child and starts it again when it dies, as a service manager would; after a failed start with a longer pause each time. */
function keep(demo: Demo, name: string, args: readonly string[], logs: string, pauseMs = 1_000): Child {
  const isAgain = demo.children.has(name);
  const child = startChild(name, args, logs);
  demo.children.set(name, child);
  let up = false;
  child.started.then(
    () => {
      up = true;
      if (isAgain) say(`✓ ${name} 又在运行，进程 / running again, process ${child.process.pid}`);
    },
    (error: unknown) => {
      if (isAgain && !demo.stopping) say(`✗ ${failureOf(error).zh} / ${failureOf(error).en}`);
    },
  );
  void child.ended.then(async (code) => {
    // A first start that fails ends the demonstration.
    if (demo.stopping || !(up || isAgain)) return;
    const wait = up ? 1_000 : Math.min(pauseMs * 2, longestPauseMs);
    say(
      `! ${name} 结束了（${code ?? '被杀'}），${wait / 1000} 秒后重新启动 / ended (${code ?? 'killed'}), starting again in ${wait / 1000} s`,
    );
    await pause(wait);
    if (!demo.stopping) keep(demo, name, args, logs, wait);
  });
  return child;
}

/** The second time it is asked nothing is waited for. */
async function bringDown(demo: Demo, code: number): Promise<void> {
  const wasStopping = demo.stopping;
  demo.stopping = true;
  // The gateway first: devices that vanish under it would be its last alarm.
  const running = ['gateway', 'simulator', 'cloud']
    .map((name) => demo.children.get(name))
    .filter((child) => child !== undefined && child.process.exitCode === null && child.process.signalCode === null);
  if (wasStopping) {
    for (const child of running) child?.process.kill('SIGKILL');
    return;
  }
  if (running.length > 0) say('正在停止 / stopping …');
  for (const child of running) {
    child?.process.kill('SIGTERM');
    await Promise.race([child?.ended, pause(stopMs)]);
    child?.process.kill('SIGKILL');
  }
  process.exit(code);
}

function accountOf(accounts: readonly Account[] | undefined, wanted: string, folder: string): Account {
  const account = accounts?.find(({ role }) => role === wanted);
  if (account) return account;
  throw new DemoFailure(
    `第一次启动没有做完，网关还没有登记，而口令只显示过那一次。删掉 ${folder} 后重新开始。`,
    `The first start was broken off before the gateway was registered, and the passwords were shown that once. Remove ${folder} to begin again.`,
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
