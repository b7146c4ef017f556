import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import type { Entry } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { History, Refused } from './history.ts';
import { type Batch, type Log, StoreError } from './log.ts';

/** The name of this reader in the log. */
export const historyReader = 'history';
/** Packed bytes handed to the engine at once: some megabytes when unfolded. */
const batchBytes = 64 * 1024;
const [firstPauseMs, longestPauseMs] = [1000, 60_000];

export interface HistoryState {
  /** `up`: the engine takes what it is given; `down`: it is not there, and is tried again. */
  readonly state: 'up' | 'down';
  /** Attempts that failed in a row. */
  readonly failures: number;
  readonly reason: string | null;
  /** Readings the engine will never take, since the start; put aside in the log. */
  readonly refused: number;
}

export interface HistoryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly onState: (state: HistoryState) => void;
}

export interface HistoryReader {
  state(): HistoryState;
  /** Resolves when the write under way is done or has failed; nothing is lost by it. */
  stop(): Promise<void>;
}

/** Starts `runHistory` and keeps its state. */
export function startHistoryReader(log: Log, history: History, options: { clock: Clock; log: Logger }): HistoryReader {
  const stopping = new AbortController();
  let state: HistoryState = { state: 'up', failures: 0, reason: null, refused: 0 };
  const running = runHistory(log, history, { ...options, signal: stopping.signal, onState: (now) => void (state = now) });
  return {
    state: () => state,
    stop() {
      stopping.abort();
      return running;
    },
  };
}

/**
 * Carries the telemetry lane into the history until the signal aborts. The cursor moves after the engine has it; an
 * engine that is away for a day costs nothing but waiting. What the engine will never take is put aside, its neighbours go on.
 */
export async function runHistory(log: Log, history: History, options: HistoryOptions): Promise<void> {
  const wake = new Wake(log, options.signal);
  let state: HistoryState = { state: 'up', failures: 0, reason: null, refused: 0 };
  const become = (next: Partial<HistoryState>) => {
    state = { ...state, ...next };
    options.onState(state);
  };
  try {
    while (!options.signal.aborted) {
      try {
        wake.arm();
        const refused = await carryOn(log, history);
        if (refused === null) await wake.wait();
        else become({ state: 'up', failures: 0, reason: null, refused: state.refused + refused });
      } catch (error) {
        if (error instanceof StoreError && error.code === 'closed') return;
        become({ state: 'down', failures: state.failures + 1, reason: error instanceof Error ? error.message : String(error) });
        options.log.warn({ err: error, failures: state.failures }, 'the history does not take readings; they wait in the log');
        await pause(options, state.failures);
      }
    }
  } finally {
    wake.stop();
  }
}

/** One batch over. The number of records refused, or null where there was nothing to do. */
async function carryOn(log: Log, history: History): Promise<number | null> {
  // Alarms and events are not the history's: it confirms that lane unread, so that it holds nothing back.
  await log.moveCursor(historyReader, 'alarm', Number.MAX_SAFE_INTEGER);
  const batches = await log.read(historyReader, 'telemetry', batchBytes);
  const last = batches.at(-1);
  if (last === undefined) return null;
  const entries = (await Promise.all(batches.map((batch) => unpackOrPutAside(log, batch)))).flat();
  const readings = entries.filter((entry) => entry.record.kind === 'readings');
  const refused = readings.length === 0 ? [] : await history.write(readings);
  await putAside(log, entries, refused);
  await log.moveCursor(historyReader, 'telemetry', last.last);
  return refused.length;
}

async function unpackOrPutAside(log: Log, batch: Batch): Promise<Entry[]> {
  try {
    return unpackTrusted(batch.blob);
  } catch (error) {
    const count = batch.last - batch.first + 1;
    const record = { kind: 'gap', at: 0, reason: 'corrupt', count } as const;
    await log.quarantine(historyReader, batch.lane, batch.first, record, `does not unpack: ${String(error)}`);
    return [];
  }
}

async function putAside(log: Log, entries: readonly Entry[], refused: readonly Refused[]): Promise<void> {
  const reasons = Map.groupBy(refused, ({ seq }) => seq);
  for (const entry of entries) {
    const reason = reasons
      .get(entry.seq)
      ?.map((one) => `${one.point}: ${one.reason}`)
      .join('; ');
    if (reason !== undefined) await log.quarantine(historyReader, 'telemetry', entry.seq, entry.record, reason);
  }
}

/** Sleeps until it is time to try again; returns early when the signal aborts. */
async function pause({ clock, signal }: HistoryOptions, failures: number): Promise<void> {
  try {
    await clock.sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1)), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Wakes the reader when telemetry was appended since it was armed, or when it is to stop. */
class Wake {
  private due = false;
  private resume: (() => void) | null = null;
  private readonly unlisten: () => void;
  private readonly signal: AbortSignal;
  private readonly ring = () => {
    this.due = true;
    this.resume?.();
  };

  constructor(log: Log, signal: AbortSignal) {
    this.unlisten = log.onAppend(this.ring);
    this.signal = signal;
    signal.addEventListener('abort', this.ring);
  }

  arm(): void {
    this.due = false;
  }

  async wait(): Promise<void> {
    if (this.due || this.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.resume = resolve;
    });
    this.resume = null;
  }

  stop(): void {
    this.unlisten();
    this.signal.removeEventListener('abort', this.ring);
  }
}
