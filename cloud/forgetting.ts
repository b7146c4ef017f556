import type { RetentionDays } from './retention.ts';
import { auditRecords } from './records/audit.ts';
import type { Database } from './records/database.ts';
import { dropOldLoad } from './records/flood.ts';
import { dropOldCommands } from './records/incident-moves.ts';
import { auditedKinds, type Forgotten, forgetOld, kinds } from './records/retention.ts';

const day = 24 * 3_600_000;

/** Command keys, and the load of each operator: what only the present needs. */
const commandsKeptMs = 7 * day;
const loadKeptMs = day;

/** Batches of one kind in one turn; what is left waits for the next. */
const turns = 20;

/** What comes every second goes every minute: readings, the stream, the sweep's own account. */
export async function forgetQuick({ db }: Database, days: RetentionDays, now: number): Promise<void> {
  for (const kind of kinds) {
    if (!auditedKinds.includes(kind)) await forgetOld(db, kind, { before: now - days[kind] * day, now, turns });
  }
  await dropOldLoad(db, now - loadKeptMs);
  await dropOldCommands(db, now - commandsKeptMs);
}

/** What is about people or about what was done goes once an hour, and the audit says how much of it and up to when. */
export async function forgetAudited({ db }: Database, days: RetentionDays, now: number): Promise<Forgotten[]> {
  const done: Forgotten[] = [];
  for (const kind of auditedKinds) {
    const forgotten = await forgetOld(db, kind, { before: now - days[kind] * day, now, turns });
    if (forgotten.rows === 0) continue;
    done.push(forgotten);
    await auditRecords(db).append({
      at: now,
      actor: null,
      account: null,
      role: null,
      area: null,
      action: 'RETENTION',
      object: kind,
      result: forgotten.caughtUp ? 'done' : 'goes on',
      ip: '',
      detail: { rows: forgotten.rows, before: forgotten.before, days: days[kind] },
    });
  }
  return done;
}
