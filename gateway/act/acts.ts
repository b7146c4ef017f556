import type { ActReason } from '@yihu/device-profiles/vocabulary/act.ts';
import type { Command } from '@yihu/device-profiles/vocabulary/command.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { z } from 'zod';
import type { Act, ActOutcome } from '../collect/driver.ts';
import { limits } from '../limits.ts';
import { type Condition, type Sight, obstacle as obstacleAmong } from './condition.ts';
import { Dispatcher } from './dispatcher.ts';
import { Keeper, type KeeperOptions } from './keeper.ts';
import { Life } from './life.ts';
import { Order, argumentFlaw } from './order.ts';
import { reasons } from './sentences.ts';
import type { StoredAct } from './stored.ts';

/** A device that can be told to do something. */
export interface ActTarget {
  readonly profile: string;
  readonly commands: Readonly<Record<string, Command>>;
  /** Carries it out on the device's port; never rejects. */
  send(act: Act): Promise<ActOutcome>;
}

/** 联锁: while a condition holds, these commands of a device are not sent, whoever orders them. */
export interface Interlock {
  readonly name: Text;
  readonly device: string;
  /** Null: all of them. */
  readonly commands: readonly string[] | null;
  readonly unless: readonly Condition[];
}

export interface ActsOptions extends KeeperOptions {
  readonly target: (device: string) => ActTarget | undefined;
  /** Asked each time: a site changes while its gateway runs. */
  readonly interlocks: () => readonly Interlock[];
  readonly sight: Sight;
}

/** Why an order is over before it began. */
export interface Obstacle {
  readonly state: 'blocked' | 'expired';
  readonly reason: ActReason;
}

/** What became of asking for something: the order as it stands, or why there is none. */
export type Answer = { readonly act: StoredAct } | { readonly refused: ActReason };

/**
 * 控制: the one door to devices, for the command line, the local page, linkage and the cloud. An order is checked, waits for a
 * second person where its profile asks for one, and is on disk before it is sent; each device is told one thing at a
 * time. It is sent at most once, whatever happens in between: what was not sent when the gateway ends is never sent after.
 */
export class Acts {
  readonly #options: ActsOptions;
  readonly #keeper: Keeper;
  readonly #dispatcher: Dispatcher;
  readonly #stopping = new AbortController();
  readonly #counters = { duplicates: 0, turned_away: 0 };

