import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import type { ReceivedBatch } from '../../../cloud/accept/ingest.ts';
import { systemClock } from '../../../cloud/clock.ts';
import type { Desk } from '../../../cloud/records/commands.ts';
import { openRecords } from '../../../cloud/records/open-records.ts';
import type { Records } from '../../../cloud/records/records.ts';
import { StreamBell } from '../../../cloud/records/wake.ts';
import type { Server } from './servers.ts';
import {
  alarmRecord,
  type Bench,
  community,
  leak502,
  LogWriter,
  meter101,
  openWorkshop,
  site,
  smoke502,
  t0,
  transition,
} from './workshop.ts';
import type { Workshop } from './workshop.ts';

export const all = { areas: ['xingfu'] };
export const li = { id: 'u-li', name: '李调度' };
export const wang = { id: 'u-wang', name: '王调度' };

/** A fresh database for each test: one gateway online with three devices, and a clock that stands still. */
class Stage {
  now = t0;
  log = new LogWriter();
  readonly workshop: Workshop;
  readonly bench: Bench;
  readonly records: Records;

  constructor(workshop: Workshop, bench: Bench) {
    this.workshop = workshop;
    this.bench = bench;
    this.records = openRecords(this.desk(), new StreamBell(bench.database.connection, systemClock));
  }

  desk(): Desk {
    return { database: this.bench.database, rules: this.bench.rules, clock: { ...systemClock, now: () => this.now } };
  }

  commit(...batches: ReceivedBatch[]) {
    return this.bench.ingest.commit('gw-1', batches, this.now);
  }

  raise(more: Partial<Transition> = {}) {
    const at = this.now - 300;
    return this.commit(this.log.batch('alarm', alarmRecord(smoke502, at, transition('raised', 1, at, more))));
  }

  clear(episode = 1) {
    return this.commit(this.log.batch('alarm', alarmRecord(smoke502, this.now, transition('cleared', episode, this.now))));
  }

  async onlyIncident(): Promise<IncidentDetail> {
    const { items } = await this.records.listIncidents(all, {});
    expect(items).toHaveLength(1);
    const detail = await this.records.incidentDetail(all, items[0]?.id ?? '');
    if (!detail) throw new Error('no detail');
    return detail;
  }

  async onlyAlarm(): Promise<Alarm> {
    const { items } = await this.records.listAlarms(all, {});
    expect(items).toHaveLength(1);
    const [alarm] = items;
    if (!alarm) throw new Error('no alarm');
    return alarm;
  }

  async addPerson(id: string, name: string, role: string, area = community): Promise<void> {
    await sql`insert into app_user (id, account, name, phone, password_hash, on_duty, created_at)
      values (${id}, ${id}, ${name}, '13800000000', '-', true, 0)`.execute(this.bench.database.db);
    await sql`insert into app_grant (user_id, area, role) values (${id}, ${area}, ${role})`.execute(this.bench.database.db);
  }
}

/** Sets the stage before each test of the enclosing `describe`; what is returned always is the present one. */
export function useStage(start: () => Promise<Server>): Stage {
  let workshop: Workshop;
  let stage: Stage;
  beforeAll(async () => {
    workshop = await openWorkshop(start);
  });
  afterAll(() => workshop.stop());
  beforeEach(async () => {
    stage = new Stage(workshop, await workshop.fresh());
    await stage.bench.ingest.seen('gw-1', t0);
    await stage.commit(stage.log.batch('alarm', site(t0, smoke502, leak502, meter101)));
  });
  afterEach(() => stage.bench.close());
  return new Proxy({} as Stage, {
    get: (_target, key) => {
      const value: unknown = Reflect.get(stage, key, stage);
      return typeof value === 'function' ? value.bind(stage) : value;
    },
    set: (_target, key, value) => Reflect.set(stage, key, value, stage),
  });
}
