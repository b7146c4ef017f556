import { createHash } from 'node:crypto';
import { ActCause, type ActReason } from '@yihu/device-profiles/vocabulary/act.ts';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import { z } from 'zod';
import { jsonAs } from '../json-as.ts';
import type { Clock } from '../clock.ts';
import type { Acts, Obstacle } from './acts.ts';
import { type Sight, obstacle } from './condition.ts';
import type { Keep } from './keeper.ts';
import { type DeviceFacts, type LinkageRule, type Step, type When, speaksOf } from './rule.ts';
import { reasons } from './sentences.ts';

/** Something that an alarm has set off and that is not yet in the hands of `Acts`; on disk with the alarm itself. */
export const Planned = z.strictObject({ cause: ActCause, undo: z.boolean() });
export type Planned = z.infer<typeof Planned>;

export interface LinkageOptions {
  /** Asked each time, as `maintained` is: a site changes while its gateway runs. */
  readonly rules: () => readonly LinkageRule[];
  readonly acts: Pick<Acts, 'order'>;
  readonly facts: (device: string) => DeviceFacts | undefined;
  /** 检修: devices that set nothing off and that are left alone. */
  readonly maintained: () => ReadonlySet<string>;
  readonly sight: Sight;
  /** Whether any alarm that the rule begins with is active now. */
  readonly isAnyActive: (when: When) => boolean;
  /** Resolves when on disk. */
  readonly forget: (state: Keep) => Promise<void>;
  /** Resolves when there are ports to act through; what is set off at the start waits for it. */
  readonly ready: Promise<void>;
  readonly clock: Clock;
  readonly onTrouble: (trouble: { zh: string; en: string; error?: unknown }) => void;
}

const prefix = 'linkage/';
/** What a rule asks people for may wait this long for the first of them. */
const askMs = 600_000;
/** An order that the disk does not take is tried again so often, this far apart. */
const [attempts, pauseMs] = [10, 1_000];

/**
 * 联动: alarms that have devices told something, without the cloud. What an alarm sets off is committed with the alarm, each
 * step is an order like any other, and a restart in between ends what was not yet sent: nothing old is carried out.
 */
export class Linkage {
  readonly #options: LinkageOptions;
  readonly #stopping = new AbortController();
  /** What one rule sets off is carried out in the order of its alarms. */
  readonly #turns = new Map<string, Promise<void>>();
  readonly #counters = { set_off: 0, dropped: 0 };

  constructor(options: LinkageOptions) {
    this.#options = options;
  }

