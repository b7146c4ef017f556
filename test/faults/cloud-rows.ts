import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Connection, clientConfig } from '../../cloud/records/database.ts';

export interface NumberRow {
  readonly log: number;
  readonly seq: number;
  readonly n: number;
}

export interface CursorRow {
  readonly epoch: string;
  readonly alarm: number;
  readonly telemetry: number;
  readonly delivered_alarm: number;
  readonly delivered_telemetry: number;
  readonly gaps_alarm: number;
  readonly gaps_telemetry: number;
}

export interface AlarmLine {
  readonly kind: 'alarm-raised' | 'alarm-cleared';
  readonly edge_at: number;
}

/** The cloud's PostgreSQL, read beside the cloud: what is in the tables, and not what the cloud says of them. */
export class CloudRows {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** The embedded one of the cloud that runs on `data`. */
  static ofFolder(data: string): Promise<CloudRows> {
    const { connection } = JSON.parse(readFileSync(join(data, 'running.json'), 'utf8')) as { connection: Connection };
    return CloudRows.open(connection);
  }

  static async open(connection: Connection): Promise<CloudRows> {
    const client = new Client(clientConfig(connection));
    await client.connect();
    return new CloudRows(client);
  }

  async #rows<T>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    const { rows } = await this.#client.query(text, [...values]);
    return rows as T[];
  }

  /** Every telemetry row of a device in the order of its gateway's log, with what it counted. */
  readings(device: string, point = 'n'): Promise<NumberRow[]> {
    return this.#rows(
      `select log, seq, case jsonb_typeof(readings -> $2) when 'array' then (readings -> $2 ->> 0)::float
         else (readings ->> $2)::float end as n
       from telemetry where device = (select key from device where id = $1) order by log, seq`,
      [device, point],
    );
  }

  /** The value the screens show of a point. */
  async latest(device: string, point: string): Promise<{ value: unknown; quality: string; reason: string | null } | undefined> {
    const [row] = await this.#rows<{ value: unknown; quality: string; reason: string | null }>(
      `select value, quality, reason from point_latest where point = $2 and device = (select key from device where id = $1)`,
      [device, point],
    );
    return row;
  }

  ticks(device: string): Promise<NumberRow[]> {
    return this.#rows(
      `select log, seq, serial::float as n from device_event where device = (select key from device where id = $1) order by log, seq, id`,
      [device],
    );
  }

  cursors(gateway: string): Promise<CursorRow[]> {
    return this.#rows('select * from ingest_cursor where gateway = $1', [gateway]);
  }

  /** Records of the telemetry lane that are in the table, and rows that name the same record of the same device twice. */
  async telemetryCount(): Promise<{ records: number; doubled: number }> {
    const [row] = await this.#rows<{ records: number; doubled: number }>(
      `select count(distinct (log, seq)) as records, count(*) - count(distinct (log, seq)) as doubled from telemetry`,
    );
    return row ?? { records: 0, doubled: 0 };
  }

  /** What was written of one device's alarm in the timelines, in order. */
  alarmLines(device: string, alarm: string): Promise<AlarmLine[]> {
    return this.#rows(
      `select t.kind, t.edge_at from timeline t join alarm a on a.id = t.data::jsonb ->> 'alarm'
       where a.device = $1 and a.alarm = $2 and t.kind in ('alarm-raised', 'alarm-cleared') order by t.edge_at, t.at, t.incident, t.seq`,
      [device, alarm],
    );
  }

  alarmRows(device: string): Promise<{ alarm: string; active: boolean; occurrences: number; episode: number }[]> {
    return this.#rows('select alarm, active, occurrences, episode from alarm where device = $1', [device]);
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}
