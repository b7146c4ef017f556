import type { Cursor } from '@yihu/device-profiles/vocabulary/envelope.ts';
import { pack } from '@yihu/device-profiles/vocabulary/pack.ts';
import { lanes } from '@yihu/device-profiles/vocabulary/lanes.ts';
import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Batch } from '../store/log.ts';
import { backoffMs } from './backoff.ts';
import { LaneFlow, type LaneWindow } from './lane-flow.ts';

/** What happened, as the courier is told. */
export type CourierMessage =
  | { readonly is: 'opened' }
  /** The hello went out; the log is written up to `last`. */
  | { readonly is: 'greeted'; readonly last: Readonly<Record<Lane, number>> }
  | { readonly is: 'cursor'; readonly cursor: Cursor }
  /** Answer to a `read`. `at`: wall clock, milliseconds since 1970 UTC. */
  | { readonly is: 'read'; readonly lane: Lane; readonly ticket: number; readonly batches: readonly Batch[]; readonly at: number }
  | { readonly is: 'appended'; readonly lanes: readonly Lane[] }
  | { readonly is: 'closed' }
  | { readonly is: 'tick' };

/** What is to be done, in this order. */
export type CourierAction =
  | { readonly do: 'open' }
  | { readonly do: 'close'; readonly why: 'deaf' }
  | { readonly do: 'greet' }
  | { readonly do: 'beat' }
  | { readonly do: 'read'; readonly lane: Lane; readonly ticket: number; readonly after: number; readonly maxBytes: number }
  | { readonly do: 'send'; readonly batch: Batch }
  | { readonly do: 'move'; readonly lane: Lane; readonly through: number };

/** `forked`: the cloud has records of this log that the log does not have; nothing is sent until it has a new epoch. */
export type CourierPhase = 'waiting' | 'opening' | 'greeting' | 'running' | 'forked';

export interface CourierOptions {
  readonly epoch: string;
  readonly chance: () => number;
  readonly window?: Partial<Record<Lane, LaneWindow>> | undefined;
}

export interface CourierView {
  readonly phase: CourierPhase;
  readonly cursor: Cursor | undefined;
  readonly rttMs: number | undefined;
  readonly inFlight: Readonly<Record<Lane, number>>;
  readonly bytesInFlight: number;
  /** Mono time of the next try, while waiting. */
  readonly retryAtMono: number;
  readonly counters: Readonly<CourierCounters>;
}

export interface CourierCounters {
  connects: number;
  batches: number;
  bytes: number;
  rewinds: number;
  deaf: number;
  forks: number;
  /** Ranges the log no longer held and the cloud had never had: told as gap records. */
  gaps: number;
}

const defaultWindow: Record<Lane, LaneWindow> = {
  alarm: { batches: 64, bytes: 128 * 1024 },
  telemetry: { batches: 64, bytes: 256 * 1024 },
};
const openWithinMs = 15_000;
const beatEveryMs = 10_000;
const deafAfterMs = 20_000;

