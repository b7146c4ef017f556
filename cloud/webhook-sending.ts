import type { Kysely } from 'kysely';
import type { Clock, Timer } from './clock.ts';
import { action } from './notify/actions/webhook.ts';
import { afterAttempt } from './notify/delivery.ts';
import { seenIn, titleOf } from './notify/happened.ts';
import type { HttpClient } from './notify/http-client.ts';
import type { Tables } from './records/tables.ts';
import { fanOut, type Head, type Leased, type Settled, webhookQueue, type WebhookQueue } from './records/webhook-queue.ts';
import type { Sealer } from './registry/sealing.ts';

export interface WebhookSendingOptions {
  readonly db: Kysely<Tables>;
  readonly sealer: Sealer;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: { warn(message: string): void };
  /** Says when the stream moved; returns the way to stop listening. */
  readonly onStream: (wake: () => void) => () => void;
}

/** Where the secret of a receiver is sealed. */
export const secretField = 'webhook';

const receiversAtOnce = 16;
/** Longer than any single request; renewed with every event. A process that died is waited for so long. */
const leaseMs = 30_000;
const idleMs = 500;
const troubleMs = 2_000;
/** Then it is another receiver's turn. */
const mostInTurn = 100;
const tidyMs = 10 * 60_000;

/**
 * 推送: what happened goes into the queue of each receiver, and each queue is emptied in its order, one event at a time. A receiver
 * that is away holds up its own queue and nobody else's. Any number of processes may do this at once.
 */
export class WebhookSending {
  readonly #options: WebhookSendingOptions;
  readonly #queue: WebhookQueue;
  readonly #lines = new Map<string, Promise<void>>();
  readonly #unlisten: () => void;
  #timer: Timer | null = null;
  #turn: Promise<void> = Promise.resolve();
  #tidiedAt = 0;
  #woken = false;
  #running = false;
  #stopped = false;

  constructor(options: WebhookSendingOptions) {
    this.#options = options;
    this.#queue = webhookQueue(options.db);
    this.#unlisten = options.onStream(() => this.wake());
    this.wake();
  }

  /** Something may be there to be sent. */
  wake(): void {
    this.#woken = true;
    if (this.#running || this.#stopped) return;
    this.#timer?.cancel();
    this.#running = true;
    this.#turn = this.#round();
  }

  /** Resolves when what is under way is settled. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unlisten();
    this.#timer?.cancel();
    await this.#turn;
    await Promise.all(this.#lines.values());
  }

  async #round(): Promise<void> {
    let pauseMs = idleMs;
    try {
      while (this.#woken && !this.#stopped) {
        this.#woken = false;
        if (await this.#once()) this.#woken = true;
      }
    } catch (error) {
      this.#say('webhooks', error);
      pauseMs = troubleMs;
    }
    this.#running = false;
    if (!this.#stopped) this.#timer = this.#options.clock.after(pauseMs, () => this.wake());
  }

  /** True where there is more to be put into the queues. */
  async #once(): Promise<boolean> {
    const { db, clock } = this.#options;
    const more = await fanOut(db, seenIn, clock.now());
    const now = clock.now();
    const free = receiversAtOnce - this.#lines.size;
    for (const leased of free > 0 ? await this.#queue.lease(free, now, now + leaseMs) : []) this.#begin(leased);
    if (now - this.#tidiedAt > tidyMs) {
      this.#tidiedAt = now;
      await this.#queue.dropOld(now);
    }
    return more;
  }

  #begin(leased: Leased): void {
    const line = this.#empty(leased)
      .catch((error: unknown) => this.#say(`webhook ${leased.webhook}`, error))
      .finally(() => {
        this.#lines.delete(leased.webhook);
        this.wake();
      });
    this.#lines.set(leased.webhook, line);
  }

  /** Sends the queue of one receiver in its order, until it is empty or the receiver does not take it. */
  async #empty(leased: Leased): Promise<void> {
    const { clock } = this.#options;
    for (let count = 0; count < mostInTurn && !this.#stopped; count += 1) {
      const head = await this.#queue.head(leased.webhook, clock.now());
      if (head === null) break;
      const settled = await this.#send(leased, head);
      await this.#queue.settle(leased.webhook, head.id, settled, clock.now(), clock.now() + leaseMs);
      if (settled.state === 'queued') break;
    }
    await this.#queue.release(leased.webhook);
  }

  async #send({ webhook, url, secret }: Leased, { event, kind, body, attempts, expiresAt }: Head): Promise<Settled> {
    const { clock, http, sealer } = this.#options;
    const channel = action.open(
      { url, secretFile: '' },
      { clock, http, secret: () => sealer.open(webhook, secretField, secret), onReceipt: () => undefined },
    );
    const title = titleOf(kind);
    const message = { id: event, language: 'zh', title, text: title, lifeSafety: isLifeSafety(body.data), data: body } as const;
    const sent = await channel.send(message, { address: '', name: '' });
    const decided = afterAttempt({ attempts: attempts + 1, lifeSafety: false, expiresAt }, sent, clock.now());
    if (decided.state === 'sent') return { state: 'sent' };
    return decided.state === 'failed' ? { ...decided, state: 'dead' } : decided;
  }

  #say(what: string, error: unknown): void {
    this.#options.log.warn(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const lifeSafety: readonly unknown[] = ['fire', 'gas', 'person'];

function isLifeSafety(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const { hazard, lifeSafety: said } = data as { hazard?: unknown; lifeSafety?: unknown };
  return said === true || lifeSafety.includes(hazard);
}
