import { type Cursor, Cursor as CursorShape, type Hello } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { type Beat, encodeUp } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Batch, Log } from '../store/log.ts';
import { type CourierAction, type CourierCounters, type CourierMessage, createCourier } from './courier.ts';
import { CursorMover } from './cursor-mover.ts';
import type { LaneWindow } from './lane-flow.ts';
import { type Connect, type Link, openLink } from './link.ts';
import { codeOfError, type UplinkCode, uplinkSentences } from './uplink-sentences.ts';

export interface UplinkLogger {
  info(detail: object, message: string): void;
  warn(detail: object, message: string): void;
}

export interface UplinkOptions {
  readonly gateway: string;
  readonly log: Log;
  /** PEM texts, or where to get them at each connect, so that a renewed certificate is taken up. */
  readonly connect: Connect | (() => Promise<Connect>);
  readonly clock: Clock;
  /** Uniform in [0, 1), for the jitter. */
  readonly chance: () => number;
  readonly logger: UplinkLogger;
  readonly version?: string;
  readonly window?: Partial<Record<Lane, LaneWindow>>;
  /** A command from the cloud; what it says is for the receiver to check. */
  onCommand?(payload: Buffer): void;
}

export interface UplinkState {
  readonly wire: 'connecting' | 'connected' | 'waiting' | 'forked' | 'stopped';
  readonly code: UplinkCode;
  readonly reason: Text;
  /** The cloud's cursor as last heard; null before the first. */
  readonly cursor: Cursor | null;
  /** From sending a batch to hearing that it is committed. */
  readonly rttMs: number | null;
  readonly sentBytes: number;
  readonly inFlight: Readonly<Record<Lane, number>>;
  /** Milliseconds to the next try; 0 unless waiting. */
  readonly nextTryMs: number;
}

export interface Uplink {
  state(): UplinkState;
  counters(): Readonly<CourierCounters>;
  stop(): Promise<void>;
}

/** The log's reader name. */
export const reader = 'uplink';

