import { HttpError, InfluxDB, setLogger, type WriteApi } from '@influxdata/influxdb-client';

export interface InfluxOptions {
  /** Base address, for example `http://127.0.0.1:8086`. */
  readonly url: string;
  /** Made at the first write where it is not there and we may. */
  readonly database: string;
  readonly username?: string;
  readonly password?: string;
  /** Retention of a database that we make, as InfluxQL says it: `30d`. Default: for ever. */
  readonly retention?: string;
  /** Default: 10 s. */
  readonly timeoutMs?: number;
}

/** The server's word on some lines: taken, or these are wrong (and how). Anything else throws: try again later. */
export type WriteAnswer = { readonly taken: true } | { readonly taken: false; readonly reason: string };

/** One series of an InfluxQL answer. */
export interface InfluxSeries {
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (number | string | boolean | null)[])[];
}

// Every failure reaches our caller; the client would write it to the console besides.
setLogger({ error: () => undefined, warn: () => undefined });

/** Lines are wrong or too many for one request: asking again with fewer tells which. */
const splittable: ReadonlySet<number> = new Set([400, 413, 422]);

/** The two addresses that InfluxDB 1.x, 2.x and 3 Core have in common: `/write` and `/query`. */
export class InfluxHttp {
  private readonly options: InfluxOptions;
  private readonly client: InfluxDB;
  private readonly headers: Record<string, string>;

  constructor(options: InfluxOptions) {
    const { url, username, password, timeoutMs = 10_000 } = options;
    this.options = options;
    this.headers =
      username === undefined ? {} : { Authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` };
    this.client = new InfluxDB({ url, timeout: timeoutMs, headers: this.headers });
  }

  /**
   * Sends the lines in one request.
   * @throws where the server is not there, refuses us, or cannot just now
   */
  async write(lines: readonly string[]): Promise<WriteAnswer> {
    const api = this.writeApi(lines.length);
    try {
      api.writeRecords([...lines]);
      await api.flush();
      return { taken: true };
    } catch (error) {
      if (error instanceof HttpError && splittable.has(error.statusCode)) return { taken: false, reason: reasonOf(error) };
      throw error;
    } finally {
      api.dispose();
    }
  }

  /** Rows of one InfluxQL statement, times in milliseconds. @throws where there is no answer, or an error for one */
  async query(statement: string, method: 'GET' | 'POST' = 'GET'): Promise<InfluxSeries[]> {
    const query = new URLSearchParams({ db: this.options.database, q: statement, epoch: 'ms' });
    const response = await fetch(new URL(`/query?${query.toString()}`, this.options.url), {
      method,
      headers: this.headers,
      signal: AbortSignal.timeout(this.options.timeoutMs ?? 10_000),
    });
    const answer = (await response.json()) as { error?: string; results?: { error?: string; series?: InfluxSeries[] }[] };
    const error = answer.error ?? answer.results?.[0]?.error;
    if (!response.ok || error !== undefined) throw new InfluxError(response.status, error ?? response.statusText);
    return answer.results?.[0]?.series ?? [];
  }

  /** @throws where the server does not say that it is well */
  async ping(): Promise<void> {
    const response = await fetch(new URL('/ping', this.options.url), {
      headers: this.headers,
      signal: AbortSignal.timeout(this.options.timeoutMs ?? 10_000),
    });
    if (!response.ok) throw new InfluxError(response.status, 'the server does not answer /ping');
  }

  // The client's own retries, batches and timers lose data when a server is away: none of them is used.
  private writeApi(lines: number): WriteApi {
    const limits = {
      batchSize: lines + 1,
      maxBatchBytes: Number.MAX_SAFE_INTEGER,
      flushInterval: 0,
      maxRetries: 0,
      gzipThreshold: 1000,
    };
    const api = this.client.getWriteApi('', '', 'ms', limits);
    api.path = `/write?${new URLSearchParams({ db: this.options.database, precision: 'ns' }).toString()}`;
    return api;
  }
}

export class InfluxError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(`InfluxDB: ${message} (${status})`);
    this.name = 'InfluxError';
    this.status = status;
  }
}

function reasonOf(error: HttpError): string {
  const body: unknown = error.json;
  const said = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  return typeof said === 'string' ? said : error.message;
}
