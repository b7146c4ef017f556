import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import type { Clock } from '../clock.ts';
import { type Connection, clientConfig } from './database.ts';
import { type Account, canReach, engineAccount } from './engine-account.ts';
import { type Engine, prepareEngine } from './engine-binaries.ts';
import { clearOrphan, startedAt } from './engine-orphan.ts';

export interface EmbeddedOptions {
  /** Everything of the records lies in here; on a disk that keeps what it was told to sync. */
  readonly folder: string;
  readonly log: { info(message: string): void; warn(message: string): void };
  readonly clock: Clock;
  /** Server settings over ours, for a larger machine or a throw-away database. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The server ended without being asked to: nothing can be committed any more. */
  readonly onDeath?: (error: Error) => void;
}

export interface EmbeddedPostgres {
  readonly connection: Exclude<Connection, string> & { readonly password: string };
  /** Process id of the server. */
  readonly pid: number;
  /** Fast shutdown: running transactions are rolled back, committed ones are on the disk. */
  stop(): Promise<void>;
}

const user = 'yihu';
const database = 'yihu';
const port = 5432;
/** sun_path of unix(7) holds 108 bytes, one of them the closing zero. */
const socketPathBytes = 107;

/** Small, and never at the price of a commit: fsync and synchronous_commit stay on whatever the machine's habits. */
const settings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  port: String(port),
  shared_buffers: '64MB',
  max_connections: '40',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_compression: 'on',
  max_wal_size: '512MB',
  lc_messages: 'C',
  log_timezone: 'UTC',
  timezone: 'UTC',
  jit: 'off',
} as const;

/**
 * Starts PostgreSQL from the npm package as a child process on a Unix socket in a private folder; the first start makes
 * the database. A server left behind by a killed parent is shut down first.
 * @throws with a sentence where the folder is in use, cannot be reached by the unprivileged account, or the server refuses.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const account = await engineAccount();
  const folder = await makePrivateFolder(path.resolve(options.folder), account, options.log);
  const engine = await prepareEngine(folder, account);
  const data = path.join(folder, 'data');
  const ownerFile = path.join(folder, 'owner');
  await clearOrphan(data, ownerFile, options.clock);
  await writeFile(ownerFile, `${process.pid} ${await startedAt(process.pid)}`);
  const password = await ensureCluster(folder, engine, account);
  const socketFolder = await makeSocketFolder(folder, account);
  const server = await launch(engine, data, socketFolder, account, options);
  const connection = { host: socketFolder, port, user, password, database };
  try {
    await ensureDatabase(connection);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { connection, pid: server.pid, stop: server.stop };
}

/**
 * The folder itself; or, where we are root and the folder lies below one that is closed to everybody else (/root), one of
 * its own in /var/lib, named after it so that the next start finds it again.
 */
async function makePrivateFolder(wanted: string, account: Account | null, log: EmbeddedOptions['log']): Promise<string> {
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  if (account === null) return wanted;
  await chown(wanted, account.uid, account.gid);
  if (await canReach(wanted, account)) return wanted;
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  const folder = path.join('/var/lib/yihu', name);
  await mkdir('/var/lib/yihu', { recursive: true, mode: 0o755 });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, account.uid, account.gid);
  if (!(await canReach(folder, account)))
    throw new Error(`account ${account.uid} of the database may enter neither ${wanted} nor ${folder}`);
  log.warn(`the database's account may not enter ${wanted}; its files lie in ${folder}`);
  return folder;
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** initdb under a working name, then one rename: a first start that was killed half-way starts over. Returns the password. */
async function ensureCluster(folder: string, engine: Engine, account: Account | null): Promise<string> {
  const data = path.join(folder, 'data');
  const passwordFile = path.join(folder, 'password');
  if (await isThere(path.join(data, 'PG_VERSION'))) return (await readFile(passwordFile, 'utf8')).trim();
  const password = randomBytes(24).toString('base64url');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) await chown(passwordFile, account.uid, account.gid);
  const half = path.join(folder, 'data.new');
  await rm(half, { recursive: true, force: true });
  const provider = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${user}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  await run(
    engine.initdb,
    ['--pgdata', half, ...provider, ...access, '--data-checksums', '--sync-method=syncfs'],
    folder,
    account,
  );
  await rename(half, data);
  return password;
}

function run(program: string, words: string[], cwd: string, account: Account | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { ...account, cwd, env: engineEnvironment, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${path.basename(program)} ended with ${code}: ${said}`)),
    );
  });
}

/** Nothing of ours reaches the engine: no PG* variable, no library path, no secret. */
const engineEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

async function makeSocketFolder(folder: string, account: Account | null): Promise<string> {
  const near = path.join(folder, 'run');
  const fits = Buffer.byteLength(path.join(near, `.s.PGSQL.${port}.lock`)) <= socketPathBytes;
  const socketFolder = fits ? near : await mkdtemp(path.join(tmpdir(), 'yihu-'));
  await mkdir(socketFolder, { recursive: true });
  await chmod(socketFolder, 0o700);
  if (account) await chown(socketFolder, account.uid, account.gid);
  return socketFolder;
}

/**
 * The lifeline: a pipe whose other end is ours. When we die, however we die, the kernel closes it, the waiting shell wakes
 * and asks the server for a fast shutdown. `$$` is the pid that `exec` hands to the server.
 */
const lifeline = '(read -r _ <&3; kill -INT $$) & exec "$0" "$@" 3<&-';

async function launch(engine: Engine, data: string, socketFolder: string, account: Account | null, options: EmbeddedOptions) {
  const flags = Object.entries({ ...settings, ...options.settings, unix_socket_directories: socketFolder }).flatMap(
    ([key, value]) => ['-c', `${key}=${value}`],
  );
  const child = spawn('/bin/sh', ['-c', lifeline, engine.postgres, '-D', data, ...flags], {
    ...account,
    cwd: data,
    env: engineEnvironment,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    // A session of its own, so that Ctrl-C reaches us alone and we stop the server last.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const pipe = child.stdio[3];
  pipe?.on('error', () => undefined);
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    pipe?.destroy();
    await ended;
    if (!socketFolder.startsWith(path.dirname(data))) await rm(socketFolder, { recursive: true, force: true });
  };
  child.once('exit', (code, signal) => {
    if (!stopping) options.onDeath?.(new Error(`the database server ended by itself (${signal ?? code})`));
  });
  await untilReady(child, options);
  return { pid: child.pid ?? 0, stop };
}

/** Resolves at the server's own word, after however long a recovery takes; rejects when it ends instead. */
function untilReady(child: ChildProcess, options: EmbeddedOptions): Promise<void> {
  const lastLines: string[] = [];
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the database server ended with ${code}: ${lastLines.join(' | ')}`)));
    if (!child.stderr) return reject(new Error('the database server has no log'));
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastLines.push(line);
      if (lastLines.length > 20) lastLines.shift();
      if (/ (WARNING|ERROR|FATAL|PANIC):/.test(line)) options.log.warn(`database: ${line}`);
      else options.log.info(`database: ${line}`);
      if (line.includes('database system is ready to accept connections')) resolve();
    });
  });
}

async function ensureDatabase(connection: Exclude<Connection, string>): Promise<void> {
  const client = new Client(clientConfig({ ...connection, database: 'postgres' }));
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${database}`);
  } finally {
    await client.end();
  }
}
