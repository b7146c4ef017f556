import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type Child, startChild } from '../../demo/child.ts';
import { freePort } from '../../demo/ports.ts';
import { registerGateway } from '../../demo/register.ts';

const root = resolve(import.meta.dirname, '../..');

export interface Rig {
  readonly folder: string;
  readonly url: string;
  readonly localUrl: string;
  readonly accounts: readonly { account: string; password: string; role: string }[];
  readonly gateway: Child;
  readonly cloud: Child;
  readonly startMs: { readonly cloud: number; readonly gateway: number };
  stop(): Promise<void>;
}

/** A site for a benchmark: `local` is the local API's port. */
export type SiteOf = (folder: string) => Promise<Record<string, unknown>> | Record<string, unknown>;

/** A real cloud and a real gateway in a folder of their own, claimed and connected. */
export async function startRig(siteOf: SiteOf): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-bench-'));
  execFileSync('chmod', ['711', folder]);
  const logs = join(folder, 'log');
  mkdirSync(logs);
  const [web, uplink, local] = await Promise.all([freePort(0), freePort(0), freePort(0)]);
  const site = join(folder, 'gateway.yaml');
  const file = {
    schema: 'yihu-site/1',
    gateway: { id: 'gw-bench', name: '测试网关' },
    data: 'gateway',
    listen: `127.0.0.1:${local}`,
    ...(await siteOf(folder)),
  };
  writeFileSync(site, stringify(file));
  const cloudAt = performance.now();
  const cloud = startChild(
    'cloud',
    [
      'cloud/bin/yihu-cloud.js',
      'run',
      '--data',
      join(folder, 'cloud'),
      '--listen',
      `127.0.0.1:${web}`,
      '--uplink-listen',
      `127.0.0.1:${uplink}`,
      '--demo',
      '--json',
    ],
    logs,
  );
  const { url, accounts } = (await cloud.started) as { url: string; accounts: Rig['accounts'] };
  const cloudMs = performance.now() - cloudAt;
  const admin = accounts.find(({ role }) => role === 'admin');
  if (!admin) throw new Error('a first start without an administrator');
  await registerGateway({ url, gateway: 'gw-bench', site, admin, root });
  const gatewayAt = performance.now();
  const gateway = startChild('gateway', ['gateway/bin/yihu-gateway.js', 'run', site, '--json', '--log-level', 'warn'], logs);
  await gateway.started;
  const gatewayMs = performance.now() - gatewayAt;
  const stop = async () => {
    for (const child of [gateway, cloud]) {
      child.process.kill('SIGTERM');
      await Promise.race([child.ended, pause(10_000)]);
      child.process.kill('SIGKILL');
    }
    if (process.env['KEEP'] === undefined) rmSync(folder, { recursive: true, force: true });
  };
  return {
    folder,
    url,
    localUrl: `http://127.0.0.1:${local}`,
    accounts,
    gateway,
    cloud,
    startMs: { cloud: cloudMs, gateway: gatewayMs },
    stop,
  };
}

/** One sample of a Prometheus page; the sum of all samples that carry these labels. */
export async function metric(url: string, name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return text
    .split('\n')
    .filter(
      (line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && wanted.every((label) => line.includes(label)),
    )
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** CPU seconds and resident megabytes of a process and all its children, from /proc. */
export function usage(pid: number): { cpuSeconds: number; rssMegabytes: number } {
  const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((id) => id !== '');
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Fields 14–17 of proc(5): own time and that of children that have ended.
  const own = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / ticks;
  const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  const rss = Number(pss?.[1] ?? 0) / 1024;
  return children
    .map((id) => usage(Number(id)))
    .reduce(
      (sum, child) => ({ cpuSeconds: sum.cpuSeconds + child.cpuSeconds, rssMegabytes: sum.rssMegabytes + child.rssMegabytes }),
      { cpuSeconds: own, rssMegabytes: rss },
    );
}

export async function until(what: string, holds: () => Promise<boolean>, withinMs = 120_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${withinMs} ms`);
    await pause(50);
  }
}

export function percentile(sorted: readonly number[], p: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;
}

/** A profile with `points` numbers in one JSON message, for load; written beside the site. */
export function loadProfile(folder: string, points: number): string {
  const dir = join(folder, 'profiles', 'bench');
  mkdirSync(dir, { recursive: true });
  const names = Array.from({ length: points }, (_, i) => `p${i}`);
  const profile = {
    schema: 'yihu-profile/1',
    id: 'bench.load',
    version: '1.0.0',
    name: { zh: '压测设备', en: 'Load device' },
    maker: { zh: '测试', en: 'Bench' },
    model: 'load',
    category: 'other',
    sources: ['made for the benchmark'],
    confidence: 'normalised',
    transport: {
      protocol: 'mqtt',
      identity: { name: 'id', pattern: '^[a-z0-9-]{1,32}$', label: { zh: '编号', en: 'Id' } },
      topics: { up: { filter: 'load/{id}/up', qos: 1 } },
    },
    availability: { offlineAfter: '1h' },
    points: Object.fromEntries(names.map((name) => [name, { name: { zh: `数值 ${name}`, en: `Value ${name}` }, unit: '1' }])),
    decode: { up: [{ points: Object.fromEntries(names.map((name) => [name, `$.${name}`])) }] },
    alarms: {
      high: {
        name: { zh: '数值过高', en: 'Value high' },
        point: 'p0',
        above: 1000,
        clear: 900,
        severity: 'critical',
        hazard: 'fire',
      },
    },
    vectors: [{ name: 'first value', origin: 'synthetic', given: { channel: 'up', json: { p0: 1.5 } }, expect: { p0: 1.5 } }],
  };
  writeFileSync(join(dir, 'load.yaml'), stringify(profile));
  return 'profiles';
}
