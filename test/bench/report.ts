import { loadavg } from 'node:os';
import type { AreaReport } from '@yihu/device-profiles/vocabulary/area-report.ts';
import type { SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import { tableText } from '@yihu/device-profiles/vocabulary/table.ts';
import { sql } from 'kysely';
import { systemClock } from '../../cloud/clock.ts';
import type { Database } from '../../cloud/records/database.ts';
import { createIngest } from '../../cloud/records/ingest.ts';
import { putGateway } from '../../cloud/records/registry.ts';
import { createRules, readPlans } from '../../cloud/response-rules.ts';
import { alarmRecord, LogWriter, readings, site, transition } from '../cloud/records/workshop.ts';
import { Browser, openBeside, openWorld } from '../cloud/web/world.ts';
import type { Bench, Row } from './run.ts';

const devices = 1_000;
const alarms = 1_000;
const days = 30;
const hour = 3_600_000;
const day = 24 * hour;
const aim = '< 10 s';

/** The month of a community of meters: what the worst case of a report is, because each is looked at for every day. */
export const report: Bench = {
  name: 'report',
  title: `Monthly report: ${devices} devices, all of them meters read every hour for ${days} days, ${alarms} alarms, embedded database`,
  async run() {
    const world = await openWorld({}, 'embedded');
    try {
      const database = await openBeside(world);
      const now = systemClock.now();
      await fill(database, now);
      await database.close();
      return await measure(await Browser.signIn(world, 'wuye'), now);
    } finally {
      await world.close();
    }
  },
};

async function fill(database: Database, now: number): Promise<void> {
  const { db } = database;
  await putGateway(db, { id: 'gw-1', name: { zh: '一号网关' }, area: 'xingfu/xfl' });
  const all = Array.from({ length: devices }, (_, nth): SiteDevice => {
    const place = { building: String(1 + (nth % 20)) };
    return { id: `meter-${nth}`, profile: 'chint.ddsu666', name: { zh: `${nth}号表` }, place };
  });
  const rules = createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' });
  const ingest = createIngest(database, rules);
  const writer = new LogWriter('e1');
  const begun = now - days * day;
  await ingest.commit('gw-1', [writer.batch('alarm', site(begun, ...all))], begun);
  const raised = Array.from({ length: alarms }, (_, nth) => {
    const at = begun + Math.floor((nth * days * day) / alarms);
    return alarmRecord(all[nth % devices] as SiteDevice, at, transition('raised', nth, at));
  });
  for (let from = 0; from < alarms; from += 100)
    await ingest.commit('gw-1', [writer.batch('alarm', ...raised.slice(from, from + 100))], now);
  const [first] = all;
  if (first === undefined) throw new Error('no device');
  await ingest.commit('gw-1', [writer.batch('telemetry', readings(first, now - 1, { energy_import: 5000 }))], now);
  await sql`insert into telemetry (device, log, seq, at, readings)
    select d.key, (select log from telemetry limit 1), -n, ${now}::bigint - n * ${hour}::bigint,
      jsonb_build_object('energy_import', 5000 - n * 0.5, 'voltage', 231.2)
    from device d, generate_series(1, ${sql.lit(days * 24)}) n`.execute(db);
  await sql`analyze`.execute(db);
}

async function measure(manager: Browser, now: number): Promise<Row[]> {
  const query = `area=xingfu&from=${now - days * day}&to=${now}`;
  const timed = async <T>(run: () => Promise<T>): Promise<[T, number]> => {
    const begun = systemClock.mono();
    const value = await run();
    return [value, (systemClock.mono() - begun) / 1000];
  };
  const ask = async () => (await manager.call<AreaReport>('GET', `/api/area-report?${query}`)).body;
  const [told, shown] = await timed(ask);
  // The screen makes the table of what it has; here both are counted.
  const [table, saved] = await timed(async () =>
    tableText(
      (await ask()).meters.map(({ place, name, used, first, last }) => [place, name.zh, used ?? '', first ?? '', last ?? '']),
    ),
  );
  const [pdf, printed] = await timed(async () => (await manager.raw('GET', `/api/area-report.pdf?${query}`)).arrayBuffer());
  const read = told.meters.filter(({ used }) => used !== null).length;
  if (read < devices - 1) throw new Error(`${read} of ${devices} meters were read`);
  return [
    { what: 'on the screen', value: shown, unit: 's', aim },
    { what: 'saved as a table (CSV)', value: saved, unit: 's', aim },
    { what: 'printed (PDF)', value: printed, unit: 's', aim },
    { what: 'alarms counted', value: told.alarms.reduce((sum, { total }) => sum + total, 0), unit: '' },
    { what: 'lines of the table', value: table.split('\n').length, unit: '' },
    { what: 'the document', value: pdf.byteLength / 1024, unit: 'kB' },
    { what: 'load of the machine meanwhile', value: loadavg()[0] ?? 0, unit: '' },
  ];
}
