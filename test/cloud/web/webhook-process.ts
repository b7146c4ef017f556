import { systemClock } from '../../../cloud/clock.ts';
import { openDatabase } from '../../../cloud/records/database.ts';
import { keyRecords } from '../../../cloud/records/keys.ts';
import { StreamBell } from '../../../cloud/records/wake.ts';
import { openKeys } from '../../../cloud/registry/open-keys.ts';
import { startWebhooks } from '../../../cloud/webhooks.ts';

/** Sends what is queued, in a process that a test can kill: the connection, the key file and how far its clock is ahead. */
const { connection, keyFile, ahead } = JSON.parse(process.argv[2] ?? '') as {
  connection: Parameters<typeof openDatabase>[0];
  keyFile: string;
  ahead: number;
};
const clock = { ...systemClock, now: () => systemClock.now() + ahead };
const database = openDatabase(connection);
const { sealer } = await openKeys(keyFile, keyRecords(database.db), clock.now());
const bell = new StreamBell(database.connection, clock);
startWebhooks({
  db: database.db,
  sealer,
  clock,
  log: { warn: (message) => process.stderr.write(`${message}\n`) },
  onStream: (wake) => bell.listen(wake),
  allowPrivate: ['127.0.0.1'],
  sends: true,
});
