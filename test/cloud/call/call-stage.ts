import { CallAudience, type CallWaits } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { Deliverer } from '../../../cloud/delivering.ts';
import type { Message, Recipient, Sent } from '../../../cloud/notify/action.ts';
import type { OpenChannel } from '../../../cloud/notify/channels.ts';
import { type CallDone, type CallDraft, createCall, pressCall, type PressedMove } from '../../../cloud/records/call-moves.ts';
import { readCall } from '../../../cloud/records/call-questions.ts';
import type { CallDesk } from '../../../cloud/records/call-waves.ts';
import { createDeliveries, whoKey } from '../../../cloud/records/deliveries.ts';
import { inTransaction } from '../../../cloud/records/retry.ts';
import { createRules } from '../../../cloud/response-rules.ts';
import { HandClock } from '../../hand-clock.ts';
import { newKey, type PeopleStage, t0, xfl } from '../registry/people-stage.ts';

export const wang = { id: 'u-wang', name: '王芳' };
export const li = { id: 'u-li', name: '李雷' };
export const here = { areas: ['xingfu'] };
export const waits: CallWaits = { againMs: 120_000, headMs: 300_000, doorMs: 600_000 };

export interface Heard {
  readonly channel: string;
  readonly to: string;
  readonly title: string;
  readonly text: string;
  readonly link: string | undefined;
}

/** Calls on a database of their own, with two channels that say what they heard and a clock turned by hand. */
export function openCallStage(stage: PeopleStage) {
  const clock = new HandClock(t0);
  const ladders = { lifeSafety: [['sms'], ['voice']], other: [['sms']] };
  const rules = createRules({ plans: [], profiles: new Map(), timeZone: 'Asia/Shanghai', ladders });
  const desk: CallDesk = {
    database: stage.database,
    rules,
    clock,
    ways: { ladders, linkOf: (nth) => `https://example.test/a/${nth}` },
  };
  const heard: Heard[] = [];
  const stageSay: { say: Record<string, (to: string) => Sent> } = { say: {} };
  const taken: Sent = { state: 'accepted', receipt: false };
  const channelOf = (id: string): OpenChannel => ({
    id,
    action: 'test',
    reaches: 'phone',
    test: undefined,
    channel: {
      send: async ({ title, text, link }: Message, { address }: Recipient) => {
        const sent = stageSay.say[id]?.(address) ?? taken;
        if (sent.state === 'accepted') heard.push({ channel: id, to: address, title, text, link });
        return sent;
      },
      close: async () => undefined,
    },
  });
  const deliveries = createDeliveries(stage.database.db, rules.telling);
  const deliverers = ['sms', 'voice'].map(
    (id) =>
      new Deliverer({
        channel: channelOf(id),
        deliveries,
        addresses: async (who) => new Map(who.map((one) => [whoKey(one.kind, one.id), [{ address: one.id, name: '' }]])),
        clock,
        log: { warn: (message) => void heard.push({ channel: 'log', to: '', title: '', text: message, link: undefined }) },
      }),
  );
  const { db } = stage.database;
  const draft = (audience: Partial<CallAudience>, more: Partial<CallDraft> = {}): CallDraft => ({
    kind: 'actual',
    lifeSafety: true,
    template: null,
    title: '火警：请立即离开',
    text: '3栋发生火情，到东门集合。',
    audience: CallAudience.parse(audience),
    waits,
    startsAt: null,
    incident: null,
    supersedes: null,
    ...more,
  });
  const create = (by: typeof wang, wanted: CallDraft, key = newKey(), scope = here): Promise<CallDone> =>
    inTransaction(db, (trx) => createCall(trx, { scope, actor: by, key, at: clock.now() }, wanted, 'Asia/Shanghai'));
  const press = async (by: typeof wang, id: string, move: PressedMove['move'], more: { reason?: string; key?: string } = {}) => {
    const version = (await readCall(db, here, id, by.id))?.version ?? 0;
    const { reason, key = newKey() } = more;
    return inTransaction(db, (trx) =>
      pressCall(trx, { scope: here, actor: by, key, at: clock.now() }, { id, move, version, ...(reason && { reason }) }),
    );
  };
  const deliver = async (channel?: 'sms' | 'voice'): Promise<void> => {
    for (const [index, deliverer] of deliverers.entries()) {
      if (channel !== undefined && ['sms', 'voice'][index] !== channel) continue;
      while ((await deliverer.deliverOnce()) > 0);
    }
  };
  const idOf = (done: CallDone): string => {
    if ('id' in done) return done.id;
    throw new Error(JSON.stringify(done));
  };
  const read = async (id: string, as = wang) => {
    const call = await readCall(db, here, id, as.id);
    if (!call) throw new Error('no call');
    return call;
  };
  return Object.assign(stageSay, { clock, desk, db, heard, deliveries, draft, create, press, deliver, idOf, read });
}

export type CallStage = ReturnType<typeof openCallStage>;
export const community = xfl;
