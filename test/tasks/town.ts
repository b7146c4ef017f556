import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Role } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Browser as Chromium, Page } from 'playwright-core';
import { systemClock } from '../../cloud/clock.ts';
import type { Database } from '../../cloud/records/database.ts';
import { createIngest } from '../../cloud/records/ingest.ts';
import { createRules, readPlans } from '../../cloud/response-rules.ts';
import { startChild } from '../../demo/child.ts';
import { freePort } from '../../demo/ports.ts';
import { makeStreet, type StreetSize } from '../bench/street-life.ts';
import { type ProviderServer, providerServer } from '../cloud/notify/provider-server.ts';
import { smsChannels } from '../cloud/notify/sms-channels.ts';
import { LogWriter, transition } from '../cloud/records/workshop.ts';
import { Browser, type Door, openBeside, openWorld } from '../cloud/web/world.ts';
import { openBrowser, openPage } from '../screens/browser.ts';

/** The seed community with everybody who works in it, a provider of SMS, and a browser: where tasks are done and measured. */
export interface Town extends Door {
  readonly url: string;
  readonly folder: string;
  readonly chromium: Chromium;
  readonly provider: ProviderServer;
  readonly database: Database;
  /** Signed in as an API caller, for what somebody else does meanwhile. */
  readonly as: Readonly<Record<'admin' | 'desk' | 'manager' | 'worker', Browser>>;
  /** Everybody who goes, by their id. */
  readonly workers: ReadonlyMap<string, Browser>;
  /** The area of the worker. */
  readonly grid: string;
  /** Smoke in a home where nothing is going on; returns the device. */
  raise(): Promise<{ gateway: string; device: string }>;
  /** A page of a window of its own, signed in. */
  open(account: string, options?: { width: number; height: number }): Promise<Page>;
  /** Run before everything else is closed. */
  readonly beforeClose: (() => Promise<void>)[];
  close(): Promise<void>;
}

export const password = 'one quiet phrase for all';
const street = 'heping';
const grid = `${street}/xfl/g1`;
const beatMs = 15_000;

/** As few as still are a street with everything in it, for a test. */
export const smallStreet: StreetSize = {
  communities: 2,
  grids: 4,
  households: 240,
  people: 600,
  devices: 100,
  alarmsEach: 6,
  framesEach: 200,
};

interface Cloud extends Door {
  readonly data: string;
  readonly database: Database;
  stop(): Promise<void>;
}

interface Where {
  readonly folder: string;
  readonly screens: string | null;
  readonly channels: string;
  readonly port: number;
}