  constructor(options: ActsOptions) {
    const { signal } = this.#stopping;
    this.#options = options;
    this.#keeper = new Keeper(options, signal);
    this.#dispatcher = new Dispatcher({
      keeper: this.#keeper,
      clock: options.clock,
      signal,
      send: (act) => options.target(act.device)?.send(act),
      lock: (life) => this.#lock(life),
    });
  }

  /** States what became of the orders of an earlier run: nothing old is ever sent. @throws StoreError */
  begin(saved: ReadonlyMap<string, string>): Promise<void> {
    return this.#keeper.begin(saved);
  }

  /**
   * Resolves when the order is on disk: accepted, waiting for a second person, or turned down with its reason. What
   * follows is told by `settled`. The same id again gives the order as it stands. An `obstacle` that whoever orders knows of
   * already is put on record with it.
   * @throws StoreError where it could not be kept; then nothing was sent and nothing will be.
   */
  async order(given: Order, obstacle?: Obstacle): Promise<Answer> {
    const { lives } = this.#keeper;
    const shape = Order.safeParse(given);
    if (!shape.success) return { refused: reasons.malformed(z.prettifyError(shape.error)) };
    const order = shape.data;
    const known = lives.get(order.id);
    if (known) return this.#again(known, order);
    const found = this.#find(order);
    if ('refused' in found) return found;
    const isBusy = this.#keeper.isBusy(order.device) || this.#stopping.signal.aborted;
    // What a rule orders is on record whatever becomes of it.
    if (isBusy && !order.cause) return this.#turnAway();
    const life = new Life(order, found.spec, found.profile);
    lives.set(order.id, life);
    try {
      await life.inTurn(() => this.#take(life, isBusy ? { state: 'blocked', reason: reasons.busy } : obstacle));
    } catch (error) {
      lives.delete(order.id);
      throw error;
    }
    return { act: life.act };
  }

  /** Resolves when nothing more will come of the order; null where it is not known. */
  settled(id: string): Promise<StoredAct> | null {
    return this.#keeper.lives.get(id)?.settled ?? null;
  }

  /** 第二人确认. Who ordered it does not count; what a linkage rule asks for needs two. @throws StoreError */
  agree(id: string, by: string): Promise<Answer> {
    return this.#whileAwaiting(id, async (life) => {
      if (life.hasSpoken(by)) return { refused: reasons.samePerson };
      await this.#agreed(life, [...life.act.by, by]);
      return { act: life.act };
    });
  }

  /** Somebody says no: nothing is sent. @throws StoreError */
  decline(id: string, by: string): Promise<Answer> {
    return this.#whileAwaiting(id, async (life) => {
      await this.#keeper.become(life, 'refused', { reason: reasons.declined(by) });
      return { act: life.act };
    });
  }

  /** The orders that are remembered, the latest change first. */
  list(): StoredAct[] {
    const begun = [...this.#keeper.lives.values()].filter((life) => life.hasBegun);
    return begun.map((life) => life.act).sort((a, b) => b.at - a.at);
  }

  /** Those that wait for people, for the local page. */
  waiting(): StoredAct[] {
    return this.list().filter(({ state }) => state === 'awaiting');
  }

  /** What a device can be told. */
  commands(device: string): Readonly<Record<string, Command>> {
    return this.#options.target(device)?.commands ?? {};
  }

  /** The path heard a device: a point may show that something was carried out. */
  heard(device: string, readings: readonly Reading[]): void {
    this.#dispatcher.heard(device, readings);
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#keeper.counters, ...this.#counters };
  }

  /** Sends nothing more; waits for what is on the wire, not for what it shows. What still waits is stated as expired at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'));
    for (const life of this.#keeper.lives.values()) life.timer?.cancel();
    await this.#dispatcher.idle();
  }

  #again(known: Life, order: Order): Promise<Answer> {
    this.#counters.duplicates++;
    if (!known.isSame(order)) return Promise.resolve({ refused: reasons.otherOrder });
    return known.inTurn(() => Promise.resolve(known.hasBegun ? { act: known.act } : { refused: reasons.notKept }));
  }

  #find({ device, command }: Order): { spec: Command; profile: string } | { refused: ActReason } {
    const target = this.#options.target(device);
    if (!target) return { refused: reasons.unknownDevice(device) };
    const spec = Object.hasOwn(target.commands, command) ? target.commands[command] : undefined;
    if (!spec) return { refused: reasons.unknownCommand(command, Object.keys(target.commands)) };
    return { spec, profile: target.profile };
  }

  #turnAway(): Answer {
    this.#counters.turned_away++;
    return { refused: reasons.busy };
  }

  /** The first state of an order. */
  async #take(life: Life, obstacle?: Obstacle): Promise<void> {
    const { order, spec, args } = life;
    const keeper = this.#keeper;
    const flaw = argumentFlaw(spec, args);
    if (flaw) return keeper.become(life, 'refused', { reason: flaw });
    if (obstacle) return keeper.become(life, obstacle.state, { reason: obstacle.reason });
    const ageMs = order.at === undefined ? 0 : Math.max(0, this.#options.stamp().at - order.at);
    if (ageMs > life.ttlMs) return keeper.become(life, 'expired', { reason: reasons.tooOld });
    const reason = this.#lock(life);
    if (reason) return keeper.become(life, 'blocked', { reason });
    if (!life.needsSecondPerson) return this.#accept(life, ageMs);
    await keeper.become(life, 'awaiting');
    this.#awaitPeople(life, order.awaitMs ?? limits.secondPersonMs);
  }

  async #accept(life: Life, ageMs: number, people = [life.order.by]): Promise<void> {
    life.acceptedAt(this.#options.clock.mono() - ageMs);
    await this.#keeper.become(life, 'accepted', { by: people });
    this.#dispatcher.queue(life);
  }

  async #agreed(life: Life, people: string[]): Promise<void> {
    const needed = life.isByRule ? 3 : 2;
    if (people.length < needed) {
      await this.#keeper.become(life, 'awaiting', { by: people });
      return this.#awaitPeople(life, limits.secondPersonMs);
    }
    const reason = this.#lock(life);
    return reason ? this.#keeper.become(life, 'blocked', { by: people, reason }) : this.#accept(life, 0, people);
  }

  #whileAwaiting(id: string, run: (life: Life) => Promise<Answer>): Promise<Answer> {
    const life = this.#keeper.lives.get(id);
    if (!life) return Promise.resolve({ refused: reasons.notAwaiting });
    return life.inTurn(() => {
      const awaits = life.hasBegun && life.act.state === 'awaiting' && !this.#stopping.signal.aborted;
      return awaits ? run(life) : Promise.resolve({ refused: reasons.notAwaiting });
    });
  }

  #awaitPeople(life: Life, ms: number): void {
    life.timer?.cancel();
    life.timer = this.#options.clock.after(ms, () => {
      void this.#whileAwaiting(life.order.id, async () => {
        await this.#keeper.becomeSurely(life, 'expired', { reason: reasons.alone });
        return { act: life.act };
      });
    });
  }

  #lock({ device, command }: Life): ActReason | undefined {
    for (const interlock of this.#options.interlocks()) {
      if (interlock.device !== device || (interlock.commands && !interlock.commands.includes(command))) continue;
      const found = obstacleAmong(interlock.unless, this.#options.sight);
      if (found) return found.isKnown ? reasons.interlock(found.condition.name) : reasons.interlockUnknown(found.condition.name);
    }
    return undefined;
  }
}
