import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { systemClock } from '../../../cloud/clock.ts';
import { type Connection, clientConfig, openMigratedDatabase } from '../../../cloud/records/database.ts';
import { startEmbeddedPostgres } from '../../../cloud/records/embedded.ts';
import { engineAccount } from '../../../cloud/records/engine-account.ts';
import { askForServer, type ServerKind } from '../shared-servers.ts';

/** A PostgreSQL of the tests, whichever it is. */
export interface Server {
  readonly connection: Exclude<Connection, string>;
  /** A database with every migration and nothing else, to be copied; of the run's own servers. */
  readonly template?: string;
  stop(): Promise<void>;
}

export const quiet = { info: () => undefined, warn: () => undefined };

export function temporaryFolder(): string {
  return mkdtempSync('/tmp/yihu-records-');
}

/** What these tests ask is not whether the disk keeps its word; `embedded.test.ts` does, with the settings as they are. */
const throwAway = { fsync: 'off', full_page_writes: 'off', max_connections: '200' };

/** The default: the engine from npm. One for the whole run; stopping it is the run's affair. */
export const embeddedServer = (): Promise<Server> => sharedServer('embedded');

/** Debian's PostgreSQL 15, as somebody who runs their own would have it; shared likewise. */
export const debianServer = (): Promise<Server> => sharedServer('debian');

async function sharedServer(kind: ServerKind): Promise<Server> {
  const shared = await askForServer(kind);
  return shared ? { ...shared, stop: async () => undefined } : ownServer(kind);
}

/** With the template that every test of a run copies; see `Server`. */
export async function serverWithTemplate(kind: ServerKind): Promise<Server> {
  const server = await ownServer(kind);
  const template = 'yihu_migrated';
  await administer(server.connection, `create database ${template}`);
  const migrated = await openMigratedDatabase({ ...server.connection, database: template });
  await migrated.close();
  return { ...server, template };
}

/** A server of the caller's own, to be stopped, killed or filled at will. */
export function ownServer(kind: ServerKind): Promise<Server> {
  return kind === 'embedded' ? ownEmbedded() : ownDebian();
}

async function ownEmbedded(): Promise<Server> {
  const folder = temporaryFolder();
  const server = await startEmbeddedPostgres({ folder, log: quiet, clock: systemClock, settings: throwAway });
  return {
    connection: server.connection,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const debian = '/usr/lib/postgresql/15/bin';

async function ownDebian(): Promise<Server> {
  const folder = temporaryFolder();
  const account = await engineAccount();
  if (account) chownSync(folder, account.uid, account.gid);
  const password = randomBytes(12).toString('hex');
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const data = path.join(folder, 'data');
  const words = [
    '-D',
    data,
    '-U',
    'yihu',
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ];
  execFileSync(`${debian}/initdb`, words, { ...account, cwd: folder, stdio: 'ignore' });
  const flags = [
    '-D',
    data,
    '-c',
    'listen_addresses=',
    '-c',
    `unix_socket_directories=${folder}`,
    '-c',
    'port=5432',
    '-c',
    'fsync=off',
    '-c',
    'max_connections=200',
  ];
  const child = spawn(`${debian}/postgres`, flags, { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  await ready(child);
  return {
    connection: { host: folder, port: 5432, user: 'yihu', password, database: 'postgres' },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('postgres ended')));
    if (child.stderr)
      createInterface({ input: child.stderr }).on('line', (line) => line.includes('ready to accept') && resolve());
  });
}

/** Runs one statement on the server's own database, outside of any pool. */
async function administer(connection: Exclude<Connection, string>, statement: string): Promise<void> {
  const client = new Client(clientConfig({ ...connection, database: 'postgres' }));
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

let made = 0;

/**
 * A database of its own on this server, a copy of `template` where one is named; `drop` takes it away again. Copied as files,
 * which without fsync takes a fifth of the time of copying through the write-ahead log.
 */
export async function makeDatabase(
  connection: Exclude<Connection, string>,
  template?: string,
): Promise<{ connection: Exclude<Connection, string>; drop(): Promise<void> }> {
  const name = `yihu_${process.pid}_${++made}_${randomBytes(3).toString('hex')}`;
  await administer(
    connection,
    `create database ${name}${template === undefined ? '' : ` template ${template} strategy file_copy`}`,
  );
  const drop = (): Promise<void> => administer(connection, `drop database if exists ${name} with (force)`);
  return { connection: { ...connection, database: name }, drop };
}