/** A cloud in a process of its own with its own database and the built screens; or in this one, on the tests' server, with `screens`. */
export async function openTown(size: StreetSize, screens: string | null): Promise<Town> {
  const folder = mkdtempSync('/tmp/yihu-town-');
  // The database's account must pass through.
  chmodSync(folder, 0o711);
  const [provider, chromium, port] = await Promise.all([providerServer(), openBrowser(), freePort(0)]);
  const where = { folder, screens, port, channels: smsChannels(folder, provider) };
  const cloud = await (screens === null ? cloudBeside(where) : cloudHere(where));
  await makeStreet(cloud.database, path.join(cloud.data, 'people.key'), size);
  const { as, workers } = await peopleOf(cloud);
  const raise = await raiser(cloud.database, size);
  await raise();
  await quietMorning(as.desk);
  const heart = await beat(cloud.database, size.grids);
  const beforeClose: (() => Promise<void>)[] = [];
  return {
    ...cloud,
    url: cloud.cloud.url,
    folder,
    chromium,
    provider,
    as,
    workers,
    grid,
    raise,
    open: async (account, viewport = { width: 1366, height: 768 }) => {
      const { page } = await openPage(chromium, viewport);
      await page.context().addInitScript(noteSounds);
      await page.goto(cloud.cloud.url);
      await page.fill('#account', account);
      await page.fill('#password', cloud.passwords.get(account) ?? password);
      await page.keyboard.press('Enter');
      return page;
    },
    beforeClose,
    close: async () => {
      for (const step of beforeClose) await step();
      await chromium.close();
      await heart.stop();
      await cloud.database.close();
      await cloud.stop();
      await provider.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** When a tone begins is noted, because nobody can hear it here. */
const noteSounds = `{
  const start = OscillatorNode.prototype.start;
  window.tones = [];
  OscillatorNode.prototype.start = function (...given) { window.tones.push(performance.timeOrigin + performance.now()); return start.apply(this, given); };
}`;

async function cloudHere({ screens, channels, port }: Where): Promise<Cloud> {
  const where = { listen: { host: '127.0.0.1', port }, publicUrl: `http://127.0.0.1:${port}` };
  const world = await openWorld({ screens, channels, ...where, demo: false });
  const database = await openBeside(world);
  return { cloud: world.cloud, passwords: world.passwords, data: world.folder, database, stop: () => world.close() };
}

async function cloudBeside({ folder, channels, port }: Where): Promise<Cloud> {
  const data = path.join(folder, 'cloud');
  const logs = path.join(folder, 'log');
  mkdirSync(logs);
  const options = [
    '--data',
    data,
    '--channels',
    channels,
    '--listen',
    `127.0.0.1:${port}`,
    '--public-url',
    `http://127.0.0.1:${port}`,
  ];
  const uplink = ['--uplink-listen', `127.0.0.1:${await freePort(0)}`];
  const child = startChild(
    'cloud',
    ['cloud/bin/yihu-cloud.js', 'run', ...options, ...uplink, '--json', '--log-level', 'warn'],
    logs,
  );
  const { url, accounts } = (await child.started) as { url: string; accounts: { account: string; password: string }[] };
  const door = { cloud: { url }, passwords: new Map(accounts.map(({ account, password: secret }) => [account, secret])) };
  return {
    ...door,
    data,
    database: await openBeside({ folder: data, connection: null }),
    stop: async () => {
      child.process.kill('SIGTERM');
      await child.ended;
    },
  };
}

const staff: readonly { account: string; name: string; role: Role; area: string }[] = [
  { account: 'desk', name: '王芳', role: 'dispatcher', area: street },
  { account: 'desk-2', name: '陈静', role: 'dispatcher', area: street },
  { account: 'manager', name: '李军', role: 'property', area: street },
  { account: 'installer', name: '周师傅', role: 'installer', area: street },
  ...Array.from({ length: 5 }, (_, nth) => {
    return {
      account: `worker-${nth + 1}`,
      name: `网格员${nth + 1}`,
      role: 'grid-worker' as const,
      area: nth < 3 ? grid : street,
    };
  }),
];

/** Everybody has an account and a telephone; those who go are on duty. */
async function peopleOf(door: Door): Promise<Pick<Town, 'as' | 'workers'>> {
  const admin = await Browser.signIn(door, 'admin');
  for (const [nth, { account, name, role, area }] of staff.entries()) {
    const person = { account, name, phone: `139000000${String(nth).padStart(2, '0')}`, password, grants: [{ area, role }] };
    const made = await admin.call('POST', '/api/users', person);
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  }
  const [desk, second, manager, worker, ...others] = await Promise.all(
    ['desk', 'desk-2', 'manager', 'worker-1', 'worker-2', 'worker-3', 'worker-4', 'worker-5'].map((name) =>
      Browser.signIn(door, name, password),
    ),
  );
  if (!desk || !second || !manager || !worker) throw new Error('nobody signed in');
  for (const browser of [worker, ...others, desk, second]) {
    const { status } = await browser.call('PUT', '/api/me/duty', { onDuty: true });
    if (status !== 200) throw new Error(`${browser.session?.user.account ?? ''} cannot come on duty: ${status}`);
  }
  const workers = new Map([worker, ...others].map((each) => [each.session?.user.id ?? '', each]));
  return { as: { admin, desk, manager, worker }, workers };
}

/** What stood open from the days before was acknowledged then, as on any morning. */
async function quietMorning(desk: Browser): Promise<void> {
  const { body } = await desk.call<{ items: { id: string; version: number; state: string }[] }>(
    'GET',
    '/api/incidents?limit=200',
  );
  for (const { id, version, state } of body.items) {
    if (state !== 'open') continue;
    const moved = await desk.call('POST', `/api/incidents/${id}/moves`, { move: 'confirm', version, key: `morning-${id}` });
    if (moved.status !== 200) throw new Error(JSON.stringify(moved.body));
  }
}

async function rulesHere() {
  return createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' });
}

/** The gateways of the seed beat as real ones do: without that the whole street would be lost within a minute. */
async function beat(database: Database, gateways: number): Promise<{ stop: () => Promise<void> }> {
  const ingest = createIngest(database, await rulesHere());
  let running = Promise.resolve();
  const calledOff = new AbortController();
  const turn = async (): Promise<void> => {
    for (let nth = 1; nth <= gateways && !calledOff.signal.aborted; nth += 1)
      await ingest.seen(`gw-seed-${nth}`, systemClock.now());
    if (!calledOff.signal.aborted) systemClock.after(beatMs, () => void (running = turn()));
  };
  await turn();
  return {
    stop: () => {
      calledOff.abort();
      return running;
    },
  };
}

/** Each time in the next grid, then the next device, so that nothing is merged into what stands already. */
async function raiser(database: Database, { grids, alarmsEach }: StreetSize): Promise<Town['raise']> {
  const ingest = createIngest(database, await rulesHere());
  let raised = 0;
  return async () => {
    const nth = (raised % grids) + 1;
    const device = `seed-${nth}-${alarmsEach + 1 + Math.floor(raised / grids)}`;
    raised += 1;
    const at = systemClock.now();
    const record = {
      kind: 'alarm' as const,
      device,
      profile: 'heiman.hs1sa-e',
      at,
      events: [],
      transitions: [transition('raised', 1_000 + raised, at)],
    };
    await ingest.commit(`gw-seed-${nth}`, [new LogWriter(`live-${raised}`).batch('alarm', record)], at);
    return { gateway: `gw-seed-${nth}`, device };
  };
}
