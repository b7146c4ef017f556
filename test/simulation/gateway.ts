import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Clock } from '../../gateway/clock.ts';
import type { Decoder } from '../../gateway/decode/decode.ts';
import { compileRules } from '../../gateway/evaluate/rules.ts';
import { type Pipeline, startPipeline } from '../../gateway/pipeline.ts';
import type { Commit, Log } from '../../gateway/store/log.ts';
import { MemoryLog } from '../../gateway/store/memory-log.ts';
import { MemoryRows } from '../../gateway/store/memory-rows.ts';
import type { openLink } from '../../gateway/uplink/link.ts';
import { type Uplink, startUplink } from '../../gateway/uplink/uplink.ts';
import type { Mutant } from './mutants.ts';
import type { Schedule } from './schedule.ts';
import type { Seeded } from './seeded.ts';

export const limit = { above: 40, clear: 37 };

const rules = compileRules({
  category: 'other',
  availability: { offlineAfter: 3_600_000 },
  alarms: {
    hot: {
      name: { zh: '高温' },
      severity: 'major',
      hazard: 'equipment',
      latch: 'none',
      for: 0,
      clearFor: 0,
      samples: 1,
      point: 't',
      ...limit,
    },
  },
} as unknown as Profile);

const decoder: Decoder = {
  decode({ at, body }) {
    if (body.kind !== 'message') return { readings: [], events: [] };
    const { n, t } = JSON.parse(Buffer.from(body.payload).toString()) as { n: number; t: number };
    return {
      readings: [
        { point: 'n', value: n, quality: 'good', at },
        { point: 't', value: t, quality: 'good', at },
      ],
      events: [],
    };
  },
};

const never = new Promise<never>(() => {});
const silent = { info: () => {}, warn: () => {} };

interface Life {
  dead: boolean;
  readonly log: MemoryLog;
  readonly pipeline: Pipeline;
  readonly uplink: Uplink;
}

/** The real path (pipeline, rules, log, uplink) on a disk that outlives it, with a process that can die at any moment. */
export class SimulatedGateway {
  readonly rows = new MemoryRows();
  /** Called once, between the next commit and its answer: the worst moment to die. */
  onCommitted: (() => void) | null = null;
  readonly #schedule: Schedule;
  readonly #clock: Clock;
  readonly #random: Seeded;
  readonly #mutant: Mutant | null;
  readonly #open: typeof openLink;
  #life: Life | null = null;

  constructor(schedule: Schedule, clock: Clock, random: Seeded, mutant: Mutant | null, open: typeof openLink) {
    this.#schedule = schedule;
    this.#clock = clock;
    this.#random = random;
    this.#mutant = mutant;
    this.#open = open;
    this.rows.epoch = 'epoch-1';
  }

  get up(): boolean {
    return this.#life !== null;
  }

  async start(): Promise<void> {
    const state = { dead: false };
    const memory = new MemoryLog({ rows: this.rows, readers: ['uplink'], clock: this.#clock, maxBytes: this.#schedule.logBytes });
    const log = this.#slowDisk(memory, state);
    const devices = Array.from({ length: this.#schedule.devices }, (_, i) => ({ id: `d${i}`, profile: 'p', decoder, rules }));
    const inventory = devices.map(({ id }) => ({ id, profile: 'p', name: { zh: id }, place: {} }));
    let pipeline: Pipeline;
    try {
      pipeline = await startPipeline({ log, devices, inventory, inventoryHash: 'h', clock: this.#clock, onTrouble: () => {} });
    } catch {
      // The disk refuses: a service manager would start the gateway again.
      this.#clock.after(500, () => void (this.#life ?? this.start()));
      return;
    }
    const uplink = startUplink({
      gateway: 'gw',
      log,
      connect: { url: 'sim', ca: '', cert: '', key: '' },
      clock: this.#mortal(state),
      chance: this.#random,
      logger: silent,
      open: this.#open,
    });
    this.#life = Object.assign(state, { log: memory, pipeline, uplink });
  }

  /** SIGKILL: nothing of the process goes on, what is on disk stays. */
  kill(): void {
    if (!this.#life) return;
    this.#life.dead = true;
    void this.#life.uplink.stop();
    void this.#life.pipeline.stop().catch(() => {});
    this.#life = null;
  }

  async stop(): Promise<void> {
    const life = this.#life;
    if (!life) return;
    this.#life = null;
    // A disk that refuses keeps nothing, also not on a stop; what was never acked may go.
    for (const part of [() => life.pipeline.stop(), () => life.uplink.stop(), () => life.log.close()])
      await part().catch(() => undefined);
    life.dead = true;
  }

  /** Resolves when the device may take it as kept; rejects, or never answers, otherwise. */
  emit(frame: Frame): Promise<void> {
    const life = this.#life;
    if (!life) return never;
    return life.pipeline.emit([frame]).then(() => (life.dead ? never : undefined));
  }

  /** A dead process has no timers. */
  #mortal(state: { dead: boolean }): Clock {
    const clock = this.#clock;
    return {
      now: () => clock.now(),
      mono: () => clock.mono(),
      after: (ms, run) => clock.after(ms, () => state.dead || run()),
      sleep: (ms, signal) => clock.sleep(ms, signal).then(() => (state.dead ? never : undefined)),
    };
  }

  #slowDisk(memory: MemoryLog, state: { dead: boolean }): Log {
    const wait = () => this.#clock.sleep(this.#random.whole(1, this.#schedule.diskMs));
    const keep = async (commit: Commit) => {
      await wait();
      if (state.dead) return never;
      const appended = await memory.append(commit);
      const worst = this.onCommitted;
      this.onCommitted = null;
      worst?.();
      await wait();
      return state.dead ? never : appended;
    };
    const append = this.#mutant?.append?.(keep, memory) ?? keep;
    const moveCursor: Log['moveCursor'] = async (...place) => (state.dead ? never : memory.moveCursor(...place));
    const read: Log['read'] = async (...where) => {
      const batches = await memory.read(...where);
      const last = batches.at(-1);
      if (last && this.#mutant?.movesOnRead) await memory.moveCursor(where[0], where[1], last.last);
      return this.#mutant?.read?.(batches) ?? batches;
    };
    const own: Partial<Log> = { append, moveCursor, read };
    return new Proxy<Log>(memory, {
      get(target, key) {
        const mine: unknown = own[key as keyof Log];
        if (mine !== undefined) return mine;
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}
