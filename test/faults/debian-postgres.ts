import { execFileSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { engineAccount } from '../../cloud/records/engine-account.ts';
import { freePort } from '../../demo/ports.ts';
import { endOf, type Programs } from '../stories/programs.ts';

const bin = '/usr/lib/postgresql/15/bin';

/** Debian's PostgreSQL 15 as somebody's own server: a TCP port, a user with a password, and stopped and started at will. */
export class DebianPostgres {
  readonly url: string;
  readonly #start: () => Promise<ChildProcess>;
  #server: ChildProcess | null = null;

  private constructor(url: string, start: () => Promise<ChildProcess>) {
    this.url = url;
    this.#start = start;
  }

  static async make(programs: Programs): Promise<DebianPostgres> {
    const folder = join(programs.folder, 'postgres-15');
    const account = await engineAccount();
    const port = await freePort(0);
    const password = randomBytes(12).toString('hex');
    mkdirSync(folder);
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, password);
    chmodSync(passwordFile, 0o644);
    if (account) chownSync(folder, account.uid, account.gid);
    const data = join(folder, 'data');
    const words = ['-D', data, '-U', 'yihu', '-A', 'scram-sha-256', '--pwfile', passwordFile, '-E', 'UTF8', '--locale=C.UTF-8'];
    execFileSync(`${bin}/initdb`, words, { ...account, cwd: folder, stdio: 'ignore' });
    const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: folder };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const start = () =>
      programs.foreign(`${bin}/postgres`, ['-D', data, ...flags], 'ready to accept connections', account ?? undefined);
    const server = new DebianPostgres(`postgres://yihu:${password}@127.0.0.1:${port}/yihu`, start);
    await server.start();
    const client = new Client({ host: '127.0.0.1', port, user: 'yihu', password, database: 'postgres' });
    await client.connect();
    await client.query('create database yihu');
    await client.end();
    return server;
  }

  async start(): Promise<void> {
    this.#server = await this.#start();
  }

  /** Fast shutdown: whoever is connected is thrown out. */
  async stop(): Promise<void> {
    if (this.#server) await endOf(this.#server, 'SIGINT');
  }
}
