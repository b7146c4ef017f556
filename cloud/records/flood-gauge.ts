import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { type Kysely, sql } from 'kysely';
import { readLoad, selectFloods, writeLoad } from './flood.ts';
import type { Load, Rules } from './rules.ts';
import type { Tables } from './tables.ts';

/** One transaction's view of the load: which communities are in a flood, and what this transaction adds. */
export class FloodGauge {
  readonly #trx: Kysely<Tables>;
  readonly #rules: Rules;
  readonly #at: number;
  readonly #loads = new Map<string, Load>();
  readonly #raised = new Map<string, number>();
  readonly #begun: string[] = [];
  #floods: Set<string> | null = null;

  constructor(trx: Kysely<Tables>, rules: Rules, at: number) {
    this.#trx = trx;
    this.#rules = rules;
    this.#at = at;
  }

  /** A new alarm people are to hear of. Returns the community where it is brought together with others, or null. */
  async raised(alarm: Pick<Alarm, 'area' | 'hazard'>): Promise<string | null> {
    const community = this.#rules.flood.communityOf(alarm.area);
    const load = this.#loads.get(community) ?? (await readLoad(this.#trx, community, this.#at, this.#rules.flood.limits));
    const next = { ...load, inSpan: load.inSpan + 1, inBurst: load.inBurst + 1 };
    this.#loads.set(community, next);
    this.#raised.set(community, (this.#raised.get(community) ?? 0) + 1);
    const floods = await this.#known();
    if (!floods.has(community) && this.#rules.flood.isFlood(false, next)) {
      floods.add(community);
      this.#begun.push(community);
    }
    return floods.has(community) && this.#rules.flood.isGrouped(alarm.hazard) ? community : null;
  }

  /** True where an alarm comes to the screens with its group and not by itself. */
  async isGrouped(alarm: Pick<Alarm, 'area' | 'hazard'>): Promise<boolean> {
    return this.#rules.flood.isGrouped(alarm.hazard) && (await this.#known()).has(this.#rules.flood.communityOf(alarm.area));
  }

  async #known(): Promise<Set<string>> {
    this.#floods ??= new Set((await selectFloods(this.#trx, sql`f.ended_at is null`)).map(({ area }) => area));
    return this.#floods;
  }

  write(): Promise<void> {
    return writeLoad(this.#trx, this.#at, this.#raised, this.#begun);
  }
}
