import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { tableText } from '@yihu/device-profiles/vocabulary/table.ts';
import type { AreaReport } from '@yihu/device-profiles/vocabulary/area-report.ts';
import { sql } from 'kysely';
import { systemClock } from '../../cloud/clock.ts';
import { createLog } from '../../cloud/log.ts';
import { startCloud } from '../../cloud/main.ts';
import { openMigratedDatabase } from '../../cloud/records/database.ts';
import { startEmbeddedPostgres } from '../../cloud/records/embedded.ts';
import { reportTable } from '../../dashboards/property/report-table.ts';
import { Browser, type World } from '../cloud/web/world.ts';
import type { Bench, Row } from './run.ts';
import { makeStreet } from './street-life.ts';

const meters = 1_000;
const days = 30;
const day = 86_400_000;
const aim = '< 10 s';

/** The month of a street with 3,000 devices, 1,000 of them meters read every hour, and its 1,200 alarms: as asked for, printed, saved. */
export const report: Bench = {
  name: 'report',
  title: `Monthly report, ${meters} meters of 3,000 devices, a reading an hour for ${days} days, embedded database`,
  async run() {
    const folder = mkdtempSync('/tmp/yihu-bench-report-');
    const quiet = { info: () => undefined, warn: () => undefined };
    const server = await startEmbeddedPostgres({ folder: `${folder}/postgres`, log: quiet, clock: systemClock });
    try {
      const { connection } = server;
      const database = await openMigratedDatabase(connection);
      await makeStreet(database, `${folder}/people.key`);
      const now = systemClock.now();
      await sql`update device set profile = 'chint.ddsu666' where key in (select key from device order by key limit ${sql.lit(meters)})`.execute(
        database.db,
      );
      await sql`insert into telemetry (device, log, seq, at, readings)
        select d.key, (select log from telemetry limit 1), -n, ${now}::bigint - n * 3600000::bigint,
          jsonb_build_object('energy_import', 5000 - n * 0.5, 'voltage', 231.2)
        from device d, generate_series(1, ${sql.lit(days * 24)}) n where d.profile = 'chint.ddsu666'`.execute(database.db);
      await sql`analyze`.execute(database.db);
      await database.close();
      const password = encodeURIComponent(connection.password ?? '');
      const cloud = await startCloud({
        data: `${folder}/data`,
        databaseUrl: `postgresql://${connection.user}:${password}@localhost/${connection.database}?host=${encodeURIComponent(connection.host)}&port=${connection.port}`,
        peopleKeyFile: `${folder}/people.key`,
        listen: { host: '127.0.0.1', port: 0 },
        uplinkListen: { host: '127.0.0.1', port: 0 },
        screens: null,
        log: createLog('fatal', { write: () => undefined }),
        clock: systemClock,
      });
      try {
        const passwords = new Map((cloud.accounts ?? []).map((account) => [account.account, account.password]));
        const nothing = async () => undefined;
        const world: World = { cloud, passwords, connection: null, folder: '', lines: [], restart: nothing, close: nothing };
        return await measure(await Browser.signIn(world, 'admin'), now);
      } finally {
        await cloud.stop();
      }
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(admin: Browser, now: number): Promise<Row[]> {
  const query = `area=heping&from=${now - days * day}&to=${now}`;
  const timed = async <T>(run: () => Promise<T>): Promise<[T, number]> => {
    const begun = systemClock.mono();
    const value = await run();
    return [value, (systemClock.mono() - begun) / 1000];
  };
  const [{ body }, cold] = await timed(() => admin.call<AreaReport>('GET', `/api/area-report?${query}`));
  const [, asked] = await timed(() => admin.call<AreaReport>('GET', `/api/area-report?${query}`));
  const words = { t: (key: string) => key, text: ({ zh }: { zh: string }) => zh } as unknown as Parameters<typeof reportTable>[1];
  const [table, saved] = await timed(async () => {
    const { body: told } = await admin.call<AreaReport>('GET', `/api/area-report?${query}`);
    return tableText(reportTable(told, words));
  });
  const [pdf, printed] = await timed(async () => (await admin.raw('GET', `/api/area-report.pdf?${query}`)).arrayBuffer());
  const read = body.meters.filter(({ used }) => used !== null).length;
  if (read !== meters) throw new Error(`${read} of ${meters} meters were read`);
  return [
    { what: 'on the screen, the first time', value: cold, unit: 's', aim },
    { what: 'on the screen, again', value: asked, unit: 's', aim },
    { what: 'saved as a table (CSV)', value: saved, unit: 's', aim },
    { what: 'printed (PDF)', value: printed, unit: 's', aim },
    { what: 'rows of the table', value: table.split('\n').length, unit: '' },
    { what: 'the document', value: pdf.byteLength / 1024, unit: 'kB' },
    { what: 'load of the machine meanwhile', value: loadavg()[0] ?? 0, unit: '' },
  ];
}
