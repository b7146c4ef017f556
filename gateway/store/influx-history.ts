import type { Entry } from '@yihu/device-profiles/vocabulary/record.ts';
import type { History, HistoryRow, Refused } from './history.ts';
import { InfluxError, InfluxHttp, type InfluxOptions, type InfluxSeries } from './influx-http.ts';
import { lineOf, measurement } from './line-protocol.ts';

export type { InfluxOptions } from './influx-http.ts';

/** Milliseconds that InfluxDB's 64-bit nanoseconds reach to either side of 1970. */
const reachMs = 9_223_372_036_854;
const fields = '"exact", "value", "text", "flag", "quality"';

interface Sendable {
  readonly seq: number;
  readonly point: string;
  readonly line: string;
}

/**
 * History in an InfluxDB that is already there. Opening does not need the server: it is looked for, and the database made,
 * with the first write; until then every write rejects and the readings wait in the log.
 */
export async function openInfluxHistory(options: InfluxOptions): Promise<History> {
  return new InfluxHistory(options);
}

class InfluxHistory implements History {
  private readonly http: InfluxHttp;
  private readonly options: InfluxOptions;
  private ready = false;

  constructor(options: InfluxOptions) {
    this.options = options;
    this.http = new InfluxHttp(options);
  }

  async write(entries: readonly Entry[]): Promise<Refused[]> {
    const { sendable, refused } = linesOf(entries);
    if (sendable.length === 0) return refused;
    try {
      if (!this.ready) await this.makeReady();
      return [...refused, ...(await this.send(sendable))];
    } catch (error) {
      // The server may come back empty, or be another one: look again before the next write.
      this.ready = false;
      throw error;
    }
  }

  async read(device: string, point: string, from: number, to: number, limit: number): Promise<HistoryRow[]> {
    const where = `"device" = ${literal(device)} AND "point" = ${literal(point)} AND time >= ${time(from)} AND time < ${time(to)}`;
    const [series] = await this.http.query(`SELECT ${fields} FROM "${measurement}" WHERE ${where} ORDER BY time LIMIT ${limit}`);
    return series === undefined ? [] : rowsOf(series);
  }

  async latest(device: string): Promise<Map<string, HistoryRow>> {
    const where = `"device" = ${literal(device)}`;
    const statement = `SELECT ${fields} FROM "${measurement}" WHERE ${where} GROUP BY "point" ORDER BY time DESC LIMIT 1`;
    const series = await this.http.query(statement);
    return new Map(series.flatMap((one) => rowsOf(one).map((row) => [one.tags?.['point'] ?? '', row] as const)));
  }

  async close(): Promise<void> {
    // Nothing is held: every write was one request.
  }

  private async makeReady(): Promise<void> {
    await this.http.ping();
    const duration = this.options.retention === undefined ? '' : ` WITH DURATION ${this.options.retention}`;
    try {
      await this.http.query(`CREATE DATABASE ${identifier(this.options.database)}${duration}`, 'POST');
    } catch (error) {
      // A user who may only write, or a server that makes its databases elsewhere: the write will tell whether it is there.
      if (!(error instanceof InfluxError) || error.status >= 500 || error.status === 401) throw error;
    }
    this.ready = true;
  }

  /** On a refusal the lines are halved until the wrong ones stand alone; writing the others twice changes nothing. */
  private async send(lines: readonly Sendable[]): Promise<Refused[]> {
    const answer = await this.http.write(lines.map(({ line }) => line));
    if (answer.taken) return [];
    const [only] = lines;
    if (lines.length === 1 && only !== undefined) return [{ seq: only.seq, point: only.point, reason: answer.reason }];
    const middle = lines.length >> 1;
    return [...(await this.send(lines.slice(0, middle))), ...(await this.send(lines.slice(middle)))];
  }
}

function linesOf(entries: readonly Entry[]): { sendable: Sendable[]; refused: Refused[] } {
  const sendable: Sendable[] = [];
  const refused: Refused[] = [];
  for (const { seq, record } of entries) {
    if (record.kind !== 'readings') continue;
    for (const [index, reading] of record.readings.entries()) {
      const line = lineOf(record.device, record.profile, reading, tieOf(seq, index));
      if ('line' in line) sendable.push({ seq, point: reading.point, line: line.line });
      else refused.push({ seq, point: reading.point, reason: line.reason });
    }
  }
  return { sendable, refused };
}

/**
 * Tells the readings of one millisecond apart by their place in the log, so that writing them again changes nothing: a
 * burst after an outage, or a device that speaks twice in a frame, must not overwrite itself.
 */
function tieOf(seq: number, index: number): number {
  return (seq % 1_000) * 1_000 + (index % 1_000);
}

function rowsOf(series: InfluxSeries): HistoryRow[] {
  const at = (name: string) => series.columns.indexOf(name);
  const [timeColumn, quality] = [at('time'), at('quality')];
  const values = ['exact', 'value', 'text', 'flag'].map(at);
  return series.values.map((row) => ({
    at: Number(row[timeColumn]),
    value: values.map((column) => row[column] ?? null).find((value) => value !== null) ?? null,
    quality: row[quality] as HistoryRow['quality'],
  }));
}

/** A string in InfluxQL. */
function literal(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&').replaceAll('\n', '\\n')}'`;
}

function identifier(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

function time(at: number): string {
  return `${Math.ceil(Math.max(-reachMs, Math.min(at, reachMs)))}ms`;
}
