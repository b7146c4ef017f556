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
        plans.push(
          `${took.length} times, p50 ${p50.toFixed(0)}, p95 ${p95.toFixed(0)} ms: ${text.replaceAll(/\s+/g, ' ').slice(0, 1500)}\n${rows.map((row) => row['QUERY PLAN']).join('\n')}`,
        );
      }
      return plans;
    } finally {
      await client.end();
    }
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
