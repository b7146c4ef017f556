import type { ActArguments, ActState } from '@yihu/device-profiles/vocabulary/act.ts';
import type { Command } from '@yihu/device-profiles/vocabulary/command.ts';
import type { Timer } from '../clock.ts';
import type { Order } from './order.ts';
import { type StoredAct, assertMove, isSettled } from './stored.ts';

/** An order while the gateway runs: how far it is on disk, and what is only known in memory. */
export class Life {
  readonly order: Order;
  readonly spec: Command;
  readonly #profile: string;
  readonly #settled = Promise.withResolvers<StoredAct>();
  timer: Timer | null = null;
  #act: StoredAct | null = null;
  #deadlineMono = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(order: Order, spec: Command, profile: string) {
    this.order = order;
    this.spec = spec;
    this.#profile = profile;
  }

  /** One that is over, from disk. */
  static past(act: StoredAct): Life {
    const by = act.by[0] ?? '';
    const { id, device, command, args } = act;
    const life = new Life({ id, device, command, args, by }, pastSpec(act), act.profile);
    life.become(act);
    return life;
  }

  get device(): string {
    return this.order.device;
  }

  get command(): string {
    return this.order.command;
  }

  get args(): ActArguments {
    return this.order.args ?? {};
  }

  get ttlMs(): number {
    return Math.min(this.order.ttlMs ?? this.spec.ttl, this.spec.ttl);
  }

  get isByRule(): boolean {
    return this.order.cause !== undefined;
  }

  get needsSecondPerson(): boolean {
    return this.spec.confirm === 'two-person' && this.order.withoutConfirm !== true;
  }

  get hasBegun(): boolean {
    return this.#act !== null;
  }

  /** @throws before its first state is on disk */
  get act(): StoredAct {
    if (!this.#act) throw new Error(`order ${this.order.id} has no state yet`);
    return this.#act;
  }

  get isSettled(): boolean {
    return this.#act !== null && isSettled(this.#act);
  }

  get settled(): Promise<StoredAct> {
    return this.#settled.promise;
  }

  /** Not sent after this (monotonic ms). */
  get deadlineMono(): number {
    return this.#deadlineMono;
  }

  /** Its time begins: when it was ordered, or when the second person agreed. */
  acceptedAt(mono: number): void {
    this.#deadlineMono = mono + this.ttlMs;
  }

  hasSpoken(by: string): boolean {
    const fold = (name: string) => name.trim().toLowerCase();
    return this.act.by.some((other) => fold(other) === fold(by));
  }

  isSame({ device, command, args = {} }: Order): boolean {
    return device === this.device && command === this.command && textOf(args) === textOf(this.args);
  }

  /** The order one state further; not yet on disk. */
  next(state: ActState, at: number, change: Partial<Pick<StoredAct, 'by' | 'reason' | 'shown'>>): StoredAct {
    assertMove(this.#act?.state ?? null, state);
    const { id, device, command, cause, by } = this.order;
    const before: Omit<StoredAct, 'state' | 'at'> = this.#act ?? {
      id,
      device,
      profile: this.#profile,
      command,
      name: this.spec.name,
      args: this.args,
      by: [by],
      isReadBack: this.spec.verify !== undefined,
      ...(cause ? { cause } : {}),
    };
    const { reason: _before, sending: _mark, ...rest } = before;
    return { ...rest, ...change, state, at };
  }

  /** It is on disk. */
  become(act: StoredAct): void {
    this.#act = act;
    if (act.state !== 'awaiting') this.timer?.cancel();
    if (isSettled(act)) this.#settled.resolve(act);
  }

  /** Two who speak of the same order at once take turns. */
  inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(run);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

function textOf(args: ActArguments): string {
  return JSON.stringify(Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What an order that is over still has to say of its command. */
function pastSpec({ name }: StoredAct): Command {
  return { name, args: {}, do: null, confirm: 'none', ttl: 0 };
}
