import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Deliverer } from '../../../cloud/delivering.ts';
import type { Message, Recipient, Sent } from '../../../cloud/notify/action.ts';
import type { OpenChannel } from '../../../cloud/notify/channels.ts';
import { createDeliveries, type Deliveries } from '../../../cloud/records/deliveries.ts';
import { type Delivery, deliveryColumns, type DeliveryOrder, order } from '../../../cloud/records/delivery-rows.ts';
import { listDeliveries, retryDelivery } from '../../../cloud/records/delivery-lists.ts';
import { channelHealth, testChannels } from '../../../cloud/records/channel-tests.ts';
import type { Server } from '../records/servers.ts';
import { type Bench, community, openWorkshop, t0, type Workshop } from '../records/workshop.ts';

const reason = { zh: '忙', en: 'busy' };
const scope = { areas: ['xingfu'] };

/** A channel that says what the test wants and remembers whom it was asked to tell. */
function fakeChannel(id: string, say: (message: Message, to: Recipient) => Sent): OpenChannel & { told: string[] } {
  const told: string[] = [];
  return {
    id,
    action: 'fake',
    reaches: 'phone',
    test: { address: '+8613800000000', name: '自检' },
    told,
    channel: {
      send: (message, to) => {
        told.push(`${to.address} ${message.title}`);
        return Promise.resolve(say(message, to));
      },
      close: () => Promise.resolve(),
    },
  };
}

const yes = (): Sent => ({ state: 'accepted', receipt: false });
const no = (): Sent => ({ state: 'never', code: 'refused', reason });

