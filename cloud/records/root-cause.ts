import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { type Kysely, sql } from 'kysely';
import { below, causeOfParent, isRoot, isRootKind, isSilence, parentLimits } from '../alarm/parent.ts';
import { selectAlarms } from './alarm-rows.ts';
import { selectDevices } from './device-rows.ts';
import { cancel, type Due, plan } from './due.ts';
import { Family } from './family.ts';
import { ResponseWork } from './response-work.ts';
import type { Rules } from './rules.ts';
import type { Tables } from './tables.ts';

/** Names a device of a gateway in a row of what is due. */
function subjectOf(gateway: string, device: string): string {
  return `${gateway}/${device}`;
}

/**
 * 根因: a recorder, a bus coupler or a power feed that goes is one alarm with the number of devices below it. Their silence is
 * kept and tells nobody; when it is back they have a while to speak, and who stays silent then is told of.
 */
export class RootCause {
  readonly #trx: Kysely<Tables>;
  readonly #rules: Rules;
  readonly #gateway: string;
  readonly #at: number;
  readonly #family: Family;

  private constructor(trx: Kysely<Tables>, rules: Rules, gateway: string, at: number, family: Family) {
    this.#trx = trx;
    this.#rules = rules;
    this.#gateway = gateway;
    this.#at = at;
    this.#family = family;
  }

  static async load(trx: Kysely<Tables>, rules: Rules, gateway: string, at: number): Promise<RootCause> {
    return new RootCause(trx, rules, gateway, at, await Family.load(trx, gateway));
  }

  /** Why nobody is to be told of this transition, beside what holds for its place. */
  causes(device: string, transition: Pick<Alarm, 'hazard'>): string[] {
    return isSilence(transition) ? this.#family.causes(device) : [];
  }

  /** How many devices have no voice while this lasts. */
  childCount(device: string, transition: Pick<Alarm, 'hazard' | 'alarm'>): number {
    return isRootKind(transition) ? below(this.#family.members, device).length : 0;
  }

  /** What follows for the devices below it from a transition that is decided. */
  async after(work: ResponseWork, alarm: Alarm): Promise<void> {
    if (!isRootKind(alarm)) return;
    const children = below(this.#family.members, alarm.device);
    if (children.length === 0) return;
    if (isRoot(alarm)) return this.#down(work, alarm.device, children);
    const others = work.openOf(this.#gateway, [alarm.device]).some((row) => isRoot(row.alarm));
    if (others || !this.#family.isDown(alarm.device)) return;
    const dueAt = this.#at + parentLimits.graceMs;
    await plan(this.#trx, [{ kind: 'parent-back', subject: subjectOf(this.#gateway, alarm.device), step: 0, dueAt }]);
  }

  async #down(work: ResponseWork, device: string, children: readonly string[]): Promise<void> {
    await cancel(this.#trx, 'parent-back', [subjectOf(this.#gateway, device)]);
    if (this.#family.isDown(device)) return;
    this.#family.goDown(device, this.#at);
    await work.loadOpen(this.#gateway, children);
    for (const { alarm, epoch } of work.openOf(this.#gateway, children)) {
      if (!isSilence(alarm)) continue;
      const held = this.#rules.alarm.suppress(alarm, causeOfParent(device));
      await work.follow(held.alarm, epoch, held.effects, {});
    }
  }

  /** Before the commit. Returns the devices that are unknown now, or no longer. */
  write(): Promise<readonly { readonly key: number }[]> {
    return this.#family.write();
  }
}

/** What hangs on a device that was taken out of the inventory while it was down waits for it no longer. */
export async function releaseRemoved(trx: Kysely<Tables>, gateway: string, at: number): Promise<void> {
  const { rows } = await sql<{ id: string }>`select id from device
    where gateway = ${gateway} and removed_at is not null and down_since is not null`.execute(trx);
  const due = rows.map(({ id }): Due => ({ kind: 'parent-back', subject: subjectOf(gateway, id), step: 0, dueAt: at }));
  await plan(trx, due);
}

/** The time of those below a device that is back is over: who is still silent is told of, with fresh timers. */
export async function parentIsBack(trx: Kysely<Tables>, rules: Rules, due: Due, now: number): Promise<string> {
  const [gateway = '', ...rest] = due.subject.split('/');
  const device = rest.join('/');
  const cause = causeOfParent(device);
  const family = await Family.load(trx, gateway);
  const root = await selectAlarms(trx, rules.alarm, sql`a.open and a.active and a.gateway = ${gateway} and a.device = ${device}`);
  if (family.members.has(device) && root.some(({ alarm }) => isRoot(alarm))) return 'down again';
  family.isBack(device);
  await sql`update device set down_since = null where gateway = ${gateway} and id = ${device}`.execute(trx);
  const changed = await family.write();
  const held = await selectAlarms(trx, rules.alarm, sql`a.gateway = ${gateway} and ${cause} = any(a.suppressed_by)`);
  const work = new ResponseWork(trx, rules, now);
  for (const { alarm, epoch } of held) {
    const freed = rules.alarm.unsuppress(alarm, cause, now);
    await work.follow(freed.alarm, epoch, freed.effects, {});
  }
  const devices = await selectDevices(trx, rules.profiles, sql`d.key = any(${changed.map(({ key }) => key)})`);
  await work.flush(devices.map((one) => ({ area: one.area, event: { type: 'device', at: now, device: one } })));
  return held.length > 0 ? 'told of who is silent' : 'all back';
}
