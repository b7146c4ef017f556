import type { ActReason } from '@yihu/device-profiles/vocabulary/act.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Clock } from '../clock.ts';
import type { Act, ActOutcome } from '../collect/driver.ts';
import { limits } from '../limits.ts';
import type { Keeper } from './keeper.ts';
import type { Life } from './life.ts';
import { expectationOf } from './order.ts';
import { ReadBacks, type Seen } from './read-back.ts';
import { reasons } from './sentences.ts';
import type { StoredAct } from './stored.ts';

export interface DispatcherOptions {
  readonly keeper: Keeper;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** On the device's port; never rejects. Undefined where the device is gone. */
  readonly send: (act: Act) => Promise<ActOutcome> | undefined;
  /** Why it must not be sent now. */
  readonly lock: (life: Life) => ActReason | undefined;
}

/** 下发: accepted orders on their way out, one at a time for each device, each at most once. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #readBacks: ReadBacks;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#readBacks = new ReadBacks(options.clock, options.signal);
  }

  queue(life: Life): void {
    const { device } = life;
    const before = this.#queues.get(device) ?? Promise.resolve();
    const mine = before.then(() => this.#carryOut(life));
    this.#queues.set(device, mine);
    void mine.then(() => {
      if (this.#queues.get(device) === mine) this.#queues.delete(device);
    });
  }

  heard(device: string, readings: readonly Reading[]): void {
    this.#readBacks.heard(device, readings);
  }

  /** Nothing is on the wire any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#queues.values());
  }

  async #carryOut(life: Life): Promise<void> {
    const { keeper, signal, lock } = this.#options;
    // It stays accepted; the next start says that it expired.
    if (signal.aborted) return;
    if (this.#isLate(life)) return keeper.becomeSurely(life, 'expired', { reason: reasons.tooOld });
    const reason = lock(life);
    if (reason) return keeper.becomeSurely(life, 'blocked', { reason });
    if (!(await keeper.markSending(life))) return keeper.becomeSurely(life, 'refused', { reason: reasons.notKept });
    const outcome = await this.#send(life);
    if (outcome.state === 'sent') return this.#readBack(life);
    const { state, code, zh, en } = outcome;
    const why = { code: code.slice(0, 64), zh: zh.slice(0, 300), en: en.slice(0, 300) };
    return keeper.becomeSurely(life, state, { reason: why });
  }

  async #readBack(life: Life): Promise<void> {
    const { keeper } = this.#options;
    const expected = expectationOf(life.spec, life.args);
    // Listened for from now on: the point may show it before the record of the sending is on disk.
    const shown = expected && this.#readBacks.wait(life.device, expected);
    await keeper.becomeSurely(life, 'sent');
    if (!shown) return;
    const seen = await shown;
    if (life.act.state === 'sent') await keeper.becomeSurely(life, ...conclusion(seen));
  }

  async #send(life: Life): Promise<ActOutcome> {
    const { clock, send } = this.#options;
    const { device, command, spec, args, deadlineMono } = life;
    if (this.#isLate(life)) return { state: 'expired', ...reasons.tooOld };
    const sending = send({ id: life.act.id, device, command, spec, args, deadlineMono });
    if (!sending) return { state: 'refused', ...reasons.unknownDevice(device) };
    const { promise: patience, resolve: giveUp } = Promise.withResolvers<ActOutcome>();
    const patienceMs = Math.max(0, deadlineMono - clock.mono()) + limits.actOutcomeMs;
    const timer = clock.after(patienceMs, () => giveUp({ state: 'unknown', ...reasons.noAnswer }));
    const outcome = await Promise.race([sending, patience]);
    timer.cancel();
    return outcome;
  }

  #isLate({ deadlineMono }: Life): boolean {
    return this.#options.clock.mono() > deadlineMono;
  }
}

function conclusion({ isShown, isCut, value }: Seen): ['confirmed' | 'unknown', Pick<StoredAct, 'shown' | 'reason'>] {
  const shown = value === undefined ? {} : { shown: value };
  if (isShown) return ['confirmed', shown];
  return ['unknown', { ...shown, reason: isCut ? reasons.stopping : reasons.notShown }];
}