/** The queue of messages over one kind of server: nothing forgotten, nothing silent, no step skipped. */
export function deliveriesSuite(name: string, start: () => Promise<Server>): void {
  describe(`deliveries on ${name}`, () => {
    let workshop: Workshop;
    let bench: Bench;
    let deliveries: Deliveries;
    let now = t0;
    beforeAll(async () => {
      workshop = await openWorkshop(start);
    });
    afterAll(() => workshop.stop());
    beforeEach(async () => {
      now = t0;
      bench = await workshop.fresh();
      deliveries = createDeliveries(bench.database.db, bench.rules.telling);
    });
    afterEach(() => bench.close());

    const db = () => bench.database.db;
    const ordered = (more: Partial<DeliveryOrder> = {}): DeliveryOrder => ({
      source: 'incident',
      subject: 'inc-1',
      who: { kind: 'user', id: 'u-1', name: '王芳' },
      area: community,
      ladder: [['sms'], ['voice']],
      occasion: 'step-1',
      lifeSafety: true,
      priority: 1,
      message: { language: 'zh', title: '烟雾', text: '烟雾报警' },
      at: now,
      expiresAt: now + 600_000,
      ...more,
    });
    const all = async (): Promise<Delivery[]> =>
      (await sql<Delivery>`select ${deliveryColumns} from delivery d order by d.created_at, d.channel, d.id`.execute(db())).rows;
    const states = async () => Object.fromEntries((await all()).map(({ channel, state }) => [channel, state]));
    const deliverer = (channel: OpenChannel) =>
      new Deliverer({
        channel,
        deliveries,
        addresses: (who) =>
          Promise.resolve(new Map(who.map(({ kind, id }) => [`${kind} ${id}`, [{ address: `+86${id}`, name: id }]]))),
        clock: { now: () => now, mono: () => now, after: () => ({ cancel: () => undefined }), sleep: () => Promise.resolve() },
        log: { warn: () => undefined },
      });

    it('the same occasion is told once, however often it is ordered', async () => {
      expect(await order(db(), [ordered(), ordered()])).toBe(1);
      expect(await order(db(), [ordered({ message: { language: 'zh', title: '另', text: '另' } })])).toBe(0);
      expect(await order(db(), [ordered({ occasion: 'step-2' })])).toBe(1);
    });

    it('two workers never take the same message', async () => {
      await order(
        db(),
        Array.from({ length: 60 }, (_, i) => ordered({ who: { kind: 'user', id: `u-${i}`, name: '' } })),
      );
      const taken = (await Promise.all([1, 2, 3, 4].map(() => deliveries.lease('sms', 25, now)))).flat();
      expect(new Set(taken.map(({ id }) => id)).size).toBe(taken.length);
      expect(taken.length + (await deliveries.lease('sms', 100, now)).length).toBe(60);
    });

    it('forgets no message whose provider answers while others are being written down', async () => {
      const count = 60;
      await order(
        db(),
        Array.from({ length: count }, (_, i) => ordered({ who: { kind: 'user', id: `u-${i}`, name: '' } })),
      );
      // Each answers a turn of the loop later than the one before it, so that some come while a write is under way.
      let turns = 0;
      const slow = fakeChannel('sms', yes);
      const channel = {
        ...slow.channel,
        send: async (message: Message, to: Recipient) => {
          turns += 1;
          for (let turn = turns; turn > 0; turn -= 1) await new Promise((done) => setImmediate(done));
          return slow.channel.send(message, to);
        },
      };
      await deliverer({ ...slow, channel }).deliverOnce();
      expect((await all()).map(({ state }) => state)).toEqual(Array.from({ length: count }, () => 'sent'));
      expect(slow.told).toHaveLength(count);
    });

    it('life safety goes first', async () => {
      await order(db(), [
        ordered({ lifeSafety: false, who: { kind: 'user', id: 'u-2', name: '' }, at: now - 1_000 }),
        ordered({ who: { kind: 'user', id: 'u-3', name: '' } }),
      ]);
      expect((await deliveries.lease('sms', 1, now)).map(({ who }) => who.id)).toEqual(['u-3']);
    });

    it('a worker that died gives its messages back', async () => {
      await order(db(), [ordered()]);
      await deliveries.lease('sms', 1, now);
      expect(await deliveries.tidy(now + 29_000)).toMatchObject({ reclaimed: 0 });
      expect(await deliveries.tidy(now + 31_000)).toMatchObject({ reclaimed: 1 });
      expect(await deliveries.lease('sms', 1, now + 31_000)).toMatchObject([{ attempts: 2 }]);
    });

    it('a way that fails makes room for the next one, and a last failure stays in sight', async () => {
      await order(db(), [ordered()]);
      await deliverer(fakeChannel('sms', no)).deliverOnce();
      expect(await states()).toEqual({ sms: 'failed', voice: 'queued' });
      await deliverer(fakeChannel('voice', no)).deliverOnce();
      expect(await states()).toEqual({ sms: 'failed', voice: 'failed' });
      const failed = await listDeliveries(db(), scope, { state: 'failed' });
      expect(failed.items.map(({ code, reason: why }) => [code, why])).toEqual([
        ['refused', reason],
        ['refused', reason],
      ]);
    });

    it('two ways at once: the next step waits until neither is left', async () => {
      await order(db(), [ordered({ ladder: [['sms', 'push'], ['voice']] })]);
      await deliverer(fakeChannel('sms', no)).deliverOnce();
      expect(await states()).toEqual({ sms: 'failed', push: 'queued' });
      await deliverer(fakeChannel('push', no)).deliverOnce();
      expect(await states()).toEqual({ sms: 'failed', push: 'failed', voice: 'queued' });
    });

    it('two that fail at the same moment make one next step, not two and not none', async () => {
      for (let round = 0; round < 10; round += 1) {
        await order(db(), [ordered({ occasion: `r${round}`, ladder: [['sms', 'push'], ['voice']] })]);
        await Promise.all([deliverer(fakeChannel('sms', no)).deliverOnce(), deliverer(fakeChannel('push', no)).deliverOnce()]);
      }
      expect((await all()).filter(({ channel }) => channel === 'voice')).toHaveLength(10);
    });

    it('one of two that arrives is enough', async () => {
      await order(db(), [ordered({ ladder: [['sms', 'push'], ['voice']] })]);
      await deliverer(fakeChannel('push', yes)).deliverOnce();
      await deliverer(fakeChannel('sms', no)).deliverOnce();
      expect(await states()).toEqual({ sms: 'failed', push: 'sent' });
    });

    it('a promised receipt that does not come is a failure that climbs', async () => {
      await order(db(), [ordered()]);
      await deliverer(fakeChannel('sms', () => ({ state: 'accepted', providerId: 'p-1', receipt: true }))).deliverOnce();
      expect(await deliveries.tidy(now + 59_000)).toMatchObject({ unanswered: 0 });
      expect(await deliveries.tidy(now + 60_000)).toMatchObject({ unanswered: 1 });
      expect(await states()).toEqual({ sms: 'failed', voice: 'queued' });
      expect((await all())[0]?.code).toBe('no-receipt');
    });

    it('receipts: delivered is believed also when it comes late, twice or for nobody we know', async () => {
      await order(db(), [ordered()]);
      await deliverer(fakeChannel('sms', () => ({ state: 'accepted', providerId: 'p-1', receipt: true }))).deliverOnce();
      await deliveries.tidy(now + 61_000);
      await deliveries.receipt('sms', { providerId: 'p-1', state: 'delivered' }, now + 62_000);
      await deliveries.receipt('sms', { providerId: 'p-1', state: 'delivered' }, now + 63_000);
      await deliveries.receipt('sms', { providerId: 'p-9', state: 'failed' }, now);
      await deliveries.receipt('push', { providerId: 'p-1', state: 'failed' }, now);
      expect((await all())[0]).toMatchObject({ state: 'delivered', deliveredAt: now + 62_000 });
    });

    it('a receipt that says failed climbs', async () => {
      await order(db(), [ordered()]);
      await deliverer(fakeChannel('sms', () => ({ state: 'accepted', providerId: 'p-1', receipt: true }))).deliverOnce();
      await deliveries.receipt('sms', { providerId: 'p-1', state: 'failed', code: 'UNDELIV' }, now);
      expect(await states()).toEqual({ sms: 'failed', voice: 'queued' });
    });

    it('a busy provider is asked again, later and later', async () => {
      await order(db(), [ordered()]);
      const busy = fakeChannel('sms', () => ({ state: 'try-again', code: 'busy', reason }));
      await deliverer(busy).deliverOnce();
      expect(await deliverer(busy).deliverOnce()).toBe(0);
      now += 1_000;
      expect(await deliverer(busy).deliverOnce()).toBe(1);
      expect((await all())[0]).toMatchObject({ state: 'queued', attempts: 2, dueAt: now + 2_000, code: 'busy' });
    });

    it('what nobody took before its end has failed, and a danger is told by the next way all the same', async () => {
      await order(db(), [ordered(), ordered({ who: { kind: 'user', id: 'u-2', name: '' }, lifeSafety: false })]);
      now += 600_001;
      expect(await deliveries.lease('sms', 10, now)).toEqual([]);
      expect(await deliveries.tidy(now)).toMatchObject({ expired: 2 });
      const rows = await all();
      expect(rows.filter(({ channel }) => channel === 'voice').map(({ who }) => who.id)).toEqual(['u-1']);
    });

    it('nobody is told more than six things an hour, counted and in sight; a danger is never held', async () => {
      const sms = fakeChannel('sms', yes);
      await order(
        db(),
        Array.from({ length: 9 }, (_, i) => ordered({ subject: `inc-${i}`, lifeSafety: false, expiresAt: now + 86_400_000 })),
      );
      await deliverer(sms).deliverOnce();
      expect(sms.told).toHaveLength(6);
      const held = (await all()).filter(({ state }) => state === 'held');
      expect(held).toHaveLength(3);
      expect(held[0]).toMatchObject({ code: 'load-limit', attempts: 0, dueAt: now + 3_600_000 });
      await order(db(), [ordered({ subject: 'fire' })]);
      await deliverer(sms).deliverOnce();
      expect(sms.told).toHaveLength(7);
      now += 3_600_000;
      await deliverer(sms).deliverOnce();
      expect(sms.told).toHaveLength(10);
    });

    it('a person without an address is said to be one, and the next way is tried', async () => {
      await order(db(), [ordered()]);
      const nobody = new Deliverer({
        channel: fakeChannel('sms', yes),
        deliveries,
        addresses: () => Promise.resolve(new Map()),
        clock: { now: () => now, mono: () => now, after: () => ({ cancel: () => undefined }), sleep: () => Promise.resolve() },
        log: { warn: () => undefined },
      });
      await nobody.deliverOnce();
      expect((await all())[0]).toMatchObject({ state: 'failed', code: 'no-address' });
      expect(await states()).toEqual({ sms: 'failed', voice: 'queued' });
    });

    it('a failed one goes again by hand, once for two presses, and only within the area', async () => {
      await order(db(), [ordered({ ladder: [['sms']] })]);
      await deliverer(fakeChannel('sms', no)).deliverOnce();
      const [failed] = await all();
      expect(await retryDelivery(db(), { areas: ['elsewhere'] }, failed?.id ?? '', now)).toBeNull();
      expect(await retryDelivery(db(), scope, failed?.id ?? '', now)).toMatchObject({ state: 'queued', attempts: 0 });
      await deliverer(fakeChannel('sms', yes)).deliverOnce();
      expect(await retryDelivery(db(), scope, failed?.id ?? '', now)).toMatchObject({ state: 'sent' });
    });

    it('each channel is tested once a month, and its health tells', async () => {
      const channels = { all: new Map([['sms', fakeChannel('sms', yes)]]) };
      await testChannels(db(), channels, now);
      await testChannels(db(), channels, now + 3_600_000);
      await deliverer(fakeChannel('sms', no)).deliverOnce();
      expect(await channelHealth(db(), ['sms', 'voice'], now - 1)).toMatchObject([
        { channel: 'sms', failed: 1, lastTest: { state: 'failed', code: 'refused' } },
        { channel: 'voice', failed: 0, lastTest: null },
      ]);
      await testChannels(db(), channels, now + 31 * 86_400_000);
      expect((await all()).length).toBe(2);
    });
  });
}
