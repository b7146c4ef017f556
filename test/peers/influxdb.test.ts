import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../gateway/clock.ts';
import { runHistory } from '../../gateway/store/history-reader.ts';
import { openInfluxHistory } from '../../gateway/store/influx-history.ts';
import { lineOf } from '../../gateway/store/line-protocol.ts';
import { MemoryLog } from '../../gateway/store/memory-log.ts';
import { commit, expectConservation } from '../gateway/store/log-fixtures.ts';
import { base, entry, historySuite } from '../gateway/store/history.suite.ts';
import { Influxd } from '../gateway/store/influxd.ts';
import { HandClock } from '../hand-clock.ts';
import { describeWith } from '../needs.ts';

const hour = 3_600_000;
const quiet = pino({ level: 'silent' });

describeWith(['influxd'], 'InfluxDB from Debian', () => {
  let influxd: Influxd;
  let databases = 0;
  beforeAll(async () => void (influxd = await Influxd.start()));
  afterAll(() => influxd.dispose());
  const freshName = () => `test_${++databases}`;

  historySuite('the history in InfluxDB', {
    async medium() {
      const database = freshName();
      return {
        open: () => openInfluxHistory({ url: influxd.url, database }),
        dispose: async () => void influxd.influx(`DROP DATABASE ${database}`),
      };
    },
  });

  it('makes its database with the retention asked for, and the points are there for other clients', async () => {
    const database = freshName();
    const history = await openInfluxHistory({ url: influxd.url, database, retention: '3650d' });
    await history.write([entry(1, '楼 1, "A"=b', [{ point: 'power', value: 21.5 }])]);
    expect(influxd.influx(`SHOW RETENTION POLICIES ON ${database}`)).toContain('87600h0m0s');
    const csv = influxd.influx('SELECT device, point, profile, quality, value FROM reading', database);
    expect(csv).toContain(`reading,${base + 1000},"楼 1, ""A""=b",power,meter,good,21.5`);
  });

  it('keeps every reading of one millisecond, in the order of the log, also when they are written again', async () => {
    const at = base + 5_000;
    const entries = [1, 2, 3].map((n) =>
      entry(n, 'meter-1', [
        { point: 'power', value: 10 * n, at },
        { point: 'power', value: 10 * n + 1, at },
      ]),
    );
    const history = await openInfluxHistory({ url: influxd.url, database: freshName() });
    await history.write(entries);
    await history.write(entries.slice(1));
    const rows = await history.read('meter-1', 'power', base, base + hour, 100);
    expect(rows.map((row) => [row.at, row.value])).toEqual([10, 11, 20, 21, 30, 31].map((value) => [at, value]));
  });

  it('puts aside points that are older than the retention of the database', async () => {
    const database = freshName();
    influxd.influx(`CREATE DATABASE ${database} WITH DURATION 1h`);
    const history = await openInfluxHistory({ url: influxd.url, database });
    const fresh = systemClock.now();
    const refused = await history.write([
      entry(1, 'meter-1', [{ point: 'power', value: 1, at: fresh - 90 * 24 * hour }]),
      entry(2, 'meter-1', [{ point: 'power', value: 2, at: fresh }]),
    ]);
    expect(refused).toMatchObject([{ seq: 1, point: 'power', reason: expect.stringContaining('retention') as string }]);
    expect((await history.latest('meter-1')).get('power')?.value).toBe(2);
  });

  it('puts aside only the points whose field somebody made of another type, with the words of the server', async () => {
    const database = freshName();
    influxd.influx(`CREATE DATABASE ${database}`);
    // Types belong to one shard of one measurement: this makes `value` a string on that day.
    influxd.influx(`INSERT reading,device=x,point=y value="a text" ${base}`, database);
    const history = await openInfluxHistory({ url: influxd.url, database });
    const refused = await history.write([
      entry(1, 'meter-1', [
        { point: 'power', value: 1 },
        { point: 'door', value: true },
      ]),
      entry(2, 'meter-1', [{ point: 'mode', value: 'auto' }]),
      entry(3, 'meter-1', [{ point: 'power', value: 3 }]),
    ]);
    expect(refused.map(({ seq, point }) => [seq, point])).toEqual([
      [1, 'power'],
      [3, 'power'],
    ]);
    expect(refused[0]?.reason).toContain('field type conflict');
    expect(new Map([...(await history.latest('meter-1'))].map(([point, row]) => [point, row.value]))).toEqual(
      new Map<string, unknown>([
        ['door', true],
        ['mode', 'auto'],
      ]),
    );
  });

  it('waits in the log while influxd is dead, and loses and doubles nothing when it is back', async () => {
    const clock = new HandClock(base);
    const log = new MemoryLog({ readers: ['history'], clock });
    const database = freshName();
    const history = await openInfluxHistory({ url: influxd.url, database, timeoutMs: 2000 });
    const stopping = new AbortController();
    const states: string[] = [];
    let heard: (() => void) | null = null;
    const onState = ({ state }: { state: string }) => {
      states.push(state);
      heard?.();
    };
    const until = async (state: string) => {
      while (states.at(-1) !== state) await new Promise<void>((resolve) => void (heard = resolve));
    };
    const running = runHistory(log, history, { clock, signal: stopping.signal, log: quiet, onState });
    const send = async (from: number, to: number) => {
      for (let n = from; n <= to; n++)
        await log.append(commit({ telemetry: [entry(n, 'meter-1', [{ point: 'power', value: n }]).record] }));
    };
    await send(1, 100);
    await until('up');
    await influxd.kill();
    await send(101, 200);
    await until('down');
    expect((await log.stats()).lanes.telemetry.readers['history']?.buffered).toBeGreaterThan(0);
    await influxd.run();
    states.length = 0;
    await clock.advance(60_000);
    await until('up');
    while (((await log.stats()).lanes.telemetry.readers['history']?.buffered ?? 0) > 0) await until('up');
    const rows = await history.read('meter-1', 'power', base, base + hour, 1000);
    expect(rows.map((row) => row.value)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    await expectConservation(log);
    stopping.abort();
    await running;
  });
});

describe('an InfluxDB that misbehaves', () => {
  let server: Server | null = null;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  /** Answers /ping and /query well, and every /write with what `answer` says of its lines. */
  async function fake(answer: (lines: string[]) => { status: number; body?: string } | null): Promise<string> {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (!request.url?.startsWith('/write')) return response.end('{"results":[{}]}');
        const said = answer(Buffer.concat(chunks).toString('utf8').split('\n'));
        return said === null
          ? undefined
          : response.writeHead(said.status, { 'content-type': 'application/json' }).end(said.body ?? '');
      });
    });
    await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const five = Array.from({ length: 5 }, (_, n) => entry(n + 1, 'meter-1', [{ point: 'power', value: n + 1 }]));

  it.each([500, 503, 429, 401, 404])('rejects on %i, so that the readings wait', async (status) => {
    const history = await openInfluxHistory({ url: await fake(() => ({ status })), database: 'x' });
    await expect(history.write(five)).rejects.toThrow();
  });

  it('rejects when there is no answer in time', async () => {
    const history = await openInfluxHistory({ url: await fake(() => null), database: 'x', timeoutMs: 100 });
    await expect(history.write(five)).rejects.toThrow();
  });

  it('rejects when nobody listens', async () => {
    const url = await fake(() => null);
    server?.close();
    const history = await openInfluxHistory({ url, database: 'x' });
    await expect(history.write(five)).rejects.toThrow();
  });

  it('rejects when the server dies in the middle of finding the bad one', async () => {
    let requests = 0;
    const url = await fake((lines) =>
      ++requests > 2 ? { status: 503 } : lines.length > 1 ? { status: 400, body: '{"error":"bad"}' } : { status: 204 },
    );
    await expect((await openInfluxHistory({ url, database: 'x' })).write(five)).rejects.toThrow();
  });

  it('finds the one bad line among many, and every good one arrives', async () => {
    const taken = new Set<string>();
    const url = await fake((lines) => {
      if (lines.some((line) => line.includes('value=3'))) return { status: 400, body: '{"error":"unable to parse"}' };
      for (const line of lines) taken.add(line);
      return { status: 204 };
    });
    const refused = await (await openInfluxHistory({ url, database: 'x' })).write(five);
    expect(refused).toEqual([{ seq: 3, point: 'power', reason: 'unable to parse' }]);
    expect(taken.size).toBe(4);
  });

  it('makes smaller requests where one is too large', async () => {
    const url = await fake((lines) => ({ status: lines.length > 2 ? 413 : 204 }));
    expect(await (await openInfluxHistory({ url, database: 'x' })).write(five)).toEqual([]);
  });

  it('never sends its password in the address', async () => {
    const urls: string[] = [];
    const url = await fake(() => ({ status: 204 }));
    server?.on('request', (request: { url?: string }) => urls.push(request.url ?? ''));
    await (await openInfluxHistory({ url, database: 'x', username: 'me', password: 'canary-1' })).write(five);
    expect(urls.length).toBeGreaterThan(1);
    expect(urls.join()).not.toContain('canary-1');
  });

  it('refuses by itself the names that line protocol cannot say', () => {
    const one = { point: 'power', value: 1, quality: 'good' as const, at: 1 };
    for (const device of ['ends\\', 'a\\,b', 'a\nb', '']) expect(lineOf(device, 'meter', one)).toHaveProperty('reason');
  });
});
