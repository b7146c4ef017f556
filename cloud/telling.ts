import type { Kysely } from 'kysely';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Clock } from './clock.ts';
import type { Received, ReceiptCall } from './notify/action.ts';
import type { Channels } from './notify/channels.ts';
import { subscriptionProblem } from './notify/push-subscription.ts';
import { type Contact, contactsOf, dropContact, putContact } from './records/addresses.ts';
import { channelHealth, testChannel } from './records/channel-tests.ts';
import type { Deliveries } from './records/deliveries.ts';
import { type DeliveryFilter, listDeliveries, retryDelivery } from './records/delivery-lists.ts';
import type { Delivery } from './records/delivery-rows.ts';
import type { Page, Scope } from './records/records.ts';
import type { Tables } from './records/tables.ts';

const dayMs = 24 * 3_600_000;

/** A word somebody sent back by a channel, for whoever counts answers. */
export type OnReply = (channel: string, reply: Received['replies'][number]) => Promise<void>;

export interface TellingOptions {
  readonly db: Kysely<Tables>;
  readonly channels: Channels;
  readonly deliveries: Deliveries;
  readonly clock: Clock;
  readonly onReply: OnReply;
}

/** What the pages may ask of the ways to people. */
export type Telling = ReturnType<typeof createTelling>;

export function createTelling({ db, channels, deliveries, clock, onReply }: TellingOptions) {
  return {
    async channels() {
      const health = await channelHealth(db, [...channels.all.keys()], clock.now() - dayMs);
      return health.map((each) => {
        const { action = '', reaches = '' } = channels.all.get(each.channel) ?? {};
        return { ...each, action, reaches };
      });
    },
    async test(id: string, key: string): Promise<'ordered' | 'repeated' | 'unknown' | 'no-target'> {
      const channel = channels.all.get(id);
      if (channel === undefined) return 'unknown';
      if (channel.test === undefined) return 'no-target';
      return (await testChannel(db, id, channel.test.name, `by hand ${key}`, clock.now())) ? 'ordered' : 'repeated';
    },
    async deliveries(scope: Scope, filter: DeliveryFilter) {
      const page: Page<Delivery> = await listDeliveries(db, scope, filter);
      return { ...page, items: page.items.map(shown) };
    },
    async retry(scope: Scope, id: string) {
      const delivery = await retryDelivery(db, scope, id, clock.now());
      return delivery === null || delivery === 'over' ? delivery : shown(delivery);
    },
    /** Null where there is no such channel, or it does not believe the caller. */
    async receive(id: string, call: ReceiptCall): Promise<Received['answer'] | null> {
      const received = channels.all.get(id)?.channel.receive?.(call);
      if (received === undefined || 'refused' in received) return null;
      for (const receipt of received.receipts)
        await deliveries.receipt(id, { ...receipt, providerId: plain(receipt.providerId) }, clock.now());
      for (const { from, text, providerId } of received.replies)
        await onReply(id, { from: plain(from), text: plain(text), providerId: plain(providerId) });
      return received.answer;
    },
    /** Null where no channel pushes to browsers. */
    pushKey: (): string | null => [...channels.all.values()].map(({ channel }) => channel.subscribeKey).find(Boolean) ?? null,
    contacts: (user: string) => contactsOf(db, user),
    /** What is wrong with where somebody wants to be reached; null where nothing is. */
    contactProblem: ({ reach, address }: Contact): Text | null =>
      reach === 'push' ? subscriptionProblem(address, channels.allowPrivate) : null,
    putContact: (user: string, contact: Contact) => putContact(db, user, contact, clock.now()),
    dropContact: (user: string, reach: Contact['reach'], address: string) => dropContact(db, user, reach, address),
  };
}

/** What no database keeps: a provider that got an error for it would send it again for ever. */
function plain(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '');
}

/** Without its text and where it went: a list of messages is no list of addresses. */
function shown({
  rest: _rest,
  occasion: _occasion,
  priority: _priority,
  message,
  providerId: _provider,
  expiresAt: _end,
  dueAt,
  ...delivery
}: Delivery) {
  const waits = delivery.state === 'queued' || delivery.state === 'held';
  return { ...delivery, title: message.title, dueAt: waits ? dueAt : null };
}
