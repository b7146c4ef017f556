import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openEmbeddedHistory } from '../../../gateway/store/embedded-history.ts';
import { decodeChunk, encodeChunk } from '../../../gateway/store/history-chunk.ts';
import { HistoryEngine, historySchema } from '../../../gateway/store/history-engine.ts';
import { base, entry, historySuite } from './history.suite.ts';

const hour = 3_600_000;
const clock = { now: () => base };

historySuite('the embedded history', {
  async medium() {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-history-'));
    return {
      open: () => openEmbeddedHistory({ folder, keepDays: 30, clock }),
      dispose: async () => rmSync(folder, { recursive: true }),
    };
  },
});

describe('the embedded history on disk', () => {
  it('moves a damaged file aside and begins anew', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-history-'));
    writeFileSync(join(folder, 'history.db'), 'not a database, and longer than a header of one hundred bytes '.repeat(200));
    const history = await openEmbeddedHistory({ folder, keepDays: 30, clock });
    expect(history.recovered).toBe(join(folder, 'history.db.damaged'));
    await history.write([entry(1, 'meter-1', [{ point: 'power', value: 1 }])]);
    expect((await history.latest('meter-1')).size).toBe(1);
    await history.close();
    rmSync(folder, { recursive: true });
  });
});

describe('the engine of the embedded history', () => {
  function engine(keepDays = 30, maxBytes = Infinity) {
    const db = new DatabaseSync(':memory:');
    db.exec(historySchema);
    return {
      db,
      engine: new HistoryEngine(db, { keepDays, maxBytes }),
      again: () => new HistoryEngine(db, { keepDays, maxBytes }),
    };
  }
  const at = (n: number) => ({ point: 'power', value: n, at: base + n * hour });

  it('answers the same from the tail, from chunks, and from both', () => {
    const { engine: history, again } = engine();
    const all = () => history.read('meter-1', 'power', 0, base + 99 * hour, 999);
    history.write([entry(1, 'meter-1', [at(1), at(2), { ...at(2), at: at(2).at + 5, value: 2.5 }])], base);
    const fresh = all();
    history.fold();
    expect(all()).toEqual(fresh);
    history.write([entry(2, 'meter-1', [{ ...at(2), at: at(2).at + 2, value: 2.2 }, at(3)])], base);
    const both = all();
    expect(both.map((row) => row.value)).toEqual([1, 2, 2.2, 2.5, 3]);
    history.fold();
    expect(all()).toEqual(both);
    expect(again().read('meter-1', 'power', 0, base + 99 * hour, 999)).toEqual(both);
    expect(again().latest('meter-1').get('power')).toEqual({ at: at(3).at, value: 3, quality: 'good' });
  });

  it('folds by itself when the tail is long, and keeps every reading', () => {
    const { db, engine: history } = engine();
    for (let n = 0; n < 20; n++)
      history.write(
        [
          entry(
            n + 1,
            'meter-1',
            Array.from({ length: 2000 }, (_, i) => ({ point: 'power', value: i, at: base + (n * 2000 + i) * 100 })),
          ),
        ],
        base,
      );
    expect(Number(db.prepare('SELECT count(*) AS n FROM chunk').get()?.['n'])).toBeGreaterThan(0);
    expect(history.read('meter-1', 'power', 0, base + 99 * hour, 99_999)).toHaveLength(40_000);
  });

  it('lets go of what is older than its days, and of nothing younger', () => {
    const { engine: history } = engine(2);
    history.write([entry(1, 'meter-1', [at(0), at(1), at(30), at(49)])], base);
    history.fold();
    history.write([entry(2, 'meter-1', [at(50)])], base + 49 * hour);
    expect(history.read('meter-1', 'power', 0, base + 99 * hour, 9).map((row) => row.value)).toEqual([1, 30, 49, 50]);
  });

  it('lets go of the oldest hours beyond its bytes', () => {
    const { engine: history } = engine(9999, 400 * 1024);
    for (let n = 0; n < 100; n++) {
      const noise = Array.from({ length: 1000 }, (_, i) => ({
        point: 'power',
        value: Math.sin(n * 1000 + i),
        at: base + n * hour + i,
      }));
      history.write([entry(n + 1, 'meter-1', noise)], base + n * hour);
      history.fold();
    }
    const rows = history.read('meter-1', 'power', 0, base + 200 * hour, 1_000_000);
    expect(rows.length).toBeGreaterThan(10_000);
    expect(rows.length).toBeLessThan(60_000);
    expect(rows.at(-1)?.at).toBe(base + 99 * hour + 999);
    expect(rows[0]?.at).toBe(base + 99 * hour + 999 - (rows.length / 1000 - 1) * hour - 999);
  });

  it('loses one hour to a damaged chunk and not the hours beside it', () => {
    const { db, engine: history } = engine();
    history.write([entry(1, 'meter-1', [at(1), at(2), at(3)])], base);
    history.fold();
    db.exec("UPDATE chunk SET blob = x'00112233445566' WHERE id = (SELECT id FROM chunk ORDER BY id LIMIT 1 OFFSET 1)");
    expect(history.read('meter-1', 'power', 0, base + 99 * hour, 9).map((row) => row.value)).toEqual([1, 3]);
  });
});

describe('a chunk of history', () => {
  const value = fc.oneof(
    // JSON, which brings every reading here, knows no minus zero.
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    fc.integer(),
    fc.integer({ min: -1000, max: 1000 }).map((n) => n / 10),
    fc.boolean(),
    fc.string(),
    fc.constant(null),
  );
  const row = fc.record({
    at: fc.integer({ min: 0, max: 15_000_000_000_000 }),
    value,
    quality: fc.constantFrom('good' as const, 'uncertain' as const, 'bad' as const),
  });
  const numbers = fc.array(
    fc.record({
      at: fc.nat(),
      value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      quality: fc.constant('good' as const),
    }),
  );

  it('comes back as it went in', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(row), numbers), (rows) => {
        expect(decodeChunk(encodeChunk(rows))).toEqual(rows);
      }),
      { examples: [[[{ at: 0, value: -0, quality: 'good' as const }]]] },
    );
  });

  it('never passes damaged bytes for readings', () => {
    const blob = encodeChunk(Array.from({ length: 100 }, (_, n) => ({ at: n, value: n, quality: 'good' as const })));
    for (let i = 0; i < blob.length; i++) {
      const damaged = Uint8Array.from(blob);
      damaged[i] = (damaged[i] ?? 0) ^ 0x10;
      expect(() => decodeChunk(damaged)).toThrow();
    }
  });
});