/** What to send next, and what a cursor means. No clock, no chance, no network of its own: messages in, actions out. */
export class Courier {
  readonly #options: CourierOptions;
  readonly #flows: Record<Lane, LaneFlow>;
  readonly #counters: CourierCounters = { connects: 0, batches: 0, bytes: 0, rewinds: 0, deaf: 0, forks: 0, gaps: 0 };
  #phase: CourierPhase = 'waiting';
  #attempt = 0;
  #retryAtMono = 0;
  #openedAtMono = 0;
  /** Since when the cloud owes an answer. */
  #askedAtMono: number | undefined;
  #beatAtMono = 0;
  #tickets = 0;
  #cursorHeard = false;
  #rttMs: number | undefined;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#flows = {
      alarm: new LaneFlow(options.window?.alarm ?? defaultWindow.alarm),
      telemetry: new LaneFlow(options.window?.telemetry ?? defaultWindow.telemetry),
    };
  }

  handle(message: CourierMessage, nowMono: number): CourierAction[] {
    switch (message.is) {
      case 'opened':
        return this.#phase === 'opening' ? this.#greet(nowMono) : [];
      case 'greeted':
        for (const lane of lanes) this.#flows[lane].written = message.last[lane];
        return [];
      case 'cursor':
        return this.#hear(message.cursor, nowMono);
      case 'read':
        return this.#offer(message, nowMono);
      case 'appended':
        for (const lane of message.lanes) this.#flows[lane].appended();
        return this.#pump(nowMono);
      case 'closed':
        return this.#lost(nowMono);
      case 'tick':
        return this.#tick(nowMono);
    }
  }

  /** Mono time at which it wants a `tick`. */
  deadline(): number {
    if (this.#phase === 'waiting') return this.#retryAtMono;
    if (this.#phase === 'opening') return this.#openedAtMono + openWithinMs;
    return this.#phase === 'greeting' ? this.#deafAtMono() : Math.min(this.#deafAtMono(), this.#beatAtMono);
  }

  /** True while all that the log has of the alarm lane is with the cloud: then, and only then, pictures may travel. */
  get isAlarmLaneClear(): boolean {
    const { alarm } = this.#flows;
    return this.#phase === 'running' && alarm.inFlight === 0 && !alarm.isHungry;
  }

  view(): CourierView {
    const { alarm, telemetry } = this.#flows;
    return {
      phase: this.#phase,
      cursor: this.#cursorHeard ? { epoch: this.#options.epoch, alarm: alarm.acked, telemetry: telemetry.acked } : undefined,
      rttMs: this.#rttMs,
      inFlight: { alarm: alarm.inFlight, telemetry: telemetry.inFlight },
      bytesInFlight: alarm.bytesInFlight + telemetry.bytesInFlight,
      retryAtMono: this.#retryAtMono,
      counters: { ...this.#counters },
    };
  }

  #deafAtMono(): number {
    return this.#askedAtMono === undefined ? Number.POSITIVE_INFINITY : this.#askedAtMono + deafAfterMs;
  }

  #tick(nowMono: number): CourierAction[] {
    if (this.#phase === 'waiting') return nowMono >= this.#retryAtMono ? this.#open(nowMono) : [];
    if (this.#phase === 'opening') return nowMono >= this.#openedAtMono + openWithinMs ? this.#deaf(nowMono) : [];
    if (nowMono >= this.#deafAtMono()) return this.#deaf(nowMono);
    if (this.#phase === 'greeting' || nowMono < this.#beatAtMono) return [];
    this.#beatAtMono = nowMono + beatEveryMs;
    this.#asked(nowMono);
    return [{ do: 'beat' }];
  }

  #open(nowMono: number): CourierAction[] {
    this.#phase = 'opening';
    this.#counters.connects += 1;
    this.#openedAtMono = nowMono;
    this.#askedAtMono = undefined;
    return [{ do: 'open' }];
  }

  #greet(nowMono: number): CourierAction[] {
    this.#phase = 'greeting';
    this.#asked(nowMono);
    return [{ do: 'greet' }];
  }

  #lost(nowMono: number): CourierAction[] {
    if (this.#phase === 'waiting') return [];
    this.#phase = 'waiting';
    this.#retryAtMono = nowMono + backoffMs(this.#attempt, this.#options.chance);
    this.#attempt += 1;
    for (const flow of Object.values(this.#flows)) flow.resume(flow.acked);
    return [];
  }

  #deaf(nowMono: number): CourierAction[] {
    this.#counters.deaf += 1;
    return [{ do: 'close', why: 'deaf' }, ...this.#lost(nowMono)];
  }

  #asked(nowMono: number): void {
    this.#askedAtMono ??= nowMono;
  }

  #hear(heard: Cursor, nowMono: number): CourierAction[] {
    const connected = this.#phase !== 'waiting' && this.#phase !== 'opening';
    if (heard.epoch !== this.#options.epoch || !connected) return [];
    this.#askedAtMono = undefined;
    if (this.#phase !== 'running') return this.#resume(heard, nowMono);
    const back = heard.rewind === true || lanes.some((lane) => this.#isStuck(lane, heard, nowMono));
    // Further than we know the log to be, or further back than it was: ask again before calling it a fork or a
    // restored backup, for it may be the late word of another worker.
    if (this.#isPastLog(heard) || (!back && this.#isBehind(heard))) return this.#greet(nowMono);
    const moves = back ? this.#turnBack(heard) : this.#advance(heard, nowMono);
    if (lanes.some((lane) => this.#flows[lane].inFlight > 0)) this.#asked(nowMono);
    return [...moves, ...this.#pump(nowMono)];
  }

  /** The cloud answers, but what is under way does not arrive: a worker behind a cluster died with it. It is sent again. */
  #isStuck(lane: Lane, heard: Cursor, nowMono: number): boolean {
    const flow = this.#flows[lane];
    const since = flow.waitingSinceMono;
    return heard[lane] === flow.acked && since !== undefined && nowMono - since >= deafAfterMs;
  }

  #isBehind(heard: Cursor): boolean {
    return lanes.some((lane) => heard[lane] < this.#flows[lane].acked);
  }

  #isPastLog(heard: Cursor): boolean {
    return lanes.some((lane) => heard[lane] > this.#flows[lane].written);
  }

  /** First cursor after a hello: the cloud's word, wherever it stands. */
  #resume(heard: Cursor, nowMono: number): CourierAction[] {
    this.#attempt = 0;
    if (this.#cursorHeard && this.#isBehind(heard)) this.#counters.rewinds += 1;
    this.#cursorHeard = true;
    if (this.#phase === 'greeting') this.#beatAtMono = nowMono + beatEveryMs;
    for (const lane of lanes) this.#flows[lane].resume(heard[lane]);
    if (this.#isPastLog(heard)) return this.#fork();
    this.#phase = 'running';
    return [...lanes.map((lane) => ({ do: 'move', lane, through: heard[lane] }) as const), ...this.#pump(nowMono)];
  }

  #fork(): CourierAction[] {
    if (this.#phase !== 'forked') this.#counters.forks += 1;
    this.#phase = 'forked';
    return [];
  }

  #turnBack(heard: Cursor): CourierAction[] {
    this.#counters.rewinds += 1;
    return this.#moved(heard, (lane) => this.#flows[lane].resume(heard[lane]));
  }

  #advance(heard: Cursor, nowMono: number): CourierAction[] {
    return this.#moved(heard, (lane) => {
      this.#rttMs = this.#flows[lane].ack(heard[lane], nowMono) ?? this.#rttMs;
    });
  }

  #moved(heard: Cursor, apply: (lane: Lane) => void): CourierAction[] {
    return lanes.flatMap((lane) => {
      const moves = heard[lane] !== this.#flows[lane].acked;
      apply(lane);
      return moves ? [{ do: 'move', lane, through: heard[lane] } as const] : [];
    });
  }

  /** Alarms first: telemetry moves only while the alarm lane is known to be empty, or may not send more itself. */
  #pump(nowMono: number): CourierAction[] {
    if (this.#phase !== 'running') return [];
    const actions = [...this.#send('alarm', nowMono), ...this.#read('alarm')];
    if (!this.#flows.alarm.isHungry) actions.push(...this.#send('telemetry', nowMono));
    return [...actions, ...this.#read('telemetry')];
  }

  #send(lane: Lane, nowMono: number): CourierAction[] {
    const sends: CourierAction[] = [];
    const flow = this.#flows[lane];
    for (let batch = flow.next(nowMono); batch !== undefined; batch = flow.next(nowMono)) {
      this.#counters.batches += 1;
      this.#counters.bytes += batch.blob.length;
      this.#asked(nowMono);
      sends.push({ do: 'send', batch });
    }
    return sends;
  }

  #read(lane: Lane): CourierAction[] {
    const flow = this.#flows[lane];
    if (!flow.wantsRead) return [];
    flow.ticket = ++this.#tickets;
    return [{ do: 'read', lane, ticket: flow.ticket, after: flow.sent, maxBytes: flow.readBytes }];
  }

  #offer(message: CourierMessage & { is: 'read' }, nowMono: number): CourierAction[] {
    const flow = this.#flows[message.lane];
    if (message.ticket !== flow.ticket) return [];
    flow.offer(this.#closeHole(flow.sent, message));
    return this.#pump(nowMono);
  }

  /** The log no longer holds what the cloud asks for, for example after the cloud came back from a backup. */
  #closeHole(sent: number, message: CourierMessage & { is: 'read' }): readonly Batch[] {
    const [oldest] = message.batches;
    if (oldest === undefined || oldest.first <= sent + 1) return message.batches;
    this.#counters.gaps += 1;
    return [gapBatch(message.lane, sent + 1, oldest.first - 1, message.at), ...message.batches];
  }
}

function gapBatch(lane: Lane, first: number, last: number, at: number): Batch {
  const record = { kind: 'gap', at, reason: 'expired', count: last - first + 1 } as const;
  return { lane, first, last, blob: pack([{ seq: first, through: last, record }]) };
}