/** Carries the log to the cloud, for ever: connects, resumes from the cloud's cursor, alarms first. Never throws. */
export function startUplink(options: UplinkOptions): Uplink {
  const { log, clock, logger, gateway } = options;
  const courier = createCourier({ epoch: log.epoch, chance: options.chance, window: options.window });
  const mover = new CursorMover(log, reader, (error) => logger.warn({ error }, 'the cursor could not be kept; the cloud has it'));
  const pending = new Set<Promise<void>>();
  let link: Link | undefined;
  let timer: Timer | undefined;
  let code: UplinkCode = 'connecting';
  let stopped = false;

  const tell = (message: CourierMessage): void => {
    if (stopped) return;
    for (const action of courier.handle(message, clock.mono())) act(action);
    if (courier.view().phase === 'running') code = 'connected';
    if (courier.view().phase === 'forked') code = 'forked';
    setTimer();
  };

  const setTimer = (): void => {
    timer?.cancel();
    timer = clock.after(Math.max(0, Math.min(courier.deadline() - clock.mono(), 60_000)), () => tell({ is: 'tick' }));
  };

  const run = (work: Promise<void>): void => {
    const guarded = work
      .catch((error: unknown) => {
        logger.warn({ error }, 'the log did not answer; the link is taken down and tried again');
        link?.end();
      })
      .finally(() => pending.delete(guarded));
    pending.add(guarded);
  };

  const act = (action: CourierAction): void => {
    switch (action.do) {
      case 'open':
        return run(open());
      case 'close':
        code = action.why;
        return closeLink();
      case 'greet':
        return run(greet());
      case 'beat':
        return run(beat());
      case 'read':
        return run(readLog(action));
      case 'send':
        return send(action.batch);
      case 'move':
        return mover.move(action.lane, action.through);
    }
  };

  const closeLink = (): void => {
    const old = link;
    link = undefined;
    old?.end();
  };

  const open = async (): Promise<void> => {
    closeLink();
    try {
      const connect = typeof options.connect === 'function' ? await options.connect() : options.connect;
      if (stopped) return;
      const opened: Link = openLink(gateway, connect, {
        opened: () => link === opened && tell({ is: 'opened' }),
        message: (word, payload) => link === opened && hear(word, payload),
        closed: (error) => link === opened && lost(error),
      });
      link = opened;
    } catch (error) {
      logger.warn({ error }, 'no identity to connect with');
      code = 'identity';
      tell({ is: 'closed' });
    }
  };

  const lost = (error: Error | undefined): void => {
    link = undefined;
    code = codeOfError(error);
    logger.info({ code, error: error?.message }, 'the link to the cloud is down');
    tell({ is: 'closed' });
  };

  const hear = (word: string, payload: Buffer): void => {
    if (word === 'command') return options.onCommand?.(payload);
    const cursor = readCursor(payload);
    if (cursor === undefined) return logger.warn({ bytes: payload.length }, 'the cloud sent what is no cursor');
    return tell({ is: 'cursor', cursor });
  };

  const ends = async (): Promise<Pick<Hello, 'first' | 'last'>> => {
    const { alarm, telemetry } = (await log.stats()).lanes;
    return {
      last: { alarm: alarm.last, telemetry: telemetry.last },
      first: { alarm: alarm.first, telemetry: telemetry.first },
    };
  };

  const greet = async (): Promise<void> => {
    const to = link;
    const held = await ends();
    if (to === undefined || to !== link) return;
    const version = options.version ?? '0';
    const hello: Hello = { schema: 'yihu-uplink/1', gateway, epoch: log.epoch, ...held, version, at: clock.now() };
    tell({ is: 'greeted', last: held.last });
    to.publish('hello', JSON.stringify(hello), 1);
  };

  const beat = async (): Promise<void> => {
    const { last } = await ends();
    const words: Beat = { at: clock.now(), last };
    link?.publish('beat', JSON.stringify(words), 1);
  };

  const readLog = async (action: CourierAction & { do: 'read' }): Promise<void> => {
    const { lane, ticket } = action;
    const batches = await log.read(reader, lane, action.maxBytes, action.after);
    tell({ is: 'read', lane, ticket, batches, at: clock.now() });
  };

  const send = ({ lane, first, last, blob }: Batch): void => {
    link?.publish('up', encodeUp({ schema: 'yihu-uplink/1', epoch: log.epoch, lane, first, last }, blob), 1);
  };

  const unlisten = log.onAppend((written) => tell({ is: 'appended', lanes: written }));
  tell({ is: 'tick' });

  return {
    state: () => {
      const { phase, cursor, rttMs, inFlight, retryAtMono, counters } = courier.view();
      const wire = stopped ? 'stopped' : wireOf[phase];
      const shown = stopped ? 'stopped' : code;
      return {
        wire,
        code: shown,
        reason: uplinkSentences[shown],
        cursor: cursor ?? null,
        rttMs: rttMs ?? null,
        sentBytes: counters.bytes,
        inFlight,
        nextTryMs: wire === 'waiting' ? Math.max(0, Math.round(retryAtMono - clock.mono())) : 0,
      };
    },
    counters: () => courier.view().counters,
    stop: async () => {
      stopped = true;
      unlisten();
      timer?.cancel();
      closeLink();
      await Promise.all(pending);
      await mover.idle();
    },
  };
}

const wireOf = {
  waiting: 'waiting',
  opening: 'connecting',
  greeting: 'connecting',
  running: 'connected',
  forked: 'forked',
} as const;

function readCursor(payload: Buffer): Cursor | undefined {
  try {
    return CursorShape.parse(JSON.parse(payload.toString('utf8')));
  } catch {
    // The caller logs it; a message we cannot read moves nothing.
    return undefined;
  }
}
