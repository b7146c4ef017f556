import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { Cursor } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { Entry, Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import { type Accept, createAccept } from '../../cloud/accept/accept.ts';
import { decide } from '../../cloud/accept/decide.ts';
import type { Ingest, ReceivedBatch } from '../../cloud/accept/ingest.ts';
import { applyTransition } from '../../cloud/alarm/transition.ts';
import type { Clock } from '../../cloud/clock.ts';
import type { Mutant } from './mutants.ts';
import type { Schedule } from './schedule.ts';
import type { Seeded } from './seeded.ts';

const never = new Promise<never>(() => {});
const silent = { info: () => {}, warn: () => {} };

/** What the database holds: records, cursor and alarms move together or not at all. */
export interface CloudRecords {
  cursor: Cursor;
  readonly entries: Record<Lane, Entry[]>;
  /** Open episode of each (device, alarm), and how often it was raised in all. */
  readonly alarms: Map<string, Alarm>;
  occurrences: number;
  clears: number;
}

export class SimulatedCloud {
  /** Called once, between the next commit and its answer. */
  onCommitted: (() => void) | null = null;
  readonly records: CloudRecords = {
    cursor: { epoch: 'epoch-1', alarm: 0, telemetry: 0 },
    entries: { alarm: [], telemetry: [] },
    alarms: new Map(),
    occurrences: 0,
    clears: 0,
  };
  readonly #schedule: Schedule;
  readonly #clock: Clock;
  readonly #random: Seeded;
  readonly #mutant: Mutant | null;
  readonly #reply: (cursor: Cursor) => void;
  #accept: Accept | null = null;
  /** Cursor of a cloud that keeps it in memory only: one of the planted bugs. */
  #memoryCursor: Cursor | null = null;

  constructor(schedule: Schedule, clock: Clock, random: Seeded, mutant: Mutant | null, reply: (cursor: Cursor) => void) {
    this.#schedule = schedule;
    this.#clock = clock;
    this.#random = random;
    this.#mutant = mutant;
    this.#reply = reply;
  }

  get accept(): Accept | null {
    return this.#accept;
  }

  start(): void {
    const life = { dead: false };
    this.#memoryCursor = null;
    const accept = createAccept({
      ingest: this.#ingest(life),
      clock: this.#clock,
      logger: silent,
      reply: (_gateway, cursor) => life.dead || this.#reply(cursor),
    });
    this.#accept = Object.assign(accept, { life });
  }

  kill(): void {
    const accept = this.#accept as (Accept & { life: { dead: boolean } }) | null;
    if (!accept) return;
    accept.life.dead = true;
    void accept.stop();
    this.#accept = null;
  }

  /** An older backup: the records of the last commits are gone, and so are their effects. */
  restore(back: number): void {
    const { entries, cursor } = this.records;
    const to = { alarm: Math.max(0, cursor.alarm - back), telemetry: Math.max(0, cursor.telemetry - back) };
    const kept = {
      alarm: entries.alarm.filter(({ through }) => through <= to.alarm),
      telemetry: entries.telemetry.filter(({ through }) => through <= to.telemetry),
    };
    const last = (lane: Lane) => kept[lane].at(-1)?.through ?? 0;
    this.records.cursor = { ...cursor, alarm: last('alarm'), telemetry: last('telemetry') };
    this.records.alarms.clear();
    this.records.occurrences = 0;
    this.records.clears = 0;
    entries.alarm.length = 0;
    entries.telemetry.length = 0;
    for (const lane of ['alarm', 'telemetry'] as const) for (const entry of kept[lane]) this.#apply(lane, entry);
  }

  #apply(lane: Lane, entry: Entry): void {
    this.records.entries[lane].push(entry);
    const { record } = entry;
    if (record.kind !== 'alarm') return;
    for (const [index, transition] of record.transitions.entries()) {
      const key = `${record.device} ${transition.alarm}`;
      const context = {
        id: `gw/epoch-1/${entry.seq}/${index}`,
        gateway: 'gw',
        device: record.device,
        deviceName: { zh: record.device },
        area: 'a',
        receivedAt: this.#clock.now(),
        newEpoch: false,
      };
      const result = applyTransition(this.records.alarms.get(key) ?? null, transition, context);
      if (result.reason === 'opened' || result.reason === 'reactivated') this.records.occurrences++;
      if (result.reason === 'cleared') this.records.clears++;
      if (result.alarm) this.records.alarms.set(key, result.alarm);
    }
  }

  #commit(batches: readonly ReceivedBatch[]): Cursor {
    for (const { header, entries } of batches) {
      const cursor = this.#mutant?.cursorInMemory
        ? (this.#memoryCursor ?? { ...this.records.cursor, alarm: 0, telemetry: 0 })
        : this.records.cursor;
      const decision = (this.#mutant?.decide ?? decide)(cursor, header, entries);
      if (!('apply' in decision)) continue;
      for (const entry of decision.apply) this.#apply(header.lane, entry);
      if (this.#mutant?.orderByClock) this.records.entries[header.lane].sort((a, b) => a.record.at - b.record.at);
      this.records.cursor = decision.next;
      this.#memoryCursor = decision.next;
    }
    return this.#mutant?.cursorInMemory ? (this.#memoryCursor ?? this.records.cursor) : this.records.cursor;
  }

  #ingest(life: { dead: boolean }): Ingest {
    const wait = () => this.#clock.sleep(this.#random.whole(1, this.#schedule.diskMs));
    const alive = async <T>(run: () => T): Promise<T> => {
      await wait();
      return life.dead ? never : run();
    };
    const atCursor = () =>
      this.#mutant?.cursorInMemory
        ? (this.#memoryCursor ?? { ...this.records.cursor, alarm: 0, telemetry: 0 })
        : this.records.cursor;
    return {
      cursor: () => alive(atCursor),
      hello: () => alive(() => undefined),
      seen: () => alive(() => undefined),
      commit: async (_gateway, batches) => {
        await wait();
        if (life.dead) return never;
        const cursor = this.#commit(batches);
        const worst = this.onCommitted;
        this.onCommitted = null;
        worst?.();
        await wait();
        return life.dead ? never : cursor;
      },
    };
  }
}