  /** What this transition sets off, with the state to commit beside it. Decides nothing that can change before its time. */
  plan(device: string, { alarm, kind, episode, hazard, severity, test }: Transition): Planned[] {
    const facts = this.#options.facts(device);
    if (!facts || kind === 'changed' || test || this.#options.maintained().has(device)) return [];
    const on = kind;
    return this.#options.rules().flatMap((rule): Planned[] => {
      const isOwn = rule.when.edge === on;
      if (!isOwn && (rule.undo.length === 0 || on !== 'cleared')) return [];
      if (!speaksOf(rule.when, facts, { alarm, hazard, severity })) return [];
      return [{ cause: { linkage: rule.id, device, alarm, episode, on }, undo: !isOwn }];
    });
  }

  keyOf(planned: Planned): string {
    return prefix + idOf(planned);
  }

  /** It is on disk: now, or after the rule's delay. */
  start(planned: Planned): void {
    const rule = this.#ruleOf(planned);
    if (!rule || this.#stopping.signal.aborted) return;
    this.#counters.set_off++;
    const delayMs = planned.undo ? 0 : rule.afterMs;
    if (delayMs === 0) return this.#inTurn(rule, planned);
    void this.#options.clock.sleep(delayMs, this.#stopping.signal).then(
      () => this.#inTurn(rule, planned),
      // The next start says that it expired.
      () => undefined,
    );
  }

  /** States what an earlier run had set off and not handed over. @throws StoreError */
  async begin(saved: ReadonlyMap<string, string>): Promise<void> {
    const left = [...saved].flatMap(([key, text]): [string, Planned | null][] =>
      key.startsWith(prefix) ? [[key, jsonAs(Planned, text)]] : [],
    );
    for (const [, planned] of left) {
      const rule = planned && this.#ruleOf(planned);
      if (planned && rule) await this.#order(rule, planned, () => ({ state: 'expired', reason: reasons.restartedBefore }));
    }
    if (left.length > 0) await this.#options.forget(left.map(([key]) => [key, null] as const));
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#counters };
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'));
    await Promise.all(this.#turns.values());
  }

  #ruleOf({ cause }: Planned): LinkageRule | undefined {
    return this.#options.rules().find(({ id }) => id === cause.linkage);
  }

  #inTurn(rule: LinkageRule, planned: Planned): void {
    const before = this.#turns.get(rule.id) ?? Promise.resolve();
    const mine = before.then(() => this.#carryOut(rule, planned));
    this.#turns.set(rule.id, mine);
    void mine.then(() => {
      if (this.#turns.get(rule.id) === mine) this.#turns.delete(rule.id);
    });
  }

  async #carryOut(rule: LinkageRule, planned: Planned): Promise<void> {
    await this.#options.ready;
    for (let attempt = 1; attempt <= attempts && !this.#stopping.signal.aborted; attempt++) {
      try {
        const isOff = planned.undo && this.#options.isAnyActive(rule.when);
        if (!isOff) await this.#order(rule, planned, (step) => this.#obstacle(rule, planned, step));
        return await this.#options.forget([[this.keyOf(planned), null]]);
      } catch (error) {
        this.#options.onTrouble({
          zh: `联动 ${rule.id} 没有动作：磁盘不可写，命令必须先记录。请检查磁盘。`,
          en: `Linkage ${rule.id} has not acted: the disk takes no record, and an order is on disk before it is sent. Check the disk.`,
          error,
        });
        await this.#options.clock.sleep(pauseMs, this.#stopping.signal).catch(() => undefined);
      }
    }
    this.#counters.dropped++;
  }

  /** Each step once, whatever was handed over before: orders know their ids. */
  async #order(rule: LinkageRule, planned: Planned, why: (step: Step) => Obstacle | undefined): Promise<void> {
    const { cause, undo } = planned;
    const steps = undo ? rule.undo : rule.steps;
    const orders = steps.map((step, n) => ({
      id: orderId(`${idOf(planned)}/${n}`),
      ...step,
      by: `linkage/${rule.id}`,
      cause,
      withoutConfirm: rule.withoutConfirm,
      awaitMs: askMs,
    }));
    // Given at once and in order, so that they are committed together.
    await Promise.all(orders.map((order) => this.#options.acts.order(order, why(order))));
  }

  #obstacle(rule: LinkageRule, { cause, undo }: Planned, step: Step): Obstacle | undefined {
    const { sight, maintained } = this.#options;
    const blocked = (reason: ActReason): Obstacle => ({ state: 'blocked', reason });
    if (maintained().has(step.device)) return blocked(reasons.maintenance);
    if (undo) return undefined;
    const isDelayed = rule.afterMs > 0 && cause.on === 'raised';
    if (isDelayed && sight.isActive(cause.device, cause.alarm) !== true) return blocked(reasons.conditionGone);
    const found = obstacle(rule.unless, sight);
    if (!found) return undefined;
    const { name } = found.condition;
    return blocked(found.isKnown ? reasons.interlock(name) : reasons.interlockUnknown(name));
  }
}

function idOf({ cause: { linkage, device, alarm, episode, on }, undo }: Planned): string {
  return `${linkage}/${device}/${alarm}/${episode}/${undo ? 'undo' : on}`;
}

/** Ids of orders are bounded; what they would say is in the cause. */
function orderId(id: string): string {
  const whole = `linkage/${id}`;
  return whole.length <= 200 ? whole : `linkage/${createHash('sha256').update(id).digest('hex')}`;
}
