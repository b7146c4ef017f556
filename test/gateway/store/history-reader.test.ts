import type { Entry } from '@yihu/device-profiles/vocabulary/record.ts';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { historyReader, type HistoryState, runHistory, startHistoryReader } from '../../../gateway/store/history-reader.ts';
import type { History, Refused } from '../../../gateway/store/history.ts';
import { MemoryLog } from '../../../gateway/store/memory-log.ts';
import { MemoryRows } from '../../../gateway/store/memory-rows.ts';
import { HandClock, settle } from '../../hand-clock.ts';
import { alarm, commit, expectConservation, numberOf, reading } from './log-fixtures.ts';

const quiet = pino({ level: 'silent' });

/** An engine that does what it is told, and remembers what it was given. */
class FakeEngine implements History {
  readonly taken: Entry[] = [];
  writes = 0;
  answer: (entries: readonly Entry[]) => Promise<Refused[]> = async () => [];

  async write(entries: readonly Entry[]): Promise<Refused[]> {
    this.writes++;
    const refused = await this.answer(entries);
    this.taken.push(...entries);
    return refused;
  }
  async read() {
    return [];
  }
  async latest() {
    return new Map();
  }
  async close() {
    // Nothing to close.
  }
}

describe('the reader that fills the history', () => {
  const clock = new HandClock();
  const rows = new MemoryRows();
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  function run(engine: History, medium = rows) {
    const log = new MemoryLog({ rows: medium, readers: [historyReader, 'cloud'], clock });
    const stopping = new AbortController();
    const states: HistoryState[] = [];
    const running = runHistory(log, engine, {
      clock,
      signal: stopping.signal,
      log: quiet,
      onState: (state) => states.push(state),
    });
    const stop = () => {
      stopping.abort();
      return running;
    };
    stops.push(stop);
    const position = async () => (await log.stats()).lanes.telemetry.readers[historyReader];
    return { log, stop, states, position };
  }

  async function settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await settle();
  }

  it('carries over what was there and what comes, in order, and confirms the alarm lane unread', async () => {
    const engine = new FakeEngine();
    const { log, position } = run(engine, new MemoryRows());
    for (let n = 1; n <= 30; n++) await log.append(commit({ telemetry: [reading(n)], alarm: [alarm(n)] }));
    await settled();
    await log.append(commit({ telemetry: [reading(31)] }));
    await settled();
    expect(engine.taken.map((entry) => numberOf(entry.record))).toEqual(Array.from({ length: 31 }, (_, i) => i + 1));
    expect(await position()).toEqual({ cursor: 31, delivered: 31, buffered: 0, gaps: 0, quarantined: 0 });
    expect((await log.stats()).lanes.alarm.readers[historyReader]).toMatchObject({ cursor: 30 });
  });

  it('moves its cursor only after the engine has it', async () => {
    const engine = new FakeEngine();
    const answer = Promise.withResolvers<Refused[]>();
    engine.answer = () => answer.promise;
    const { log, position } = run(engine, new MemoryRows());
    await log.append(commit({ telemetry: [reading(1)] }));
    await settled();
    expect([engine.writes, (await position())?.cursor]).toEqual([1, 0]);
    answer.resolve([]);
    await settled();
    expect((await position())?.cursor).toBe(1);
  });

  it('tries an absent engine again with longer pauses up to a minute, and loses nothing in a day', async () => {
    const engine = new FakeEngine();
    const attempts: number[] = [];
    engine.answer = async () => {
      attempts.push(clock.mono());
      throw new Error('nobody there');
    };
    const { log, states, position } = run(engine, new MemoryRows());
    await log.append(commit({ telemetry: [reading(1)] }));
    await settled();
    await clock.advance(200_000);
    const pauses = attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(states.at(-1)).toMatchObject({ state: 'down', reason: 'nobody there', failures: 9 });
    for (let n = 2; n <= 100; n++) await log.append(commit({ telemetry: [reading(n)] }));
    expect(await position()).toMatchObject({ cursor: 0, buffered: 100 });
    engine.answer = async () => [];
    await clock.advance(60_000);
    await settled();
    expect(states.at(-1)).toMatchObject({ state: 'up', failures: 0 });
    expect(engine.taken.map((entry) => numberOf(entry.record))).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    await expectConservation(log);
  });

  it('puts aside what the engine will never take, and goes on with its neighbours', async () => {
    const engine = new FakeEngine();
    engine.answer = async (entries) =>
      entries.filter(({ seq }) => seq % 10 === 5).map(({ seq }) => ({ seq, point: 'power', reason: 'field type conflict' }));
    const { log, states, position } = run(engine, new MemoryRows());
    for (let n = 1; n <= 20; n++) await log.append(commit({ telemetry: [reading(n)] }));
    await settled();
    expect(await position()).toMatchObject({ cursor: 20, quarantined: 2 });
    expect(states.at(-1)?.refused).toBe(2);
    expect((await log.quarantined(9)).map(({ seq, reason }) => [seq, reason])).toEqual([
      [5, 'power: field type conflict'],
      [15, 'power: field type conflict'],
    ]);
    await expectConservation(log);
  });

  it('writes again after a crash between write and cursor, and never less', async () => {
    const medium = new MemoryRows();
    const engine = new FakeEngine();
    const first = run(engine, medium);
    await first.log.append(commit({ telemetry: [reading(1)] }));
    await settled();
    // The cursor was in memory only: this log is never closed, as in a crash.
    await first.stop();
    run(engine, medium);
    await settled();
    expect(engine.taken.map((entry) => numberOf(entry.record))).toEqual([1, 1]);
  });

  it('stops at once while it waits for an engine', async () => {
    const engine = new FakeEngine();
    engine.answer = async () => {
      throw new Error('nobody there');
    };
    const log = new MemoryLog({ readers: [historyReader], clock });
    const reader = startHistoryReader(log, engine, { clock, log: quiet });
    await log.append(commit({ telemetry: [reading(1)] }));
    await settled();
    expect(reader.state()).toMatchObject({ state: 'down' });
    await reader.stop();
  });

  it('ends when the log is closed', async () => {
    const engine = new FakeEngine();
    const log = new MemoryLog({ readers: [historyReader], clock });
    const reader = startHistoryReader(log, engine, { clock, log: quiet });
    await log.append(commit({ telemetry: [reading(1)] }));
    await log.close();
    await settled();
    await reader.stop();
    expect(engine.writes).toBeLessThanOrEqual(1);
  });
});
