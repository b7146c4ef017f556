import type { Clock, Timer } from './clock.ts';
import type { OpenChannel } from './notify/channels.ts';
import type { Message, Recipient, Sent } from './notify/action.ts';
import { afterAttempt } from './notify/delivery.ts';
import { mayReachAt } from './notify/load.ts';
import { type Deliveries, type Settlement, whoKey } from './records/deliveries.ts';
import type { Delivery } from './records/delivery-rows.ts';

/** Where people are reached; looked up when a message leaves, kept nowhere. */
export type AddressBook = (
  who: readonly { kind: string; id: string }[],
  reach: OpenChannel['reaches'],
) => Promise<ReadonlyMap<string, readonly Recipient[]>>;

export interface DelivererOptions {
  readonly channel: OpenChannel;
  readonly deliveries: Deliveries;
  readonly addresses: AddressBook;
  readonly clock: Clock;
  readonly log: { warn(message: string): void };
}

/** One lease, and how many of it are under way at once. */
const batch = 64;
const atOnce = 32;
const idleMs = 250;
const troubleMs = 2_000;
/** What came of attempts is written together when this many wait, or when the batch is through. */
const settleTogether = 16;
const dayMs = 24 * 3_600_000;

/** 投递员: empties the queue of one channel, for as long as the process lives. Any number of processes may do so at once. */
export class Deliverer {
  readonly #options: DelivererOptions;
  #timer: Timer | null = null;
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: DelivererOptions) {
    this.#options = options;
  }

  start(): this {
    this.#plan(0);
    return this;
  }

  /** Resolves when the batch under way is settled. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#turn;
  }

  #plan(ms: number): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.after(ms, () => {
      this.#turn = this.#round();
    });
  }

  async #round(): Promise<void> {
    const { log, channel } = this.#options;
    try {
      const taken = await this.deliverOnce();
      this.#plan(taken === batch ? 0 : idleMs);
    } catch (error) {
      log.warn(`channel ${channel.id}: ${error instanceof Error ? error.message : String(error)}`);
      this.#plan(troubleMs);
    }
  }

  /** Leases, sends and settles one batch. Returns how many were taken. */
  async deliverOnce(): Promise<number> {
    const { deliveries, channel, clock } = this.#options;
    const leased = await deliveries.lease(channel.id, batch, clock.now());
    if (leased.length === 0) return 0;
    const held = await this.#overLoad(leased);
    await deliveries.settle(held, clock.now());
    const heldIds = new Set(held.map(({ id }) => id));
    await this.#sendAll(leased.filter(({ id }) => !heldIds.has(id)));
    return leased.length;
  }

  /** Who has been told enough for now. Life safety is never among them. */
  async #overLoad(leased: readonly Delivery[]): Promise<Settlement[]> {
    const { deliveries, clock } = this.#options;
    const usual = leased.filter(({ lifeSafety, source }) => !lifeSafety && source !== 'channel-test');
    const now = clock.now();
    const sent = await deliveries.sentTo(
      usual.filter(({ who }) => who.kind !== 'target').map(({ who: { kind, id } }) => ({ kind, id })),
      now - dayMs,
    );
    const held: Settlement[] = [];
    for (const { id, who } of usual) {
      const times = sent.get(whoKey(who.kind, who.id)) ?? [];
      const dueAt = who.kind === 'target' ? now : mayReachAt(times, now);
      if (dueAt > now) held.push({ id, state: 'held', dueAt, code: 'load-limit', reason: tooMany });
      else sent.set(whoKey(who.kind, who.id), [...times, now]);
    }
    return held;
  }

  async #sendAll(leased: readonly Delivery[]): Promise<void> {
    const { deliveries, clock, addresses, channel } = this.#options;
    const book = await addresses(
      leased.map(({ who: { kind, id } }) => ({ kind, id })),
      channel.reaches,
    );
    const waiting = [...leased];
    let settled: Settlement[] = [];
    const write = async (least: number) => {
      if (settled.length < least) return;
      const ready = settled;
      settled = [];
      await deliveries.settle(ready, clock.now());
    };
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const sent = await this.#send(next, book.get(whoKey(next.who.kind, next.who.id)) ?? []);
        // Not in one line with the await: `settled` is another list by then.
        settled.push(this.#decide(next, sent));
        await write(settleTogether);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, worker));
    await write(1);
  }

  #decide({ id, attempts, lifeSafety, expiresAt }: Delivery, sent: Sent): Settlement {
    return { id, ...afterAttempt({ attempts, lifeSafety, expiresAt }, sent, this.#options.clock.now()) };
  }

  /** To each of a person's addresses; one that took it is enough. */
  async #send({ id, message: { ownLink, ...message }, lifeSafety }: Delivery, to: readonly Recipient[]): Promise<Sent> {
    const { channel } = this.#options;
    const own = ownLink === undefined || channel.reaches === 'group' ? {} : { link: ownLink };
    const said: Message = { ...message, ...own, id, lifeSafety };
    let last: Sent = noAddress;
    for (const recipient of to) {
      const sent = await channel.channel.send(said, recipient);
      if (last.state !== 'accepted') last = sent;
    }
    return last;
  }
}

const tooMany = {
  zh: '今天已经通知此人多次，稍后再发（生命安全消息不受限）',
  en: 'This person was told often enough for now; it goes later (life safety is never held)',
};

const noAddress: Sent = {
  state: 'never',
  code: 'no-address',
  reason: { zh: '没有登记此人的联系方式', en: 'No way to reach this person by this channel is known' },
};
