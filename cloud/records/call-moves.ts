import { type Kysely, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { CallKind, CallMove, CallPress } from '@yihu/device-profiles/vocabulary/call.ts';
import type { CallAudience, CallWaits } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { commonArea, namedAreas } from '../call/audience.ts';
import { type CallFacts, decideMove } from '../call/life.ts';
import { areAllSeen, type AudienceFigures, freeze } from './call-audience.ts';
import { addCallLine, callSeen, holdCall, noCount, noDelivery, type StoredCall, writeCall } from './call-rows.ts';
import { followMove } from './call-following.ts';
import { nextNumber } from './incident-number.ts';
import { once } from './once.ts';
import type { Actor, Refusal, Scope } from './records.ts';
import { within } from './scope.ts';
import { emit } from './stream.ts';
import { streamOf } from './call-stream.ts';
import type { Tables } from './tables.ts';

/** What somebody writes of a call before it is handed in. */
export interface CallDraft {
  readonly kind: CallKind;
  readonly lifeSafety: boolean;
  readonly template: StoredCall['template'];
  readonly title: string;
  readonly text: string;
  readonly audience: CallAudience;
  readonly waits: CallWaits;
  readonly startsAt: number | null;
  readonly incident: string | null;
  readonly supersedes: string | null;
}

export interface Doing {
  readonly scope: Scope;
  readonly actor: Actor;
  readonly key: string;
  readonly at: number;
}

/** The id of what was done, or why it was not. */
export type CallDone = { readonly id: string; readonly repeated: boolean } | { readonly refused: Refusal };

export function refuse(code: Refusal['code'], zh: string, en: string): { refused: Refusal } {
  return { refused: { code, message: { zh, en } } };
}

export const notThere = refuse('not-found', '没有找到', 'Not found');
const otherUse = refuse('key-reused', '这个请求编号已用于另一个操作', 'This request key was used for something else');

/** Why a draft cannot be kept, or null: everything it names lies within the author's reach. */
async function draftProblem(trx: Kysely<Tables>, scope: Scope, draft: CallDraft): Promise<{ refused: Refusal } | null> {
  const named = namedAreas(draft.audience);
  if (named.length === 0) return refuse('no-audience', '请选择呼叫范围', 'Choose whom to call');
  if (!(await areAllSeen(trx, scope, named))) {
    return refuse('invalid', '范围里有不存在或不归您管的区域', 'One of these areas does not exist or is not yours');
  }
  if (draft.incident !== null) {
    const seen = await sql`select 1 from incident i where i.id = ${draft.incident} and ${within('i.area', scope)}`.execute(trx);
    if (seen.rows.length === 0) return refuse('invalid', '没有这个事件', 'There is no such incident');
  }
  if (draft.supersedes === null) return null;
  const { rows } = await sql`select 1 from call c where c.id = ${draft.supersedes} and ${callSeen(scope)}
    and c.state in ('scheduled', 'sending', 'sent')`.execute(trx);
  return rows.length > 0
    ? null
    : refuse('invalid', '被替代的呼叫不存在或已经结束', 'The call to be superseded is not there, or over');
}

export async function createCall(
  trx: Kysely<Tables>,
  { scope, actor, key, at }: Doing,
  draft: CallDraft,
  timeZone: string,
): Promise<CallDone> {
  const refusal: { problem: { refused: Refusal } | null } = { problem: null };
  // Asked within, so that a draft that was kept is answered again although what it names is over by now.
  const done = await once(trx, { actor: actor.id, key, about: 'call', at }, async () => {
    refusal.problem = await draftProblem(trx, scope, draft);
    if (refusal.problem !== null) return null;
    const id = `call-${uuidv7()}`;
    const call: StoredCall = {
      ...draft,
      id,
      number: await nextNumber(trx, timeZone, at, 'H'),
      area: commonArea(namedAreas(draft.audience)),
      state: 'draft',
      begunAt: null,
      sentAt: null,
      endedAt: null,
      answerUntil: null,
      people: 0,
      households: 0,
      grids: 0,
      supersededBy: null,
      author: actor.id,
      authorName: actor.name,
      submitter: null,
      approver: null,
      approverName: null,
      reason: null,
      count: noCount,
      delivery: noDelivery,
      createdAt: at,
      updatedAt: at,
      version: 1,
    };
    await writeCall(trx, call);
    const text = { zh: `拟定呼叫 ${call.number}`, en: `Call ${call.number} was drafted` };
    await addCallLine(trx, id, { kind: 'state', text, data: { kind: draft.kind, template: draft.template }, actor }, at);
    return id;
  });
  if (refusal.problem !== null) return refusal.problem;
  if (typeof done === 'string') return otherUse;
  return { id: done.subject, repeated: done.repeated };
}

/** Writes a draft anew; only while it is one, and only over the version its writer saw. */
export async function changeCall(
  trx: Kysely<Tables>,
  { scope, actor, at }: Omit<Doing, 'key'>,
  wanted: { readonly id: string; readonly version: number; readonly draft: CallDraft },
): Promise<CallDone> {
  const call = await holdCall(trx, sql`c.id = ${wanted.id} and ${callSeen(scope)}`);
  if (call === null) return notThere;
  if (call.version !== wanted.version) return refuse('version-conflict', '别人刚刚改过', 'Somebody changed this a moment ago');
  if (call.state !== 'draft')
    return refuse('not-allowed', '已经提交，不能再改', 'It was handed in and cannot be changed any more');
  const problem = await draftProblem(trx, scope, wanted.draft);
  if (problem) return problem;
  const area = commonArea(namedAreas(wanted.draft.audience));
  await writeCall(trx, { ...call, ...wanted.draft, area, updatedAt: at, version: call.version + 1 });
  const text = { zh: '改了草稿', en: 'The draft was changed' };
  await addCallLine(trx, call.id, { kind: 'note', text, data: {}, actor }, at);
  return { id: call.id, repeated: false };
}

export interface PressedMove {
  readonly id: string;
  readonly move: CallPress;
  readonly version: number;
  readonly reason?: string | undefined;
}

/** Somebody presses: once per key, on the version they saw. */
export async function pressCall(trx: Kysely<Tables>, doing: Doing, pressed: PressedMove): Promise<CallDone> {
  const { scope, actor, key, at } = doing;
  const call = await holdCall(trx, sql`c.id = ${pressed.id} and ${callSeen(scope)}`);
  if (call === null || !(await areAllSeen(trx, scope, namedAreas(call.audience)))) return notThere;
  const refusal: { refused: Refusal | null } = { refused: null };
  const done = await once(trx, { actor: actor.id, key, about: `call ${call.id}`, at }, async () => {
    const moved = await moveCall(trx, call, { ...pressed, by: actor }, at);
    if ('refused' in moved) refusal.refused = moved.refused;
    return refusal.refused === null ? pressed.move : null;
  });
  if (refusal.refused !== null) return { refused: refusal.refused };
  if (typeof done === 'string' || done.subject !== pressed.move) return otherUse;
  return { id: call.id, repeated: done.repeated };
}

export interface AnyMove {
  readonly move: CallMove;
  readonly by: Actor | null;
  readonly version: number | null;
  readonly reason?: string | undefined;
}

/** Carries a move out, with all that comes of it, in the caller's transaction, which holds the call. */
export async function moveCall(
  trx: Kysely<Tables>,
  call: StoredCall,
  request: AnyMove,
  at: number,
): Promise<{ readonly call: StoredCall } | { readonly refused: Refusal }> {
  const frozen = request.move === 'submit' && call.state === 'draft' ? await freeze(trx, call.id, call.audience) : null;
  const decided = decideMove(await factsOf(trx, call, frozen), request);
  if ('refused' in decided) {
    if (frozen) await sql`delete from call_recipient where call = ${call.id}`.execute(trx);
    return decided;
  }
  const next: StoredCall = {
    ...call,
    ...changesOf(request, frozen),
    state: decided.to,
    updatedAt: at,
    version: call.version + 1,
  };
  const moved = { ...next, ...timesOf(request.move, at) };
  await writeCall(trx, moved);
  const data = {
    move: request.move,
    to: decided.to,
    ...(frozen ? { people: frozen.people, households: frozen.households } : {}),
  };
  await addCallLine(trx, call.id, { kind: 'state', text: decided.line, data, actor: request.by }, at);
  await followMove(trx, moved, request, at);
  if (request.move === 'begin' && call.supersedes !== null) await supersede(trx, call.id, call.supersedes, at);
  await emit(trx, await streamOf(trx, call.id, at));
  return { call: moved };
}

/** The call that another takes the place of ends with the other's first message. */
async function supersede(trx: Kysely<Tables>, by: string, id: string, at: number): Promise<void> {
  const old = await holdCall(trx, sql`c.id = ${id}`);
  if (old !== null) await moveCall(trx, { ...old, supersededBy: by }, { move: 'supersede', by: null, version: null }, at);
}

export async function factsOf(trx: Kysely<Tables>, call: StoredCall, frozen: AudienceFigures | null = null): Promise<CallFacts> {
  const { state, kind, version, author, submitter } = call;
  const { grids, people } = frozen ?? call;
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from call_recipient
    where call = ${call.id} and account = 'open'`.execute(trx);
  return { state, kind, version, author, submitter, grids, people, silent: rows[0]?.n ?? 0 };
}

/** What is written of a move beside the state. A list that is sent back is drawn up anew when it comes again. */
function changesOf({ move, by, reason }: AnyMove, frozen: AudienceFigures | null): Partial<StoredCall> {
  if (frozen) {
    const { people, households, grids, area } = frozen;
    const count = { ...noCount, people, households, silent: people, vulnerableSilent: frozen.vulnerable };
    const delivery = { ...noDelivery, unsent: people };
    return { people, households, grids, area, count, delivery, submitter: by?.id ?? null };
  }
  if (move === 'approve') return { approver: by?.id ?? null, approverName: by?.name ?? null };
  return reason === undefined ? {} : { reason };
}

/** Two days after the last message nobody answers any more. */
const answersMs = 48 * 3_600_000;

function timesOf(move: CallMove, at: number): Partial<StoredCall> {
  if (move === 'begin') return { begunAt: at, answerUntil: at + answersMs };
  if (move === 'finish') return { sentAt: at };
  const over = move === 'cancel' || move === 'recall' || move === 'supersede' || move === 'stand-down';
  return over ? { endedAt: at } : {};
}
