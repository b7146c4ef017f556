import { type Kysely, sql } from 'kysely';
import { above, causeOfParent, type Member } from '../alarm/parent.ts';
import { json } from './scope.ts';
import type { Tables } from './tables.ts';

interface Row extends Member {
  readonly key: number;
  readonly downSince: number | null;
  readonly parentDown: string | null;
}

/** The devices of one gateway that hang on each other, as one transaction sees and changes them. */
export class Family {
  readonly #trx: Kysely<Tables>;
  readonly #gateway: string;
  readonly members: ReadonlyMap<string, Row>;
  /** Devices that are down, or back for so short a while that what hangs on them has not had its time. */
  readonly #down: Map<string, number>;

  private constructor(trx: Kysely<Tables>, gateway: string, rows: readonly Row[]) {
    this.#trx = trx;
    this.#gateway = gateway;
    this.members = new Map(rows.map((row) => [row.id, row]));
    this.#down = new Map(rows.flatMap(({ id, downSince }) => (downSince === null ? [] : [[id, downSince]])));
  }

  static async load(trx: Kysely<Tables>, gateway: string): Promise<Family> {
    const { rows } = await sql<Row>`select d.key, d.id, d.parent, d.down_since as "downSince", d.parent_down as "parentDown"
      from device d where d.gateway = ${gateway} and d.removed_at is null
        and (d.parent is not null or d.parent_down is not null or d.down_since is not null
          or d.id in (select c.parent from device c where c.gateway = ${gateway} and c.parent is not null))`.execute(trx);
    return new Family(trx, gateway, rows);
  }

  isDown(device: string): boolean {
    return this.#down.has(device);
  }

  goDown(device: string, at: number): void {
    this.#down.set(device, at);
  }

  isBack(device: string): void {
    this.#down.delete(device);
  }

  /** Why the silence of this device is nobody's news now. */
  causes(device: string): string[] {
    return above(this.members, device)
      .filter((one) => this.#down.has(one))
      .map(causeOfParent);
  }

  /** Writes who is down, and what is unknown because of it. Returns the devices for which that is news, by key. */
  async write(): Promise<readonly { readonly key: number }[]> {
    const rows = [...this.members.values()].map(({ key, id, downSince, parentDown }) => ({
      key,
      downSince: this.#down.get(id) ?? null,
      parentDown: above(this.members, id).find((one) => this.#down.has(one)) ?? null,
      was: { downSince, parentDown },
    }));
    const changed = rows.filter((row) => row.downSince !== row.was.downSince || row.parentDown !== row.was.parentDown);
    if (changed.length > 0) {
      await sql`update device d set down_since = r."downSince", parent_down = r."parentDown"
        from jsonb_to_recordset(${json(changed)}) as r(key integer, "downSince" bigint, "parentDown" text)
        where d.key = r.key and d.gateway = ${this.#gateway}`.execute(this.#trx);
    }
    return changed.filter((row) => row.parentDown !== row.was.parentDown);
  }
}
