import { systemClock } from '../../../cloud/clock.ts';
import { openMigratedDatabase } from '../../../cloud/records/database.ts';
import { startEmbeddedPostgres } from '../../../cloud/records/embedded.ts';
import { createIngest } from '../../../cloud/records/ingest.ts';
import { putGateway } from '../../../cloud/records/registry.ts';
import { createRules, readPlans } from '../../../cloud/response-rules.ts';
import { alarmRecord, LogWriter, readings, site, smoke502, t0, transition } from './workshop.ts';

/** A cloud's heart to be killed: starts the embedded records in argv[2], commits without end, and prints each acknowledged cursor. */
const [, , folder = '', first = '1'] = process.argv;
const server = await startEmbeddedPostgres({ folder, log: { info: () => undefined, warn: () => undefined }, clock: systemClock });
const database = await openMigratedDatabase(server.connection);
await putGateway(database.db, { id: 'gw-1', name: { zh: '一号网关' }, area: 'xingfu/xfl' });
const ingest = createIngest(database, createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' }));
const log = new LogWriter(`life-${first}`);
await ingest.commit('gw-1', [log.batch('alarm', site(t0, smoke502))], t0);
process.stdout.write(`server ${server.pid}\n`);
for (let turn = 1; ; turn++) {
  const kind = turn % 2 === 1 ? 'raised' : 'cleared';
  const alarms = log.batch('alarm', alarmRecord(smoke502, t0 + turn, transition(kind, Math.ceil(turn / 2), t0 + turn)));
  const telemetry = log.batch(
    'telemetry',
    readings(smoke502, t0 + turn, { turn }),
    readings(smoke502, t0 + turn, { turn: turn + 0.5 }),
  );
  const cursor = await ingest.commit('gw-1', [alarms, telemetry], t0 + turn);
  process.stdout.write(`${JSON.stringify(cursor)}\n`);
}
