import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Entry, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { systemClock } from '../../gateway/clock.ts';
import { openEmbeddedHistory } from '../../gateway/store/embedded-history.ts';
import { openInfluxHistory } from '../../gateway/store/influx-history.ts';
import type { History } from '../../gateway/store/history.ts';
import { openLog } from '../../gateway/store/sqlite-log.ts';
import { Influxd } from '../gateway/store/influxd.ts';

/** How fast the store is on this machine: `node test/bench/store.ts [--json]`. Numbers are for people; nothing is asserted. */
const { values: flags } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const seriesCount = 1000;
const start = Date.UTC(2026, 0, 1);

interface Row {
  readonly what: string;
  readonly 'per second': number;
  readonly 'bytes each': number | null;
  readonly note: string;
}

/** A meter's four values, as they move in a house: a slow temperature, a counter, a noisy power, a switch. */
function meter(n: number, device: number): LogRecord {
  const at = start + n * 10_000;
  const readings = [
    { point: 'temperature', value: Math.round(215 + 30 * Math.sin(n / 500 + device)) / 10 },
    { point: 'energy', value: 1000 * device + Math.floor(n / 3) },
    { point: 'power', value: Math.round(900 + 400 * Math.sin(n * 7.3 + device)) / 10 },
    { point: 'door', value: (n + device) % 97 === 0 },
  ];
  return {
    kind: 'readings',
    device: `meter-${device}`,
    profile: 'bench',
    at,
    readings: readings.map((one) => ({ ...one, quality: 'good', at })),
  };
}

async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-bench-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function appends(perCommit: number, commits: number, atOnce: number): Promise<Row> {
  return inFolder(async (folder) => {
    const log = await openLog({ folder, maxBytes: 1024 ** 3, readers: ['cloud'], clock: systemClock });
    const records = Array.from({ length: commits }, (_, n) => Array.from({ length: perCommit }, (_, i) => meter(n, i)));
    let left = commits;
    const before = systemClock.mono();
    const work = async () => {
      while (left-- > 0) await log.append({ alarm: [], telemetry: records[left] ?? [], state: [] });
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    const seconds = (systemClock.mono() - before) / 1000;
    const { bytes, last } = (await log.stats()).lanes.telemetry;
    await log.close();
    return {
      what: `log: ${perCommit} records a commit, ${atOnce} at once`,
      'per second': Math.round(last / seconds),
      'bytes each': Math.round((bytes / last / 4) * 10) / 10,
      note: `records; ${Math.round(commits / seconds)} appends/s; bytes per reading (4 in a record)`,
    };
  });
}

async function fill(history: History, rounds: number): Promise<{ points: number; seconds: number }> {
  const devices = seriesCount / 4;
  const before = systemClock.mono();
  for (let n = 0; n < rounds; n++) {
    const entries: Entry[] = Array.from({ length: devices }, (_, d) => ({
      seq: n * devices + d + 1,
      through: n * devices + d + 1,
      record: meter(n, d),
    }));
    await history.write(entries);
  }
  return { points: rounds * seriesCount, seconds: (systemClock.mono() - before) / 1000 };
}

function embedded(rounds: number): Promise<Row[]> {
  return inFolder(async (folder) => {
    const history = await openEmbeddedHistory({ folder, keepDays: 99_999, clock: systemClock });
    const { points, seconds } = await fill(history, rounds);
    const before = systemClock.mono();
    const rows = await history.read('meter-1', 'power', start, start + 30 * 86_400_000, 1e9);
    const readSeconds = (systemClock.mono() - before) / 1000;
    const bytes = await history.usedBytes();
    await history.close();
    return [
      {
        what: 'embedded history: write',
        'per second': Math.round(points / seconds),
        'bytes each': Math.round((bytes / points) * 100) / 100,
        note: `points of ${seriesCount} series; bytes of pages in use`,
      },
      {
        what: 'embedded history: read one series',
        'per second': Math.round(rows.length / readSeconds),
        'bytes each': null,
        note: `points; ${rows.length} in ${(readSeconds * 1000).toFixed(1)} ms`,
      },
    ];
  });
}

async function influx(rounds: number): Promise<Row[]> {
  if (!existsSync('/usr/bin/influxd')) return [];
  const influxd = await Influxd.start();
  try {
    const history = await openInfluxHistory({ url: influxd.url, database: 'bench' });
    const { points, seconds } = await fill(history, rounds);
    return [
      {
        what: 'InfluxDB 1.x history: write',
        'per second': Math.round(points / seconds),
        'bytes each': null,
        note: `points of ${seriesCount} series, on this machine`,
      },
    ];
  } finally {
    await influxd.dispose();
  }
}

const rows = [
  await appends(1, 1000, 1),
  await appends(1, 8000, 64),
  await appends(20, 500, 1),
  await appends(20, 2000, 16),
  await appends(100, 200, 1),
  await appends(100, 600, 8),
  ...(await embedded(720)),
  ...(await influx(100)),
];
if (flags.json) console.log(JSON.stringify(rows, null, 2));
else console.table(rows);
