import type { Cursor } from '@yihu/device-profiles/vocabulary/envelope.ts';
import { pack } from '@yihu/device-profiles/vocabulary/pack.ts';
import { type Lane, lanes } from '@yihu/device-profiles/vocabulary/record.ts';
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
export interface Courier {
  handle(message: CourierMessage, nowMono: number): CourierAction[];
  /** Mono time at which it wants a `tick`; undefined while it waits for nothing. */
  deadline(): number;
  view(): CourierView;
}

export function createCourier(options: CourierOptions): Courier {
  const flows: Record<Lane, LaneFlow> = {
    alarm: new LaneFlow(options.window?.alarm ?? defaultWindow.alarm),
    telemetry: new LaneFlow(options.window?.telemetry ?? defaultWindow.telemetry),
  };
  const counters: CourierCounters = { connects: 0, batches: 0, bytes: 0, rewinds: 0, deaf: 0, forks: 0, gaps: 0 };
  let phase: CourierPhase = 'waiting';
  let attempt = 0;
  let retryAtMono = 0;
  let heardAtMono = 0;
  let askedAtMono: number | undefined;
  let beatAtMono = 0;
  let tickets = 0;
  let known = false;
  let rttMs: number | undefined;

  const cursor = (): Cursor => ({ epoch: options.epoch, alarm: flows.alarm.acked, telemetry: flows.telemetry.acked });

  const asked = (nowMono: number): void => {
    askedAtMono ??= nowMono;
  };

  const open = (nowMono: number): CourierAction[] => {
    phase = 'opening';
    counters.connects += 1;
    heardAtMono = nowMono;
    askedAtMono = undefined;
    return [{ do: 'open' }];
  };

  const greet = (nowMono: number): CourierAction[] => {
    phase = 'greeting';
    asked(nowMono);
    return [{ do: 'greet' }];
  };

  const lost = (nowMono: number): CourierAction[] => {
    if (phase === 'waiting') return [];
    phase = 'waiting';
    retryAtMono = nowMono + backoffMs(attempt, options.chance);
    attempt += 1;
    for (const lane of lanes) flows[lane].resume(flows[lane].acked);
    return [];
  };

  const deaf = (nowMono: number): CourierAction[] => {
    counters.deaf += 1;
    return [{ do: 'close', why: 'deaf' }, ...lost(nowMono)];
  };

  /** First cursor after a hello: the cloud's word, wherever it stands. */
  const resume = (heard: Cursor, nowMono: number): CourierAction[] => {
    attempt = 0;
    known = true;
    beatAtMono = nowMono + beatEveryMs;
    for (const lane of lanes) flows[lane].resume(heard[lane]);
    if (lanes.some((lane) => heard[lane] > flows[lane].written)) {
      counters.forks += 1;
      phase = 'forked';
      return [];
    }
    phase = 'running';
    return [...lanes.map((lane) => ({ do: 'move', lane, through: heard[lane] }) as const), ...pump(nowMono)];
  };

  const turnBack = (heard: Cursor): CourierAction[] => {
    counters.rewinds += 1;
    return lanes.flatMap((lane) => {
      const moves = heard[lane] !== flows[lane].acked;
      flows[lane].resume(heard[lane]);
      return moves ? [{ do: 'move', lane, through: heard[lane] } as const] : [];
    });
  };

  const advance = (heard: Cursor, nowMono: number): CourierAction[] =>
    lanes.flatMap((lane) => {
      if (heard[lane] === flows[lane].acked) return [];
      rttMs = flows[lane].ack(heard[lane], nowMono) ?? rttMs;
      return [{ do: 'move', lane, through: heard[lane] } as const];
    });

  const hear = (heard: Cursor, nowMono: number): CourierAction[] => {
    if (heard.epoch !== options.epoch || phase === 'waiting' || phase === 'opening') return [];
    heardAtMono = nowMono;
    askedAtMono = undefined;
    if (phase !== 'running') return resume(heard, nowMono);
    if (lanes.some((lane) => heard[lane] > flows[lane].written)) return greet(nowMono);
    const back = heard.rewind === true || lanes.some((lane) => heard[lane] < flows[lane].acked);
    const moves = back ? turnBack(heard) : advance(heard, nowMono);
    if (lanes.some((lane) => flows[lane].inFlight > 0)) asked(nowMono);
    return [...moves, ...pump(nowMono)];
  };

  const send = (lane: Lane, nowMono: number): CourierAction[] => {
    const sends: CourierAction[] = [];
    for (let batch = flows[lane].next(nowMono); batch !== undefined; batch = flows[lane].next(nowMono)) {
      counters.batches += 1;
      counters.bytes += batch.blob.length;
      asked(nowMono);
      sends.push({ do: 'send', batch });
    }
    return sends;
  };

  const read = (lane: Lane): CourierAction[] => {
    const flow = flows[lane];
    if (!flow.wantsRead) return [];
    flow.ticket = ++tickets;
    return [{ do: 'read', lane, ticket: flow.ticket, after: flow.sent, maxBytes: flow.readBytes }];
  };

  /** Alarms first: telemetry moves only while the alarm lane is known to be empty, or may not send more itself. */
  const pump = (nowMono: number): CourierAction[] => {
    if (phase !== 'running') return [];
    const actions = [...send('alarm', nowMono), ...read('alarm')];
    if (!flows.alarm.isHungry) actions.push(...send('telemetry', nowMono));
    return [...actions, ...read('telemetry')];
  };

  const offer = (message: CourierMessage & { is: 'read' }, nowMono: number): CourierAction[] => {
    const flow = flows[message.lane];
    if (message.ticket !== flow.ticket) return [];
    flow.offer(closeHole(flow.sent, message));
    return pump(nowMono);
  };

  /** The log no longer holds what the cloud asks for, for example after the cloud came back from a backup. */
  const closeHole = (sent: number, message: CourierMessage & { is: 'read' }): readonly Batch[] => {
    const [oldest] = message.batches;
    if (oldest === undefined || oldest.first <= sent + 1) return message.batches;
    counters.gaps += 1;
    return [gapBatch(message.lane, sent + 1, oldest.first - 1, message.at), ...message.batches];
  };

  const tick = (nowMono: number): CourierAction[] => {
    if (phase === 'waiting') return nowMono >= retryAtMono ? open(nowMono) : [];
    if (phase === 'opening') return nowMono >= heardAtMono + openWithinMs ? deaf(nowMono) : [];
    if (askedAtMono !== undefined && nowMono >= askedAtMono + deafAfterMs) return deaf(nowMono);
    if (phase === 'greeting' || nowMono < beatAtMono) return [];
    beatAtMono = nowMono + beatEveryMs;
    asked(nowMono);
    return [{ do: 'beat' }];
  };

  const deadline = (): number => {
    if (phase === 'waiting') return retryAtMono;
    if (phase === 'opening') return heardAtMono + openWithinMs;
    const watch = askedAtMono === undefined ? Number.POSITIVE_INFINITY : askedAtMono + deafAfterMs;
    return phase === 'greeting' ? watch : Math.min(watch, beatAtMono);
  };

  const handle = (message: CourierMessage, nowMono: number): CourierAction[] => {
    switch (message.is) {
      case 'opened':
        return phase === 'opening' ? greet(nowMono) : [];
      case 'greeted':
        for (const lane of lanes) flows[lane].written = message.last[lane];
        return [];
      case 'cursor':
        return hear(message.cursor, nowMono);
      case 'read':
        return offer(message, nowMono);
      case 'appended':
        for (const lane of message.lanes) flows[lane].appended();
        return pump(nowMono);
      case 'closed':
        return lost(nowMono);
      case 'tick':
        return tick(nowMono);
    }
  };

  return {
    handle,
    deadline,
    view: () => ({
      phase,
      cursor: known ? cursor() : undefined,
      rttMs,
      inFlight: { alarm: flows.alarm.inFlight, telemetry: flows.telemetry.inFlight },
      bytesInFlight: flows.alarm.bytesInFlight + flows.telemetry.bytesInFlight,
      retryAtMono,
      counters: { ...counters },
    }),
  };
}

function gapBatch(lane: Lane, first: number, last: number, at: number): Batch {
  const record = { kind: 'gap', at, reason: 'expired', count: last - first + 1 } as const;
  return { lane, first, last, blob: pack([{ seq: first, through: last, record }]) };
}
