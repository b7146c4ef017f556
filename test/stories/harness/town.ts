import { sql } from 'kysely';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import type { Ingest, ReceivedBatch } from '../../../cloud/accept/ingest.ts';
import { systemClock } from '../../../cloud/clock.ts';
import { rhythm } from '../../../cloud/pipeline.ts';
import type { Desk } from '../../../cloud/records/commands.ts';
import type { Database } from '../../../cloud/records/database.ts';
import { createDeliveries, type Deliveries } from '../../../cloud/records/deliveries.ts';
import { watchGateways } from '../../../cloud/records/gateway-watch.ts';
import { createIngest } from '../../../cloud/records/ingest.ts';
import { openRecords } from '../../../cloud/records/open-records.ts';
import type { Actor, Outcome, Records, Scope } from '../../../cloud/records/records.ts';
import { sweep } from '../../../cloud/records/sweep.ts';
import { StreamBell } from '../../../cloud/records/wake.ts';
import { createRules, type readPlans } from '../../../cloud/response-rules.ts';
import { LogWriter } from '../../cloud/records/workshop.ts';
import { Providers } from './providers.ts';
import { deviceAt, kindOf } from './things.ts';
import type { Part } from './words.ts';

interface Person {
  readonly name: string;
  readonly role: string;
  readonly duty: boolean;
}

export interface TownOptions {
  readonly database: Database;
  readonly plans: Awaited<ReturnType<typeof readPlans>>;
  readonly parts: readonly Part[];
  /** Tells the towns of one database apart. */
  readonly nth: number;
  readonly start: number;
}

/**
 * 一个社区 of the stories: the cloud's own core on a real database, one gateway, people, providers that hear everything, and a
 * clock that stands still until a step turns it. Every town has an area of its own, so that many share one database.
 */
export class Town {
  now: number;
  readonly area: string;
  readonly gateway: string;
  readonly desk: Desk;
  readonly records: Records;
  readonly deliveries: Deliveries;
  readonly providers: Providers;
  readonly ingest: Ingest;
  readonly people = new Map<string, Actor>();
  /** The cloud is killed: nothing is taken in and nothing swept, while time goes on. */
  cloudUp = true;
  gatewayUp = true;
  readonly #parts: readonly Part[];
  readonly #log: LogWriter;
  #waiting: ReceivedBatch[] = [];
  readonly #devices = new Set<string>();
  readonly #episodes = new Map<string, number>();
  /** By device: what it hangs on. */
  readonly parents = new Map<string, string>();
  #lastSeen = 0;
  #refused: string | null = null;
  #keys = 0;

  constructor({ database, plans, parts, nth, start }: TownOptions) {
    this.now = start;
    this.area = `s${nth}/xfl`;
    this.gateway = `gw-s${nth}`;
    const clock = { ...systemClock, now: () => this.now };
    this.providers = new Providers(clock);
    const { ladders } = this.providers.channels;
    const rules = createRules({ plans, profiles: new Map(), timeZone: 'Asia/Shanghai', ladders });
    this.desk = { database, rules, clock };
    this.records = openRecords(this.desk, new StreamBell(database.connection, systemClock));
    this.deliveries = createDeliveries(database.db, rules.telling);
    this.ingest = createIngest(database, rules);
    this.#parts = parts;
    this.#log = new LogWriter(`e${nth}`);
  }

  get scope(): Scope {
    return { areas: [this.area] };
  }

