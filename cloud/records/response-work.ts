import { type Kysely, sql } from 'kysely';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { PlanStep } from '@yihu/device-profiles/vocabulary/incident.ts';
import { type AlarmRow, selectAlarms, writeAlarms } from './alarm-rows.ts';
import { derivedId } from './derived-id.ts';
import { FloodGauge } from './flood-gauge.ts';
import { nextNumber } from './incident-number.ts';
import {
  linkAlarms,
  selectHeads,
  selectIncidents,
  selectSummaries,
  writeIncidents,
  writeLines,
  writeForces,
  writeSteps,
} from './incident-rows.ts';
import type { AlarmEffect, LineDraft, Person, PlanForce, Rules, StoredIncident } from './rules.ts';
import { type AxisTimer, type Told, writeTimers } from './response-timers.ts';
import { type Scene, sceneOf } from './scene.ts';
import { emit, type StreamDraft } from './stream.ts';
import type { Tables } from './tables.ts';

/** Alarms and incidents are changed by one transaction at a time: they are few, and what joins them must see them all. */
const responseLock = 7_204_002;

/** How far back an alarm that is done with still says something of the next one: twice the span of a chatter. */
const lookBackMs = 20 * 60_000;

export async function lockResponse(trx: Kysely<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${responseLock})`.execute(trx);
}

/**
 * One transaction's changes to alarms and incidents: rows are read once, decided on in memory by the pure rules, and
 * written in bulk by `flush`. The caller holds `lockResponse`.
 */
export class ResponseWork {
  readonly #trx: Kysely<Tables>;
  readonly #rules: Rules;
  readonly #at: number;
  readonly #alarms = new Map<string, AlarmRow>();
  readonly #incidents = new Map<string, StoredIncident>();
  readonly #dirtyAlarms = new Set<string>();
  readonly #dirtyIncidents = new Set<string>();
  readonly #links: { incident: string; alarm: string }[] = [];
  readonly #lines: { incident: string; draft: LineDraft }[] = [];
  readonly #forces = new Map<string, PlanForce>();
  readonly #steps: (PlanStep & { incident: string; position: number })[] = [];
  /** By incident: whether with a new chain even where one runs. */
  readonly #tell = new Map<string, boolean>();
  readonly #settle = new Set<string>();
  readonly #answered = new Set<string>();
  readonly #timers: AxisTimer[] = [];
  readonly #gauge: FloodGauge;

  constructor(trx: Kysely<Tables>, rules: Rules, at: number) {
    this.#trx = trx;
    this.#rules = rules;
    this.#at = at;
    this.#gauge = new FloodGauge(trx, rules, at);
  }

  /** Reads the open episodes of these devices, and what they said a short while ago. */
  async loadOpen(gateway: string, devices: readonly string[]): Promise<void> {
    const mine = sql`a.gateway = ${gateway} and a.device = any(${[...devices]})
      and (a.open or a.last_at > ${this.#at - lookBackMs})`;
    this.#remember(await selectAlarms(this.#trx, this.#rules.alarm, mine));
  }

  async loadAlarms(ids: readonly string[]): Promise<void> {
    this.#remember(await selectAlarms(this.#trx, this.#rules.alarm, sql`a.id = any(${[...ids]})`));
  }

  /** Without its alarms, which may be thousands. */
  async loadIncidentRow(id: string): Promise<void> {
    if (this.#incidents.has(id)) return;
    for (const incident of await selectIncidents(this.#trx, sql`i.id = ${id}`)) this.#incidents.set(id, incident);
  }

  async loadIncident(id: string): Promise<void> {
    await this.loadIncidentRow(id);
    this.#remember(
      await selectAlarms(this.#trx, this.#rules.alarm, sql`a.id in (select alarm from incident_alarm where incident = ${id})`),
    );
  }

  /** What this transaction has decided already is newer than what the table still says. */
  #remember(rows: readonly AlarmRow[]): void {
    for (const row of rows) if (!this.#alarms.has(row.alarm.id)) this.#alarms.set(row.alarm.id, row);
  }

  /** The open episode of an alarm of a device, as it stands now. */
  openAlarm(gateway: string, device: string, alarm: string): AlarmRow | null {
    for (const row of this.#alarms.values()) {
      const it = row.alarm;
      if (it.gateway === gateway && it.device === device && it.alarm === alarm && (it.active || it.latched || !it.ack))
        return row;
    }
    return null;
  }

  /** The open episodes of these devices, as far as they were loaded. */
  openOf(gateway: string, devices: readonly string[]): AlarmRow[] {
    return [...this.#alarms.values()].filter(
      ({ alarm: it }) => it.gateway === gateway && devices.includes(it.device) && (it.active || it.latched || !it.ack),
    );
  }

  /** The last episode of it that is done with, a short while ago; null where there is none. */
  lastAlarm(gateway: string, device: string, alarm: string): AlarmRow | null {
    let last: AlarmRow | null = null;
    for (const row of this.#alarms.values()) {
      const it = row.alarm;
      const same = it.gateway === gateway && it.device === device && it.alarm === alarm;
      if (same && (last === null || it.lastAt > last.alarm.lastAt)) last = row;
    }
    return last;
  }

  incident(id: string): StoredIncident | null {
    return this.#incidents.get(id) ?? null;
  }

  alarm(id: string): Alarm | null {
    return this.#alarms.get(id)?.alarm ?? null;
  }

  epochOf(alarm: string): string {
    return this.#alarms.get(alarm)?.epoch ?? '';
  }

  alarmsOf(incident: string): Alarm[] {
    return [...this.#alarms.values()].map((row) => row.alarm).filter((alarm) => alarm.incident === incident);
  }

  putAlarm(alarm: Alarm, epoch: string): void {
    this.#alarms.set(alarm.id, { alarm, epoch });
    this.#dirtyAlarms.add(alarm.id);
  }

  putIncident(incident: StoredIncident): void {
    this.#incidents.set(incident.id, incident);
    this.#dirtyIncidents.add(incident.id);
  }

  putSteps(incident: string, steps: readonly (PlanStep & { position: number })[]): void {
    this.#steps.push(...steps.map((step) => ({ ...step, incident })));
  }

  say(incident: string, draft: LineDraft): void {
    this.#lines.push({ incident, draft });
  }

  /** People must hear of this incident; `fresh`: with a new chain even where one runs. */
  tell(incident: string, fresh: boolean): void {
    this.#tell.set(incident, fresh || (this.#tell.get(incident) ?? false));
    this.#settle.delete(incident);
  }

  settle(incident: string): void {
    if (!this.#tell.has(incident)) this.#settle.add(incident);
  }

  /** Somebody took it up or it is over: no further step, whatever its alarms say. */
  answered(incident: string): void {
    this.#answered.add(incident);
  }

  /**
   * Carries out what follows from a decision about one alarm. What people must hear of finds or opens the incident it
   * belongs to; everything else goes to the incident the alarm is in.
   */
  async follow(
    alarm: Alarm,
    epoch: string,
    effects: readonly AlarmEffect[],
    said: { edgeAt?: number; actor?: Person; scene?: Scene },
  ): Promise<void> {
    const raised = effects.some((effect) => effect.do === 'line' && effect.kind === 'alarm-raised');
    const notified = effects.some((effect) => effect.do === 'notify');
    const placing = notified && (raised || alarm.incident === null);
    const flooded = raised && notified ? await this.#gauge.raised(alarm) : null;
    const placed = placing ? await this.#place(alarm, flooded, said.scene) : alarm;
    this.putAlarm(placed, epoch);
    for (const effect of effects) this.#time(effect, placed.id);
    const id = placed.incident;
    if (id === null) return;
    await this.loadIncidentRow(id);
    for (const effect of effects) this.#followOne(effect, id, said);
    if (!placing) this.#touch(id, placed, notified);
  }

  #time(effect: AlarmEffect, alarm: string): void {
    if (effect.do === 'timer') this.#timers.push({ alarm, axis: effect.axis, at: effect.at });
  }

  #followOne(effect: AlarmEffect, incident: string, said: { edgeAt?: number; actor?: Person }): void {
    switch (effect.do) {
      case 'line':
        return this.say(incident, {
          kind: effect.kind,
          text: effect.text,
          data: effect.data,
          ...(said.edgeAt === undefined ? {} : { edgeAt: said.edgeAt }),
          ...(said.actor === undefined ? {} : { actor: said.actor }),
        });
      case 'settle':
        return this.settle(incident);
      case 'timer':
      case 'notify':
        return undefined;
    }
  }

  /** A change that is no raise: a rise in severity and the end of a shelf are told like one. */
  #touch(id: string, alarm: Alarm, notified: boolean): void {
    const incident = this.#incidents.get(id);
    if (!incident) return;
    if (!notified) return this.putIncident(this.#rules.incident.touched(incident, this.#at));
    this.#absorb(incident, alarm);
  }

  #absorb(incident: StoredIncident, alarm: Alarm): void {
    const absorbed = this.#rules.incident.absorbRaise(incident, alarm, this.#at);
    this.putIncident(absorbed.incident);
    for (const draft of absorbed.lines) this.say(incident.id, draft);
    const { severity, state, ackedAt } = absorbed.incident;
    const fresh = severity !== incident.severity || state !== incident.state || ackedAt !== incident.ackedAt;
    if (absorbed.tell) this.tell(incident.id, fresh);
  }

  /**
   * Joins the open incident of the alarm's group, or opens one with its plan; in a flood the group is the whole community.
   * Returns the alarm with its incident.
   */
  async #place(alarm: Alarm, flooded: string | null, said?: Scene): Promise<Alarm> {
    const grouped = flooded === null ? alarm : { ...alarm, area: flooded };
    const tookOver = await this.#loadGroup(this.#rules.incident.groupKey(grouped));
    const found = this.#rules.incident.findIncident(grouped, [...this.#incidents.values()], this.#at, tookOver);
    const scene = async () => (flooded === null && said) || sceneOf(this.#trx, alarm, flooded);
    const incident = found ?? (await this.#open(grouped, await scene()));
    if (found)
      this.#absorb({ ...found, childCount: Math.max(found.childCount, alarm.active ? (alarm.children ?? 0) : 0) }, alarm);
    this.#links.push({ incident: incident.id, alarm: alarm.id });
    return { ...alarm, incident: incident.id };
  }

  readonly #loadedGroups = new Map<string, ReadonlySet<string>>();

  /** Reads the open incidents of a group; returns those that took one of it over by a merge, through however many. */
  async #loadGroup(key: string): Promise<ReadonlySet<string>> {
    const known = this.#loadedGroups.get(key);
    if (known) return known;
    const merged = await sql<{ id: string }>`with recursive target (id) as (
        select i.merged_into from incident i where i.group_key = ${key} and i.merged_into is not null
        union select i.merged_into from incident i join target t on i.id = t.id where i.merged_into is not null)
      select id from target`.execute(this.#trx);
    const tookOver = new Set(merged.rows.map(({ id }) => id));
    for (const incident of await selectIncidents(
      this.#trx,
      sql`i.open and (i.group_key = ${key} or i.id = any(${[...tookOver]}))`,
    )) {
      if (!this.#incidents.has(incident.id)) this.#incidents.set(incident.id, incident);
    }
    this.#loadedGroups.set(key, tookOver);
    return tookOver;
  }

  async #open(alarm: Alarm, scene: Scene): Promise<StoredIncident> {
    const chosen = this.#rules.incident.planFor(alarm, this.#at);
    const incident = this.#rules.incident.openIncident(alarm, {
      id: derivedId('inc', alarm.id, alarm.occurrences),
      number: await nextNumber(this.#trx, this.#rules.timeZone, this.#at),
      place: scene.place,
      at: this.#at,
      childCount: scene.childCount,
      plan: chosen ? { id: chosen.id, version: chosen.version } : null,
    });
    this.putIncident(incident);
    if (chosen) {
      this.#forces.set(incident.id, chosen.force);
      this.putSteps(
        incident.id,
        chosen.steps.map((step, position) => ({ ...step, position })),
      );
    }
    this.tell(incident.id, true);
    return incident;
  }

  /** Writes everything and puts it on the stream, together with `more`. The last thing before the commit. */
  async flush(more: readonly StreamDraft[] = []): Promise<void> {
    const incidents = [...this.#dirtyIncidents].map((id) => this.#incidents.get(id)).filter((one) => one !== undefined);
    await writeIncidents(this.#trx, incidents);
    const alarms = [...this.#dirtyAlarms].map((id) => this.#alarms.get(id)).filter((one) => one !== undefined);
    await writeAlarms(this.#trx, alarms);
    await linkAlarms(this.#trx, this.#links, this.#at);
    await writeSteps(this.#trx, this.#steps);
    await writeForces(this.#trx, this.#forces);
    await this.writeLines();
    await this.#gauge.write();
    await writeTimers(this.#trx, this.#rules, this.#at, {
      tell: this.#told(),
      settle: this.#settle,
      answered: this.#answered,
      timers: this.#timers,
    });
    await emit(this.#trx, [...more, ...(await this.#drafts(alarms))]);
  }

  #told(): Told[] {
    return [...this.#tell].flatMap(([id, fresh]) => {
      const incident = this.#incidents.get(id);
      return incident ? [{ incident, fresh }] : [];
    });
  }

  /** Writes the lines said so far; whoever says more in a piece of work of its own goes on from them. */
  async writeLines(): Promise<void> {
    const said = this.#lines.splice(0);
    const touched = [...new Set(said.map((line) => line.incident))];
    const heads = touched.length > 0 ? await selectHeads(this.#trx, touched) : new Map<string, { seq: number; hash: string }>();
    const linked = said.map(({ incident, draft }) => {
      const line = this.#rules.incident.linkLine(
        heads.get(incident) ?? this.#rules.incident.emptyChain(incident),
        draft,
        this.#at,
      );
      heads.set(incident, line);
      return { ...line, incident };
    });
    await writeLines(this.#trx, linked);
  }

  async #drafts(alarms: readonly AlarmRow[]): Promise<StreamDraft[]> {
    const touched = [...this.#dirtyIncidents];
    const summaries = touched.length > 0 ? await selectSummaries(this.#trx, sql`i.id = any(${touched})`) : [];
    const shown: AlarmRow[] = [];
    for (const row of alarms) if (!(await this.#gauge.isGrouped(row.alarm))) shown.push(row);
    return [
      ...shown.map((row) => ({ area: row.alarm.area, event: { type: 'alarm' as const, at: this.#at, alarm: row.alarm } })),
      ...summaries.map((incident) => ({ area: incident.area, event: { type: 'incident' as const, at: this.#at, incident } })),
    ];
  }
}
