import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { z } from 'zod';
import { jsonAs } from './json-as.ts';
import type { Timer } from './clock.ts';
import type { ClockChange, TrustedClock } from './clock-trust.ts';
import type { Keep } from './collect/driver.ts';
import type { Log, TimeMove } from './store/log.ts';

/** Kept beside the records: the last trusted wall time, and of each boot without one how far it came, or by how much it is moved. */
const wallClockKey = 'wall-clock';
const bootPrefix = 'boot/';
const BootNote = z.union([z.strictObject({ last: z.number() }), z.strictObject({ shiftMs: z.number(), estimated: z.boolean() })]);
type BootNote = z.infer<typeof BootNote>;

const lookEveryMs = 1_000;
/** How often the wall time is kept where nothing else has to be. */
const keepEveryMs = 600_000;
const againMs = 5_000;

export interface TimekeeperOptions {
  readonly clock: TrustedClock;
  readonly saved: ReadonlyMap<string, string>;
  readonly log: Pick<Log, 'retime'>;
  /** Into the alarm lane, behind everything that is under way; resolves when on disk. */
  readonly record: (records: readonly LogRecord[], keep: Keep) => Promise<void>;
  readonly onTrouble: (zh: string, en: string, error: unknown) => void;
}

/** The wall time that was kept last, ms since 1970 UTC; null where there is none that can be read. */
export function keptWallTime(saved: ReadonlyMap<string, string>): number | null {
  const ms = Number(saved.get(wallClockKey) ?? Number.NaN);
  return Number.isFinite(ms) ? ms : null;
}

/** 守时: watches the clock, tells of its changes, and gives their time to readings that were written before it could be trusted. */
export class Timekeeper {
  readonly #options: TimekeeperOptions;
  /** Boots whose records have no time yet. */
  readonly #boots: Map<string, BootNote>;
  /** Those whose shift is on record. */
  readonly #told: Set<string>;
  #timer: Timer | null = null;
  #work: Promise<void> = Promise.resolve();
  #keptMono = Number.NEGATIVE_INFINITY;
  readonly #stopping = new AbortController();

  constructor(options: TimekeeperOptions) {
    this.#options = options;
    this.#boots = notesOf(options.saved);
    this.#told = new Set([...this.#boots].flatMap(([boot, note]) => ('last' in note ? [] : [boot])));
  }

  /** Begins to watch. A clock that is trusted from the start settles what earlier boots left. */
  start(): void {
    if (this.#options.clock.untimed() === null) this.#then(() => this.#settle(null));
    this.#look();
  }

  /** What is committed beside a group. `moved`: it holds state anyway. */
  alsoKeep(moved: boolean): Keep {
    const { clock } = this.#options;
    if (clock.untimed() !== null) this.#boots.set(clock.boot, { last: Math.round(clock.uptime()) });
    const note = this.#boots.get(clock.boot);
    if (note) return [[bootPrefix + clock.boot, JSON.stringify(note)]];
    return moved ? [[wallClockKey, String(clock.now())]] : [];
  }

  /** The cloud's clock as it was when this came in, give or take half of `withinMs`. */
  heardCloud(cloudMs: number, withinMs: number): void {
    this.#tell(this.#options.clock.heardCloud(cloudMs, withinMs));
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'));
    this.#timer?.cancel();
    await this.#work;
  }

  #look(): void {
    const { clock } = this.#options;
    this.#tell(clock.look());
    if (clock.untimed() === null && clock.mono() - this.#keptMono >= keepEveryMs) this.#keepWallTime();
    if (!this.#stopping.signal.aborted) this.#timer = clock.after(lookEveryMs, () => this.#look());
  }

  #keepWallTime(): void {
    this.#keptMono = this.#options.clock.mono();
    this.#then(() => this.#options.record([], this.alsoKeep(true)));
  }

  #tell(change: ClockChange | null): void {
    if (!change) return;
    const { clock } = this.#options;
    if (change.what === 'trusted') {
      // What was stamped before and is not on disk yet is put right with the rest.
      this.#boots.set(clock.boot, { last: Math.round(clock.uptime()) });
      return this.#then(() => this.#settle(change.by));
    }
    const record = this.#recordOf(change.what, clock.boot, change.shiftMs, change.by, false);
    this.#then(() => this.#options.record([record], []));
  }

  /** One after the other; what the disk does not take is tried again until the gateway stops. */
  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      while (!this.#stopping.signal.aborted) {
        try {
          return await work();
        } catch (error) {
          this.#options.onTrouble(
            '时钟的变化没有写进磁盘，会再试；请检查磁盘空间和存储目录。',
            'A change of the clock could not be kept on disk and is tried again; check the disk space and the store folder.',
            error,
          );
          await this.#options.clock.sleep(againMs, this.#stopping.signal).catch(() => undefined);
        }
      }
    });
  }

  /** The clock is trusted. `by`: since now; null: since the start. */
  async #settle(by: ClockChange['by'] | null): Promise<void> {
    const { log, record } = this.#options;
    const moves = [...this.#boots].map(([boot, note]) => this.#moveOf(boot, note));
    if (moves.length === 0) return;
    for (const { boot, shiftMs, estimated } of moves) this.#boots.set(boot, { shiftMs, estimated });
    const untold = moves.filter(({ boot }) => !this.#told.has(boot));
    await record(
      untold.map(({ boot, shiftMs, estimated }) => this.#recordOf('trusted', boot, shiftMs, by ?? 'system', estimated)),
      untold.map(({ boot, shiftMs, estimated }) => [bootPrefix + boot, JSON.stringify({ shiftMs, estimated })]),
    );
    for (const { boot } of untold) this.#told.add(boot);
    await log.retime(moves);
    for (const { boot } of moves) this.#boots.delete(boot);
    await record(
      [],
      moves.map(({ boot }) => [bootPrefix + boot, null]),
    );
  }

  /** Of an earlier boot nobody knows how long ago it was: at the latest just before this one. */
  #moveOf(boot: string, note: BootNote): TimeMove {
    if (!('last' in note)) return { boot, ...note };
    const { clock } = this.#options;
    if (boot === clock.boot) return { boot, shiftMs: clock.shiftMs(), estimated: false };
    return { boot, shiftMs: Math.round(clock.now() - clock.uptime() - note.last), estimated: true };
  }

  #recordOf(what: ClockChange['what'], boot: string, shiftMs: number, by: ClockChange['by'], estimated: boolean): LogRecord {
    return { kind: 'clock', at: this.#options.clock.now(), what, boot, shiftMs, by, ...(estimated ? { estimated } : {}) };
  }
}

function notesOf(saved: ReadonlyMap<string, string>): Map<string, BootNote> {
  const notes = new Map<string, BootNote>();
  for (const [key, text] of saved) {
    if (!key.startsWith(bootPrefix)) continue;
    const note = jsonAs(BootNote, text);
    // One that cannot be read was there all the same: its readings must not wait for ever.
    notes.set(key.slice(bootPrefix.length), note ?? { last: 0 });
  }
  return notes;
}
