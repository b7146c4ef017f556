import type { Kysely } from 'kysely';
import { plan } from './due.ts';
import type { Tables } from './tables.ts';

/** A door to knock at (`of` is the home) or a need (`of` is the person) of a call. */
export interface CallWant {
  readonly what: 'door' | 'need';
  readonly call: string;
  readonly of: string;
}

/** Something about it changed: the sweep sees to its task within a second. Calls are held here, and tasks are made under another lock. */
export async function wantTasks(trx: Kysely<Tables>, wants: readonly CallWant[], at: number): Promise<void> {
  await plan(
    trx,
    wants.map(({ what, call, of }) => ({ kind: 'call-task' as const, subject: `${what} ${call} ${of}`, step: 0, dueAt: at })),
  );
}
