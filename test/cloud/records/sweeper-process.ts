import { systemClock } from '../../../cloud/clock.ts';
import type { Connection } from '../../../cloud/records/database.ts';
import { openDatabase } from '../../../cloud/records/database.ts';
import { createSweeper } from '../../../cloud/records/sweeper.ts';
import { createRules, readPlans } from '../../../cloud/response-rules.ts';

/** A sweep of its own, to be killed: on the database argv[2] under the name argv[3]; says `ready`, then each thing it did. */
const [, , connection = '', worker = ''] = process.argv;
const database = openDatabase(JSON.parse(connection) as Connection);
const rules = createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' });
const sweeper = createSweeper({ database, rules, clock: systemClock }, worker);
process.stdout.write('ready\n');
for (;;) {
  const done = await sweeper.run(Date.now());
  for (const { due } of done) process.stdout.write(`${due.kind} ${due.subject} ${due.step}\n`);
  await systemClock.sleep(50);
}