  /** As the clock on the wall shows it. */
  clock(): string {
    return new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', timeStyle: 'medium', hourCycle: 'h23' }).format(
      this.now,
    );
  }

  async open(): Promise<void> {
    const { db } = this.desk.database;
    await sql`delete from due`.execute(db);
    await sql`delete from delivery`.execute(db);
    const [street = ''] = this.area.split('/');
    await this.records.putArea({ path: street, parent: null, kind: 'street', name: '幸福街道' });
    await this.records.putArea({ path: this.area, parent: street, kind: 'community', name: '幸福里' });
    await this.records.putGateway({ id: this.gateway, name: { zh: '一号网关' }, area: this.area });
    await this.#beat();
  }

  /** Nobody of another town is told, and nothing of this one happens later. */
  async close(): Promise<void> {
    const { db } = this.desk.database;
    await sql`update gateway set state = 'revoked' where id = ${this.gateway}`.execute(db);
  }

  async addPerson(id: string, { name, role, duty }: Person): Promise<void> {
    const { db } = this.desk.database;
    const own = `${this.gateway}.${id}`;
    this.people.set(id, { id: own, name });
    await sql`insert into app_user (id, account, name, phone, password_hash, on_duty, created_at)
      values (${own}, ${own}, ${name}, '13800000000', '-', ${duty}, 0)`.execute(db);
    await sql`insert into app_grant (user_id, area, role) values (${own}, ${this.area}, ${role})`.execute(db);
  }

  person(id: string): Actor {
    const person = this.people.get(id);
    if (!person) throw new Error(`nobody is called ${id}; there is ${[...this.people.keys()].join(', ')}`);
    return person;
  }

  newKey(): string {
    return `key-${++this.#keys}`;
  }

  /** Lets time go by until `to`: everything that is due in between happens at its own moment. */
  async advance(to: number): Promise<void> {
    for (;;) {
      const next = this.cloudUp ? await this.#next() : null;
      if (next === null || next > to) break;
      this.now = Math.max(this.now, next);
      await this.round();
    }
    this.now = to;
    if (this.cloudUp) await this.round();
  }

  /** What the cloud does by the clock, once. */
  async round(): Promise<void> {
    const { db } = this.desk.database;
    if (this.gatewayUp) await this.#beat();
    await watchGateways(db, this.desk.rules, this.now - rhythm.gatewaySilenceMs, this.now);
    await sweep(this.desk, this.now);
    for (const { round } of this.#parts) await round?.run(this);
    await this.deliveries.tidy(this.now);
    await this.providers.deliver(this.deliveries);
  }

  async #next(): Promise<number | null> {
    const { rows } = await sql<{ next: number | null }>`select min(at) as next from (
      select due_at as at from due union all
      select least(due_at, expires_at) from delivery where state in ('queued', 'held') union all
      select receipt_due_at from delivery where state = 'sent') due`.execute(this.desk.database.db);
    const silent = this.gatewayUp || this.#lastSeen === 0 ? null : this.#lastSeen + rhythm.gatewaySilenceMs + 1;
    const own = await Promise.all(this.#parts.flatMap(({ round }) => (round ? [round.next(this)] : [])));
    const times = [rows[0]?.next ?? null, silent !== null && silent > this.now ? silent : null, ...own];
    const known = times.filter((time) => time !== null);
    const next = known.length === 0 ? null : Math.min(...known);
    // What is overdue was looked at in the round of this moment; it comes again with the next one.
    return next === null || next > this.now ? next : await this.#overdue(next);
  }

  #stuck = { at: 0, times: 0 };

  async #overdue(next: number): Promise<number> {
    this.#stuck = this.#stuck.at === this.now ? { at: this.now, times: this.#stuck.times + 1 } : { at: this.now, times: 1 };
    if (this.#stuck.times > 20) throw new Error(`something has been due since ${new Date(next).toISOString()} and is never done`);
    return this.now;
  }

  async #beat(): Promise<void> {
    this.#lastSeen = this.now;
    await this.ingest.seen(this.gateway, this.now);
  }

  /** The gateway writes it to its log, and hands it over as soon as it and the cloud are there. */
  async log(...records: readonly LogRecord[]): Promise<void> {
    this.#waiting.push(this.#log.batch('alarm', ...records));
    await this.handOver();
  }

  async handOver(): Promise<void> {
    if (!this.gatewayUp || !this.cloudUp || this.#waiting.length === 0) return;
    const batches = this.#waiting;
    this.#waiting = [];
    await this.#beat();
    await this.ingest.commit(this.gateway, batches, this.now);
    await this.providers.deliver(this.deliveries);
  }

  /** Something a device says; the device is made known to the cloud the first time. */
  async transition(word: string, place: string, kind: Transition['kind'], more: Partial<Transition> = {}): Promise<void> {
    await this.log(...this.recordOf(word, place, kind, more));
  }

  recordOf(word: string, place: string, kind: Transition['kind'], more: Partial<Transition> = {}): LogRecord[] {
    const { hazard, severity, latch, name } = kindOf(word);
    const known = deviceAt(word, place);
    const parent = this.parents.get(known.id);
    const device = parent === undefined ? known : { ...known, parent };
    const at = this.now;
    const episode = (this.#episodes.get(device.id) ?? 0) + (kind === 'raised' ? 1 : 0);
    this.#episodes.set(device.id, Math.max(1, episode));
    const records: LogRecord[] = [];
    if (!this.#devices.has(device.id)) records.push({ kind: 'site', at, hash: device.id, partial: true, devices: [device] });
    this.#devices.add(device.id);
    const reason = { code: kind === 'cleared' ? ('state-left' as const) : ('state-entered' as const) };
    const transition: Transition = {
      alarm: word,
      kind,
      episode: Math.max(1, episode),
      severity,
      hazard,
      latch,
      name: { zh: name },
      reason,
      at,
      ...more,
    };
    return [...records, { kind: 'alarm', device: device.id, profile: device.profile, at, events: [], transitions: [transition] }];
  }

  /** The newest alarm of a device. */
  async alarm(word: string, place: string): Promise<Alarm> {
    const { items } = await this.records.listAlarms(this.scope, { device: deviceAt(word, place).id, limit: 1 });
    const [alarm] = items;
    if (!alarm) throw new Error(`${word} ${place} has had no alarm`);
    return alarm;
  }

  async alarmsOf(word: string, place: string): Promise<number> {
    return (await this.records.listAlarms(this.scope, { device: deviceAt(word, place).id })).total;
  }

  /** The incident its newest alarm is in. */
  async incident(word: string, place: string): Promise<IncidentDetail> {
    const { incident } = await this.alarm(word, place);
    const detail = incident === null ? null : await this.records.incidentDetail(this.scope, incident);
    if (!detail) throw new Error(`${word} ${place} is in no incident`);
    return detail;
  }

  /** Remembers a refusal, which the next step must expect. */
  async outcome(of: Promise<Outcome<unknown>>): Promise<void> {
    const outcome = await of;
    if (!outcome.ok) this.#refused = `${outcome.refusal.code}: ${outcome.refusal.message.zh}`;
    await this.providers.deliver(this.deliveries);
  }

  takeRefusal(): string | null {
    const refused = this.#refused;
    this.#refused = null;
    return refused;
  }

  mustBeAllowed(): void {
    const refused = this.takeRefusal();
    if (refused !== null) throw new Error(`the step before was refused (${refused}), and the story does not expect it`);
  }
}
