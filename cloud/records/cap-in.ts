import { createHash } from 'node:crypto';
import type { CapReceipt } from '@yihu/device-profiles/vocabulary/cap.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { type Kysely, sql } from 'kysely';
import { type Warning, warningOf } from '../cap/meaning.ts';
import { capLimits } from '../cap/limits.ts';
import type { CapMessage } from '../cap/message.ts';
import { targetsOf } from '../cap/targets.ts';
import { parseOffsetTime } from '../cap/time.ts';
import { capCandidates } from './cap-areas.ts';
import { spreadWarning } from './cap-alarms.ts';
import type { Desk } from './commands.ts';
import { derivedId } from './derived-id.ts';
import { cancel, plan } from './due.ts';
import type { Actor, Scope } from './records.ts';
import { lockResponse } from './response-work.ts';
import { inTransaction } from './retry.ts';
import type { Rules } from './rules.ts';
import type { Tables } from './tables.ts';

/** Why a message is not taken, with the place in it that says so. */
export interface CapRefusal {
  readonly code:
    | 'identifier-taken'
    | 'unknown-reference'
    | 'not-yours'
    | 'already-cancelled'
    | 'expired'
    | 'no-area'
    | 'sent-ahead';
  readonly path: string;
  readonly message: Text;
}

export type CapTaken = { readonly ok: true; readonly value: CapReceipt } | { readonly ok: false; readonly refused: CapRefusal };

interface StoredMessage {
  readonly identifier: string;
  readonly thread: string;
  readonly effect: CapReceipt['effect'];
  readonly areas: readonly string[];
  readonly by: string;
  readonly hash: string;
  readonly sentAt: number;
}

const columns = sql.raw(`identifier, thread, effect, areas, by, hash, sent_at as "sentAt"`);

/** A message inside its transaction, with everything it is decided on. */
interface Coming {
  readonly trx: Kysely<Tables>;
  readonly rules: Rules;
  readonly scope: Scope;
  readonly actor: Actor;
  readonly message: CapMessage;
  readonly sentAt: number;
  readonly at: number;
}

interface Effect {
  readonly effect: CapReceipt['effect'];
  readonly thread: string;
  readonly areas: readonly string[];
  readonly until: number | null;
}

/**
 * Takes a warning from outside: once, whoever sends it again and to however many workers. Alarms are raised, changed or
 * cleared in the areas it means, in the same transaction as the message is kept.
 */
export function receiveCap(desk: Desk, scope: Scope, actor: Actor, message: CapMessage, document: string): Promise<CapTaken> {
  const hash = createHash('sha256').update(document).digest('hex');
  return inTransaction<CapTaken>(desk.database.db, async (trx) => {
    await lockResponse(trx);
    const [known] = await selectIn(trx, message.sender, [message.identifier]);
    if (known)
      return known.hash === hash && known.by === actor.id ? answer(trx, message, known, true) : { ok: false, refused: taken };
    const at = desk.clock.now();
    const coming = { trx, rules: desk.rules, scope, actor, message, sentAt: parseOffsetTime(message.sent) ?? at, at };
    const done = await take(coming);
    if ('code' in done) return { ok: false, refused: done };
    await keep(coming, done, hash, document);
    return answer(trx, message, done, false);
  });
}

const taken: CapRefusal = {
  code: 'identifier-taken',
  path: '/alert/identifier',
  message: {
    zh: '这个发送者已用同一标识发过另一条消息，请换一个标识',
    en: 'This sender has sent another message under this identifier; use a new one',
  },
};

async function take(coming: Coming): Promise<Effect | CapRefusal> {
  const { message, sentAt, at } = coming;
  if (sentAt > at + capLimits.aheadMs)
    return refusal(
      'sent-ahead',
      '/alert/sent',
      '发送时间在将来，请校准发送方时钟',
      'It was sent in the future; set the sender’s clock',
    );
  const own = derivedId('cap', message.sender, message.identifier);
  const isAnswer = message.msgType === 'Ack' || message.msgType === 'Error';
  if (message.status !== 'Actual' || isAnswer) return { effect: 'kept', thread: own, areas: [], until: null };
  if (message.msgType === 'Alert') return warn(coming, own, 'raised');
  const before = await referred(coming);
  if ('code' in before) return before;
  if (before.latest > sentAt) return { effect: 'late', thread: before.thread, areas: [], until: null };
  if (message.msgType === 'Update') return warn(coming, before.thread, 'updated');
  await end(coming, before.thread);
  return { effect: 'cancelled', thread: before.thread, areas: before.areas, until: null };
}

function refusal(code: CapRefusal['code'], path: string, zh: string, en: string): CapRefusal {
  return { code, path, message: { zh, en } };
}

