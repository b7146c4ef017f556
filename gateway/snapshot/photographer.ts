import type { MissingReason, SnapshotOf } from '@yihu/device-profiles/vocabulary/snapshot.ts';
import type { Clock } from '../clock.ts';
import type { PictureOutcome } from '../collect/driver.ts';
import { plainJpeg } from '@yihu/device-profiles/vocabulary/jpeg.ts';
import type { Keeper } from './keeper.ts';
import { limits } from './limits.ts';
import { type Order, orderKey } from './orders.ts';
import type { Shelved } from './shelf.ts';

export interface PhotographerOptions {
  readonly keeper: Keeper;
  readonly clock: Clock;
  /** Asks a camera for a picture of now. Never rejects. */
  readonly ask: (camera: string) => Promise<PictureOutcome>;
  /** A camera gave none, with a sentence; or gave one again (null). */
  readonly onCamera: (camera: string, trouble: { zh: string; en: string } | null) => void;
  readonly onTrouble: (error: unknown) => void;
}

type Result = { readonly at: number; readonly jpeg: Buffer } | { readonly at: number; readonly missing: MissingReason };

/** 拍照: takes the pictures that were ordered, few at a time; alarms of one camera that come together share one. */
export class Photographer {
  readonly #options: PhotographerOptions;
  readonly #waiting = new Map<string, Order>();
  readonly #busy = new Set<string>();
  readonly #recent = new Map<string, { readonly shelved: Shelved; readonly untilMono: number }>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: PhotographerOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Orders that are in the log. Returns at once; nothing of an alarm waits for a picture. */
  order(orders: readonly Order[]): void {
    for (const order of orders) this.#waiting.set(orderKey(order), order);
    this.#giveUp(this.#surplus(), 'thinned');
    this.#giveUp(
      [...this.#waiting.values()].filter(({ at }) => this.#options.clock.now() - at > limits.freshMs),
      'too-late',
    );
    this.#pump();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #surplus(): Order[] {
    return [...this.#waiting.values()].slice(0, Math.max(0, this.#waiting.size - limits.orders));
  }

  #giveUp(orders: readonly Order[], missing: MissingReason): void {
    for (const [camera, own] of byCamera(orders)) this.#settle(camera, own, { at: this.#options.clock.now(), missing });
  }

  #pump(): void {
    if (this.#stopping.signal.aborted) return;
    for (const [camera, orders] of byCamera(this.#waiting.values())) {
      const recent = this.#recent.get(camera);
      if (recent && recent.untilMono > this.#options.clock.mono()) this.#shareAmong(orders, recent.shelved);
      else if (!this.#busy.has(camera) && this.#busy.size < limits.atOnce) this.#go(camera);
    }
  }

  #go(camera: string): void {
    this.#busy.add(camera);
    this.#run(
      this.#take(camera).then((result) => {
        this.#busy.delete(camera);
        if (result === undefined) return;
        // Also what was raised while the camera was being asked: it is the picture of that moment.
        const own = [...this.#waiting.values()].filter((order) => order.camera === camera);
        this.#settle(camera, own, result);
        this.#pump();
      }),
    );
  }

  /** Undefined where the gateway stops meanwhile: the order stands in the log, and is for the next start. */
  async #take(camera: string): Promise<Result | undefined> {
    const { ask, clock, onCamera } = this.#options;
    const { signal } = this.#stopping;
    const stopped = new Promise<undefined>((resolve) =>
      signal.addEventListener('abort', () => resolve(undefined), { once: true }),
    );
    for (let nth = 1; ; nth++) {
      const outcome = await Promise.race([ask(camera), stopped]);
      if (outcome === undefined || signal.aborted) return undefined;
      const result = readOutcome(outcome, clock.now());
      onCamera(camera, 'jpeg' in result ? null : 'missing' in outcome ? outcome : notAPicture);
      const isWorthIt = 'missing' in result && (result.missing === 'no-answer' || result.missing === 'unreachable');
      if (!isWorthIt || nth >= limits.tries) return result;
      await clock.sleep(limits.againMs, signal).catch(() => undefined);
    }
  }

  #settle(camera: string, orders: readonly Order[], result: Result): void {
    this.#release(orders);
    const of = orders.map(({ device, alarm, episode }) => ({ device, alarm, episode }));
    for (let i = 0; i < of.length; i += limits.sharedBy) {
      const part = of.slice(i, i + limits.sharedBy);
      this.#run(this.#keepTrying(() => this.#write(camera, part, result)));
    }
  }

  #shareAmong(orders: readonly Order[], shelved: Shelved): void {
    this.#release(orders);
    const of: SnapshotOf[] = orders.map(({ device, alarm, episode }) => ({ device, alarm, episode }));
    for (let i = 0; i < of.length; i += limits.sharedBy)
      this.#run(this.#keepTrying(() => this.#options.keeper.share(shelved, of.slice(i, i + limits.sharedBy))));
  }

  async #write(camera: string, of: readonly SnapshotOf[], result: Result): Promise<void> {
    const { keeper, clock } = this.#options;
    if ('missing' in result) return keeper.miss(camera, result.at, result.missing, of);
    const shelved = await keeper.keep(camera, result.at, result.jpeg, of);
    this.#recent.set(camera, { shelved, untilMono: clock.mono() + limits.shareMs });
    this.#pump();
  }

  /** A disk that takes nothing may take it later; the order stands in the log until then, also across a restart. */
  async #keepTrying(work: () => Promise<void>): Promise<void> {
    const { clock, onTrouble } = this.#options;
    const untilMono = clock.mono() + limits.freshMs;
    while (clock.mono() < untilMono) {
      try {
        return await work();
      } catch (error) {
        onTrouble(error);
        if (this.#stopping.signal.aborted) return;
        await clock.sleep(limits.storeAgainMs, this.#stopping.signal).catch(() => undefined);
      }
    }
  }

  #release(orders: readonly Order[]): void {
    for (const order of orders) this.#waiting.delete(orderKey(order));
  }

  #run(work: Promise<void>): void {
    const guarded = work.catch(this.#options.onTrouble).finally(() => this.#running.delete(guarded));
    this.#running.add(guarded);
  }
}

const notAPicture = { zh: '摄像机给的不是 JPEG 图片。', en: 'What the camera gave is no JPEG picture.' };

function readOutcome(outcome: PictureOutcome, at: number): Result {
  if ('missing' in outcome) return { at, missing: outcome.missing };
  if (outcome.bytes.length > limits.pictureBytes) return { at, missing: 'too-large' };
  const jpeg = plainJpeg(outcome.bytes)?.bytes;
  return jpeg ? { at: outcome.at, jpeg } : { at, missing: 'not-a-picture' };
}

function byCamera(orders: Iterable<Order>): Map<string, Order[]> {
  const groups = new Map<string, Order[]>();
  for (const order of orders) {
    const own = groups.get(order.camera);
    if (own) own.push(order);
    else groups.set(order.camera, [order]);
  }
  return groups;
}
