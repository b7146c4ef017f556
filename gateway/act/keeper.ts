import type { ActState } from '@yihu/device-profiles/vocabulary/act.ts';
import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Clock, Stamp } from '../clock.ts';
import { limits } from '../limits.ts';
import { Life } from './life.ts';
import { reasons } from './sentences.ts';
import { type StoredAct, actKey, isSettled, loadActs } from './stored.ts';

export type Keep = readonly (readonly [key: string, json: string | null])[];

export interface KeeperOptions {
  /** Resolves when all of it is on disk; rejects when nothing of it is. Also on a full disk: alarms have a reserve. */
  readonly keep: (records: readonly LogRecord[], state: Keep) => Promise<void>;
  readonly clock: Clock;
  readonly stamp: () => Stamp;
  readonly onTrouble: (trouble: { device?: string; zh: string; en: string; error?: unknown }) => void;
}

type Change = Partial<Pick<StoredAct, 'by' | 'reason' | 'shown'>>;

/** A disk that takes nothing is asked again after this long, growing. */
const [firstPauseMs, longestPauseMs] = [500, 15_000];

/** Orders and their states: each change is in the log, and the state beside it, before it counts. */
export class Keeper {
  readonly lives = new Map<string, Life>();
  readonly counters: Record<ActState, number> = {
    awaiting: 0,
    accepted: 0,
    sent: 0,
    confirmed: 0,
    refused: 0,
    unknown: 0,
    expired: 0,
    blocked: 0,
  };
  readonly #options: KeeperOptions;
  readonly #signal: AbortSignal;

  constructor(options: KeeperOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** States what became of the orders of an earlier run: nothing old is ever sent. @throws StoreError */
  async begin(saved: ReadonlyMap<string, string>): Promise<void> {
    const { acts, unreadable } = loadActs(saved);
    const stamp = this.#options.stamp();
    const ended = acts.filter((act) => !isSettled(act)).map((act) => endedByRestart(act, stamp.at));
    for (const act of [...acts.filter(isSettled), ...ended]) this.lives.set(act.id, Life.past(act));
    if (ended.length + unreadable.length === 0) return;
    await this.#options.keep(
      ended.map((act) => recordOf(act, stamp)),
      [
        ...ended.map((act) => [actKey(act.id), JSON.stringify(act)] as const),
        ...unreadable.map((key) => [key, null] as const),
        ...this.#forgotten(),
      ],
    );
    for (const { state } of ended) this.counters[state]++;
  }

  isBusy(device: string): boolean {
    const open = [...this.lives.values()].filter((life) => !life.isSettled);
    return open.length >= limits.openActs || open.filter((life) => life.device === device).length >= limits.deviceActs;
  }

  /** The change is on disk when this resolves. @throws StoreError */
  async become(life: Life, state: ActState, change: Change = {}): Promise<void> {
    const stamp = this.#options.stamp();
    const next = life.next(state, stamp.at, change);
    const forgotten = isSettled(next) ? this.#forgotten() : [];
    await this.#options.keep([recordOf(next, stamp)], [[actKey(next.id), JSON.stringify(next)], ...forgotten]);
    this.counters[state]++;
    life.become(next);
  }

  /** The same for what has happened already: said as soon as the disk takes it. It ends with the gateway, which then says it at its next start. */
  async becomeSurely(life: Life, state: ActState, change: Change = {}): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.become(life, state, change);
      } catch (error) {
        this.#trouble(life, error);
        if (!(await this.#pause(attempt))) return;
      }
    }
  }

  /** From here on a crash leaves the outcome open. False where the disk did not take the mark: then nothing may be sent. */
  async markSending(life: Life): Promise<boolean> {
    try {
      await this.#options.keep([], [[actKey(life.act.id), JSON.stringify({ ...life.act, sending: true })]]);
      return true;
    } catch (error) {
      this.#trouble(life, error);
      return false;
    }
  }

  #pause(attempt: number): Promise<boolean> {
    return this.#options.clock.sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** attempt), this.#signal).then(
      () => true,
      () => false,
    );
  }

  #trouble({ device }: Life, error: unknown): void {
    this.#options.onTrouble({
      device,
      zh: '命令的状态没有写进磁盘，会再试；请检查磁盘空间和存储目录。',
      en: 'The state of an order could not be kept on disk and is tried again; check the disk space and the store folder.',
      error,
    });
  }

  /** Keys of finished orders that are too many to remember. */
  #forgotten(): (readonly [string, null])[] {
    const finished = [...this.lives].filter(([, life]) => life.isSettled);
    const gone = finished.slice(0, Math.max(0, finished.length - limits.rememberedActs));
    for (const [id] of gone) this.lives.delete(id);
    return gone.map(([id]) => [actKey(id), null] as const);
  }
}

function recordOf({ sending: _mark, isReadBack: _known, ...act }: StoredAct, { at, untimed }: Stamp): LogRecord {
  return { kind: 'act', ...act, at, ...(untimed === undefined ? {} : { untimed }) };
}

/** What had not left yet never leaves; what may have left is not known and is not sent again. */
function endedByRestart({ sending, ...act }: StoredAct, at: number): StoredAct {
  const hasLeft = sending === true || act.state === 'sent';
  return hasLeft
    ? { ...act, at, state: 'unknown', reason: reasons.restartedAfter }
    : { ...act, at, state: 'expired', reason: reasons.restartedBefore };
}
