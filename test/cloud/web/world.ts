import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Session } from '@yihu/device-profiles/vocabulary/view.ts';
import { type CloudOptions, type RunningCloud, startCloud } from '../../../cloud/main.ts';
import { createLog } from '../../../cloud/log.ts';
import { type Connection, type Database, openDatabase } from '../../../cloud/records/database.ts';
import { createIngest } from '../../../cloud/records/ingest.ts';
import { putGateway } from '../../../cloud/records/registry.ts';
import { readRunFile } from '../../../cloud/run-file.ts';
import { createRules, readPlans } from '../../../cloud/response-rules.ts';
import { embeddedServer, makeDatabase } from '../records/servers.ts';
import { alarmRecord, LogWriter, site, smoke502, transition } from '../records/workshop.ts';

/** A whole cloud with a database of its own and real HTTP; everything it logged is in `lines`. */
export interface World {
  /** Null where the cloud brought its own embedded server. */
  readonly connection: Connection | null;
  cloud: RunningCloud;
  readonly folder: string;
  readonly lines: string[];
  readonly passwords: ReadonlyMap<string, string>;
  /** The same folder again, after a stop. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const anywhere = { host: '127.0.0.1', port: 0 };

/** A second community, next to the one of the demo. */
export async function addFarAway(world: World): Promise<void> {
  await world.cloud.records.putArea({ path: 'xingfu/dhy', parent: 'xingfu', kind: 'community', name: '大河沿' });
}

export async function openWorld(options: Partial<CloudOptions> = {}, database: 'shared' | 'embedded' = 'shared'): Promise<World> {
  const folder = mkdtempSync('/tmp/yihu-web-');
  const own = database === 'shared' ? await ownDatabase() : null;
  const databaseUrl = own === null ? {} : { databaseUrl: urlOf(own.connection) };
  const lines: string[] = [];
  const log = createLog('trace', { write: (line) => void lines.push(line) });
  const data = path.join(folder, 'data');
  const where = { listen: anywhere, uplinkListen: anywhere };
  const start = () => startCloud({ data, ...where, demo: true, screens: null, log, ...databaseUrl, ...options });
  // mkdtemp closes its folder to everybody else; the database's account must pass through.
  chmodSync(folder, 0o755);
  const cloud = await start();
  const passwords = new Map((cloud.accounts ?? []).map(({ account, password }) => [account, password]));
  const world: World = {
    cloud,
    folder: data,
    connection: own?.connection ?? null,
    lines,
    passwords,
    restart: async () => {
      await world.cloud.stop();
      world.cloud = await start();
    },
    close: async () => {
      await world.cloud.stop();
      await own?.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

async function ownDatabase() {
  const { connection, template } = await embeddedServer();
  return makeDatabase(connection, template);
}

/** The same as a URL, which is what a cloud with an external database is given; the host is the folder of a socket. */
function urlOf({ host, port, user, password = '', database }: Exclude<Connection, string>): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
}

/** A cloud as somebody reaches it who has an account there. */
export interface Door {
  readonly cloud: Pick<RunningCloud, 'url'>;
  readonly passwords: ReadonlyMap<string, string>;
}

/** A signed-in browser: cookie and token kept, JSON in and out. */
export class Browser {
  readonly world: Door;
  cookie = '';
  csrf = '';
  session: Session | null = null;

  constructor(world: Door) {
    this.world = world;
  }

  static async signIn(world: Door, account: string, password = world.passwords.get(account) ?? ''): Promise<Browser> {
    const browser = new Browser(world);
    const { status, body } = await browser.call<Session>('POST', '/api/session', { account, password });
    if (status !== 200) throw new Error(`${account} could not sign in: ${status} ${JSON.stringify(body)}`);
    browser.session = body;
    browser.csrf = body.csrf;
    return browser;
  }

  async raw(method: string, address: string, init: { body?: string; headers?: Record<string, string> } = {}): Promise<Response> {
    const headers = { ...(this.cookie ? { cookie: this.cookie } : {}), ...init.headers };
    const response = await fetch(this.world.cloud.url + address, {
      method,
      headers,
      ...(init.body === undefined ? {} : { body: init.body }),
    });
    const set = response.headers.getSetCookie()[0]?.split(';')[0];
    if (set) this.cookie = set;
    return response;
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the test says what it expects to hear
  async call<T = Record<string, unknown>>(method: string, address: string, body?: unknown): Promise<{ status: number; body: T }> {
    const headers: Record<string, string> = { 'x-csrf-token': this.csrf };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await this.raw(method, address, { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
  }
}

/** A second connection to the running cloud's database. */
export async function openBeside(world: Pick<World, 'connection' | 'folder'>): Promise<Database> {
  if (world.connection !== null) return openDatabase(world.connection);
  const running = await readRunFile(world.folder);
  if (running === null) throw new Error('no cloud runs here');
  return openDatabase(running.connection);
}

/** A gateway in an area whose smoke detector has spoken: its alarm and its incident are there. */
export async function raiseSmoke(world: World, gateway = 'gw-1', area = 'xingfu/xfl', episode = 1): Promise<void> {
  const database = await openBeside(world);
  try {
    await putGateway(database.db, { id: gateway, name: { zh: '一号网关' }, area });
    const rules = createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' });
    const ingest = createIngest(database, rules);
    const writer = new LogWriter(`e${episode}`);
    const at = Date.UTC(2026, 10, 23, 2, 0, episode);
    const raised = alarmRecord(smoke502, at, transition('raised', episode, at));
    await ingest.commit(gateway, [writer.batch('alarm', site(at, smoke502), raised)], at + 300);
  } finally {
    await database.close();
  }
}

let keys = 0;

export function newKey(): string {
  keys += 1;
  return `key-${String(keys).padStart(8, '0')}`;
}
