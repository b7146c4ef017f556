import { type Kysely, sql } from 'kysely';
import type { CallKind } from '@yihu/device-profiles/vocabulary/call.ts';
import { marked } from '../call/words.ts';
import type { TaskState } from '@yihu/device-profiles/vocabulary/task.ts';
import { applyTaskMove, type TaskCore } from '../task/move.ts';
import { derivedId } from './derived-id.ts';
import type { Due } from './due.ts';
import { standsFor } from './incident-family.ts';
import type { Rules } from './rules.ts';
import type { Tables } from './tables.ts';
import { selectLeg, selectTasks } from './task-rows.ts';
import { carryTask } from './task-work.ts';
import { createTask } from './tasks.ts';

interface Wanted {
  readonly area: string;
  readonly place: string;
  readonly note: string | null;
  readonly state: string;
  /** When it was asked for, ms since 1970 UTC. */
  readonly at: number;
  /** Of the call; null where it belongs to none, or that one is over. */
  readonly incident: string | null;
  readonly isLive: boolean;
  /** Of the call: nobody sets out for a drill as for the real thing. */
  readonly kind: CallKind;
}

async function read(trx: Kysely<Tables>, what: string, call: string, of: string): Promise<Wanted | null> {
  const from =
    what === 'door'
      ? sql`(select area, note, state, at from call_door where call = ${call} and area = ${of}) x`
      : sql`(select area, note, state, at from call_need where call = ${call} and person = ${of}) x`;
  const { rows } = await sql<Wanted>`select x.area, area_label(x.area) as place, x.note, x.state, x.at,
      i.id as incident, c.state in ('sending', 'sent') as "isLive", c.kind
    from ${from} join call c on c.id = ${call} left join incident i on i.id = ${standsFor(sql`c.incident`)} and i.open`.execute(
    trx,
  );
  return rows[0] ?? null;
}

/**
 * The newest task of a door or a need, and the key the next one would have: whoever asks for help again after it was given has
 * a new one, and so has a door of which nobody said what was found.
 */
async function latestOf(
  trx: Kysely<Tables>,
  what: string,
  call: string,
  of: string,
): Promise<{ known: TaskCore | undefined; nextKey: string }> {
  let known: TaskCore | undefined;
  for (let round = 0; ; round++) {
    const nextKey = round === 0 ? `${what} ${of}` : `${what} ${of} ${round}`;
    const [task] = await selectTasks(trx, sql`t.id = ${derivedId('task', 'call', call, nextKey)}`);
    if (!task) return { known, nextKey };
    known = task;
  }
}

/** The task that somebody goes there with, or went there last; null where there was none yet. */
export async function currentCallTask(
  trx: Kysely<Tables>,
  what: 'door' | 'need',
  call: string,
  of: string,
): Promise<TaskCore | null> {
  return (await latestOf(trx, what, call, of)).known ?? null;
}

const overStates: readonly TaskState[] = ['done', 'verified', 'cancelled'];
const doneStates: readonly TaskState[] = ['done', 'verified'];

/**
 * Nobody was sent yet; somebody asks for help, or is silent, again after the task was over; or of a door nobody said what was
 * found.
 */
function mustBeMade({ state, isLive, at }: Wanted, what: string, known: TaskCore | undefined): boolean {
  if (state !== 'open' || !isLive) return false;
  if (!known) return true;
  if (what === 'door' && doneStates.includes(known.state)) return true;
  return overStates.includes(known.state) && at > known.updatedAt;
}

/** 敲门与求助 of a call as tasks: one for each home or need that is open, called off when it is taken care of otherwise. */
export async function callTaskIsDue(trx: Kysely<Tables>, rules: Rules, { subject }: Due, now: number): Promise<string> {
  const [what = '', call = '', ...rest] = subject.split(' ');
  const of = rest.join(' ');
  const wanted = await read(trx, what, call, of);
  if (!wanted) return 'gone';
  const { known, nextKey: key } = await latestOf(trx, what, call, of);
  if (mustBeMade(wanted, what, known)) {
    const { area, place, note, incident, kind } = wanted;
    const zh = what === 'door' ? `敲门核实：${place}` : `求助：${place}`;
    const en = what === 'door' ? `Knock at the door: ${place}` : `Help is needed: ${place}`;
    await createTask(
      trx,
      rules,
      {
        kind: what === 'door' ? 'door-knock' : 'visit',
        title: { zh: marked(kind, zh).slice(0, 120), en: `${kind === 'actual' ? '' : `${kind}: `}${en}`.slice(0, 120) },
        ...(note === null ? {} : { note }),
        area,
        place,
        source: { kind: 'call', id: call },
        ...(incident === null ? {} : { incident }),
        // A worker has many doors at once and one message about all of them: a minute for each would only pass them round.
        lifeSafety: what === 'need',
        roles: ['grid-worker', 'property'],
        by: null,
        key,
      },
      now,
    );
    return 'task';
  }
  if (!known || (wanted.state !== 'done' && (wanted.isLive || what === 'need'))) return 'as it was';
  const moved = applyTaskMove(known, await selectLeg(trx, known.leg), {
    move: 'cancel',
    by: null,
    at: now,
    reason: what === 'door' ? '已有回应' : '求助已办',
    legId: '',
  });
  if ('refused' in moved) return moved.refused.code;
  await carryTask({ trx, rules, at: now }, moved);
  return 'called off';
}