/** The story the references tell of: known, this caller's own, and not over. */
async function referred(coming: Coming): Promise<{ thread: string; latest: number; areas: readonly string[] } | CapRefusal> {
  const { trx, message, actor } = coming;
  const path = '/alert/references';
  const found: StoredMessage[] = [];
  for (const { sender, identifier } of message.references) found.push(...(await selectIn(trx, sender, [identifier])));
  const [first] = found;
  const missing = message.references.filter(({ identifier }) => !found.some((one) => one.identifier === identifier));
  if (!first || missing.length > 0) {
    const names = missing
      .map(({ identifier }) => identifier)
      .join(', ')
      .slice(0, 60);
    return refusal(
      'unknown-reference',
      path,
      `没有收到过所引用的消息：${names}`,
      `The message it refers to never came: ${names}`,
    );
  }
  if (found.some(({ by }) => by !== actor.id))
    return refusal('not-yours', path, '所引用的消息由别的账号发布', 'The message it refers to was sent by another account');
  const { rows } = await sql<StoredMessage>`select ${columns} from cap_message where direction = 'in' and thread = ${first.thread}
    order by id`.execute(trx);
  if (rows.some(({ effect }) => effect === 'cancelled'))
    return refusal(
      'already-cancelled',
      path,
      '所引用的预警已取消，请发布新的预警',
      'The warning it refers to was cancelled; send a new one',
    );
  // A message may take up several warnings; the others end where this one goes on.
  for (const other of new Set(found.map(({ thread }) => thread))) if (other !== first.thread) await end(coming, other);
  return { thread: first.thread, latest: Math.max(...rows.map(({ sentAt }) => sentAt)), areas: rows.at(-1)?.areas ?? [] };
}

async function warn(coming: Coming, thread: string, effect: 'raised' | 'updated'): Promise<Effect | CapRefusal> {
  const { trx, rules, scope, actor, message, sentAt, at } = coming;
  const warning = warningOf(message, at);
  if (!warning)
    return refusal(
      'expired',
      '/alert/info/0/expires',
      '这条预警已过有效期，没有采用',
      'This warning is over already; it was not taken',
    );
  const areas = targetsOf(message, await capCandidates(trx, scope, message));
  if (areas.length === 0)
    return refusal(
      'no-area',
      '/alert/info/0/area',
      '其中的代码和边界不涉及您可发布的区域',
      'None of its codes and outlines means an area you may warn',
    );
  await spreadWarning({ trx, rules, thread, actor, message, sentAt, at }, areas, warning);
  await plan(trx, [{ kind: 'cap-end', subject: thread, step: 0, dueAt: warning.until }]);
  return { effect, thread, areas, until: warning.until };
}

async function end({ trx, rules, actor, message, sentAt, at }: Coming, thread: string): Promise<void> {
  await spreadWarning({ trx, rules, thread, actor, message, sentAt, at }, [], null);
  await cancel(trx, 'cap-end', [thread]);
}

async function selectIn(trx: Kysely<Tables>, sender: string, identifiers: readonly string[]): Promise<StoredMessage[]> {
  const { rows } = await sql<StoredMessage>`select ${columns} from cap_message
    where direction = 'in' and sender = ${sender} and identifier = any(${[...identifiers]})`.execute(trx);
  return rows;
}

async function keep(coming: Coming, { effect, thread, areas, until }: Effect, hash: string, document: string): Promise<void> {
  const { trx, message, actor, sentAt, at } = coming;
  const headline = headlineOf(message, warningOf(message, at));
  await sql`insert into cap_message (direction, sender, identifier, sent, sent_at, status, msg_type, headline, thread, effect, areas, by,
      expires_at, at, hash, document)
    values ('in', ${message.sender}, ${message.identifier}, ${message.sent}, ${sentAt}, ${message.status}, ${message.msgType}, ${headline},
      ${thread}, ${effect}, ${[...areas]}, ${actor.id}, ${until}, ${at}, ${hash}, ${document})`.execute(trx);
}

function headlineOf(message: CapMessage, warning: Warning | null): string {
  return (warning?.headline.zh ?? message.info[0]?.headline ?? message.info[0]?.event ?? message.note ?? message.msgType).slice(
    0,
    200,
  );
}

async function answer(
  trx: Kysely<Tables>,
  { sender, identifier }: CapMessage,
  { effect, thread, areas }: Pick<Effect, 'effect' | 'thread' | 'areas'>,
  repeated: boolean,
): Promise<CapTaken> {
  const { rows } = await sql<{ incident: string }>`select distinct incident from alarm
    where gateway = 'cap' and device = ${thread} and incident is not null order by incident`.execute(trx);
  const incidents = rows.map(({ incident }) => incident);
  return { ok: true, value: { sender, identifier, effect, areas: [...areas], incidents, repeated } };
}
