import { readFileSync } from 'node:fs';
import pg from 'pg';
import { type Connection, clientConfig } from '../../cloud/records/database.ts';

interface Asked {
  readonly text: string;
  values: unknown[];
  readonly took: number[];
}

type Query = (this: pg.Client, ...words: unknown[]) => unknown;

/**
 * Listens to every statement of this process from now on, so that the plans of the slow ones can be looked at afterwards with the
 * very values they were asked with.
 */
export class SlowQueries {
  readonly #asked = new Map<string, Asked>();
  readonly #query = Reflect.get(pg.Client.prototype, 'query') as unknown;

  listen(): void {
    const real = this.#query as Query;
    const asked = this.#asked;
    const listening: Query = function (...words) {
      const [text, values] = words;
      const began = performance.now();
      const answer = real.apply(this, words);
      if (typeof text !== 'string' || !(answer instanceof Promise)) return answer;
      const one = asked.get(text) ?? { text, values: [], took: [] };
      asked.set(text, one);
      void answer.then(
        () => {
          one.took.push(performance.now() - began);
          one.values = Array.isArray(values) ? values : [];
        },
        () => undefined,
      );
      return answer;
    };
    Object.assign(pg.Client.prototype, { query: listening });
  }

  stop(): void {
    Object.assign(pg.Client.prototype, { query: this.#query });
  }

  /** The plans of the statements whose p95 is above `ms`, the slowest first. */
  async explain(connection: Connection, ms: number, most: number): Promise<string[]> {
    const slow = [...this.#asked.values()]
      .map((one) => ({ ...one, p95: quantile(one.took, 0.95), p50: quantile(one.took, 0.5) }))
      .filter(({ p95, text }) => p95 > ms && /^\s*(select|with)/i.test(text))
      .sort((a, b) => b.p50 - a.p50)
      .slice(0, most);
    const client = new pg.Client(clientConfig(connection));
    await client.connect();
    try {
      const plans: string[] = [];
      for (const { text, values, p50, p95, took } of slow) {
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers) ${text}`, values);
        const cpuMs = await cpuOf(client, text, values);
        plans.push(
          `${took.length} times, p50 ${p50.toFixed(0)}, p95 ${p95.toFixed(0)} ms, ${cpuMs.toFixed(0)} ms of CPU: ${text.replaceAll(/\s+/g, ' ').slice(0, 1500)}\n${rows.map((row) => row['QUERY PLAN']).join('\n')}`,
        );
      }
      return plans;
    } finally {
      await client.end();
    }
  }
}

const again = 10;

/**
 * Milliseconds of a core one asking costs the engine, from proc(5) of its backend: what it takes on a machine that does nothing
 * else, however busy this one is. In steps of one.
 */
async function cpuOf(client: pg.Client, text: string, values: unknown[]): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const ticks = (): number => {
    const fields = readFileSync(`/proc/${rows[0]?.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = ticks();
  for (let nth = 0; nth < again; nth += 1) await client.query(text, values);
  // A tick is ten milliseconds (USER_HZ).
  return ((ticks() - before) * 10) / again;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
