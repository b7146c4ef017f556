import { type Cursor, Cursor as CursorShape, type Hello } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { type Beat, encodeUp } from '@yihu/device-profiles/vocabulary/uplink.ts';
import { jsonAs } from '../json-as.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Batch, Log } from '../store/log.ts';
import { Courier, type CourierAction, type CourierCounters, type CourierMessage } from './courier.ts';
import { CursorMover } from './cursor-mover.ts';
import { fitToWire } from './fit-to-wire.ts';
import type { LaneWindow } from './lane-flow.ts';
import { type Connect, type Link, openLink } from './link.ts';
import { type Blobs, type PictureCounters, PictureSender } from './picture-sender.ts';
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
  /** Another wire in place of MQTT over TLS: the simulation's. */
  readonly open?: typeof openLink;
  readonly window?: Partial<Record<Lane, LaneWindow>>;
  /** The cloud's clock as it was when this came in, give or take half of `withinMs`. */
  readonly onCloudTime?: (cloudMs: number, withinMs: number) => void;
  /** A command from the cloud; what it says is for the receiver to check. */
  readonly onCommand?: (payload: Buffer) => void;
  /** What became of a test alarm at the other end; what it says is for the receiver to check. */
  readonly onWitness?: (payload: Buffer) => void;
  /** The answer to `renew`. */
  readonly onCertificate?: (payload: Buffer) => void;
  /** Pictures that wait for the cloud; without it none are sent. */
  readonly blobs?: Blobs | undefined;
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
  counters(): Readonly<CourierCounters & Partial<PictureCounters>>;
  /** Says it now, beside the lanes; false where the cloud is not there. */
  say(word: 'renew' | 'site', payload: string): boolean;
  stop(): Promise<void>;
}

/** The log's reader name. */
export const reader = 'uplink';

const longestTimerMs = 60_000;

/** Carries the log to the cloud, for ever: connects, resumes from the cloud's cursor, alarms first. Never throws. */
export function startUplink(options: UplinkOptions): Uplink {
  const runner = new UplinkRunner(options);
  runner.start();
  return runner;
}

/** The courier's hands: link, log and timer. */
class UplinkRunner implements Uplink {
  readonly #options: UplinkOptions;
  readonly #courier: Courier;
  readonly #mover: CursorMover;
  readonly #pictures: PictureSender | undefined;
  readonly #pending = new Set<Promise<void>>();
  #link: Link | undefined;
  #timer: Timer | undefined;
  #code: UplinkCode = 'connecting';
  #stopped = false;
  /** When the cloud was asked what it has not answered yet. */
  #askedMono: number | null = null;
  #unlisten: () => void = () => undefined;

  constructor(options: UplinkOptions) {
    const { log, chance, window, logger } = options;
    this.#options = options;
    this.#courier = new Courier({ epoch: log.epoch, chance, window });
    this.#mover = new CursorMover(log, reader, (error) =>
      logger.warn({ error }, 'the cursor could not be kept; the cloud has it'),
    );
    this.#pictures = options.blobs && this.#pictureSender(options.blobs);
  }

  #pictureSender(blobs: Blobs): PictureSender {
    return new PictureSender({
      blobs,
      clock: this.#options.clock,
      isClear: () => this.#courier.isAlarmLaneClear,
      publish: (word, payload) => this.#link?.publish(word, payload, 1),
      failed: (error) => this.#options.logger.warn({ error }, 'a picture could not be sent now; it is tried again'),
    });
  }

  start(): void {
    this.#unlisten = this.#options.log.onAppend((written) => this.#tell({ is: 'appended', lanes: written }));
    this.#tell({ is: 'tick' });
  }

  state(): UplinkState {
    const { phase, cursor, rttMs, inFlight, retryAtMono, counters } = this.#courier.view();
    const wire = this.#stopped ? 'stopped' : wireOf[phase];
    const code = this.#stopped ? 'stopped' : this.#code;
    return {
      wire,
      code,
      reason: uplinkSentences[code],
      cursor: cursor ?? null,
      rttMs: rttMs ?? null,
      sentBytes: counters.bytes,
      inFlight,
      nextTryMs: wire === 'waiting' ? Math.max(0, Math.round(retryAtMono - this.#options.clock.mono())) : 0,
    };
  }

  counters(): Readonly<CourierCounters & Partial<PictureCounters>> {
    return { ...this.#courier.view().counters, ...this.#pictures?.counters };
  }

  say(word: 'renew' | 'site', payload: string): boolean {
    if (this.#link === undefined || this.#courier.view().phase !== 'running') return false;
    this.#link.publish(word, payload, 1);
    return true;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unlisten();
    this.#timer?.cancel();
    this.#closeLink();
    await this.#pictures?.stop();
    await Promise.all(this.#pending);
    await this.#mover.idle();
  }

  #tell(message: CourierMessage): void {
    if (this.#stopped) return;
    for (const action of this.#courier.handle(message, this.#options.clock.mono())) this.#act(action);
    const { phase } = this.#courier.view();
    if (phase === 'running') this.#code = 'connected';
    if (phase === 'forked') this.#code = 'forked';
    this.#setTimer();
    this.#pictures?.pump();
  }

  #setTimer(): void {
    const { clock } = this.#options;
    this.#timer?.cancel();
    const waitMs = Math.max(0, Math.min(this.#courier.deadline() - clock.mono(), longestTimerMs));
    this.#timer = clock.after(waitMs, () => this.#tell({ is: 'tick' }));
  }

  #act(action: CourierAction): void {
    switch (action.do) {
      case 'open':
        return this.#run(this.#open());
      case 'close':
        this.#code = action.why;
        return this.#closeLink();
      case 'greet':
        return this.#run(this.#greet());
      case 'beat':
        return this.#run(this.#beat());
      case 'read':
        return this.#run(this.#read(action));
      case 'send':
        return this.#send(action.batch);
      case 'move':
        return this.#mover.move(action.lane, action.through);
    }
  }

  /** Work on the log that failed takes the link down: the next session begins from the cloud's cursor. */
  #run(work: Promise<void>): void {
    const guarded = work
      .catch((error: unknown) => {
        this.#options.logger.warn({ error }, 'the log did not answer; the link is taken down and tried again');
        this.#link?.end();
      })
      .finally(() => this.#pending.delete(guarded));
    this.#pending.add(guarded);
  }

  #closeLink(): void {
    const old = this.#link;
    this.#link = undefined;
    this.#pictures?.closed();
    old?.end();
  }

  async #open(): Promise<void> {
    const { connect, gateway, logger } = this.#options;
    this.#closeLink();
    try {
      const to = typeof connect === 'function' ? await connect() : connect;
      if (!this.#stopped) this.#openLink(gateway, to);
    } catch (error) {
      logger.warn({ error }, 'no identity to connect with');
      this.#code = 'identity';
      this.#tell({ is: 'closed' });
    }
  }

  #openLink(gateway: string, connect: Connect): void {
    const opened: Link = (this.#options.open ?? openLink)(gateway, connect, {
      opened: () => this.#link === opened && this.#tell({ is: 'opened' }),
      message: (word, payload) => this.#link === opened && this.#hear(word, payload),
      closed: (error) => this.#link === opened && this.#lost(error),
    });
    this.#link = opened;
  }

  #lost(error: Error | undefined): void {
    this.#link = undefined;
    this.#pictures?.closed();
    this.#askedMono = null;
    this.#code = codeOfError(error);
    this.#options.logger.info({ code: this.#code, error: error?.message }, 'the link to the cloud is down');
    this.#tell({ is: 'closed' });
  }

  #hear(word: string, payload: Buffer): void {
    const { onCommand, onCertificate, onWitness, logger } = this.#options;
    if (word === 'command') return onCommand?.(payload);
    if (word === 'certificate') return onCertificate?.(payload);
    if (word === 'witness') return onWitness?.(payload);
    if (word === 'kept') return this.#pictures?.hear(payload);
    const cursor = jsonAs(CursorShape, payload.toString('utf8'));
    if (cursor === null) return logger.warn({ bytes: payload.length }, 'the cloud sent what is no cursor');
    if (cursor.at !== undefined) this.#hearTime(cursor.at);
    return this.#tell({ is: 'cursor', cursor });
  }

  #hearTime(cloudMs: number): void {
    const asked = this.#askedMono;
    this.#askedMono = null;
    if (asked !== null) this.#options.onCloudTime?.(cloudMs, this.#options.clock.mono() - asked);
  }

  async #ends(): Promise<Pick<Hello, 'first' | 'last'>> {
    const { alarm, telemetry } = (await this.#options.log.stats()).lanes;
    return {
      last: { alarm: alarm.last, telemetry: telemetry.last },
      first: { alarm: alarm.first, telemetry: telemetry.first },
    };
  }

  async #greet(): Promise<void> {
    const { gateway, log, clock, version = '0' } = this.#options;
    const to = this.#link;
    const held = await this.#ends();
    if (to === undefined || to !== this.#link) return;
    const hello: Hello = { schema: 'yihu-uplink/1', gateway, epoch: log.epoch, ...held, version, at: clock.now() };
    this.#tell({ is: 'greeted', last: held.last });
    this.#askedMono = clock.mono();
    to.publish('hello', JSON.stringify(hello), 1);
  }

  async #beat(): Promise<void> {
    const { last } = await this.#ends();
    const words: Beat = { epoch: this.#options.log.epoch, at: this.#options.clock.now(), last };
    this.#askedMono ??= this.#options.clock.mono();
    this.#link?.publish('beat', JSON.stringify(words), 1);
  }

  async #read(action: CourierAction & { do: 'read' }): Promise<void> {
    const { log, clock } = this.#options;
    const { lane, ticket } = action;
    const batches = await log.read(reader, lane, action.maxBytes, action.after);
    this.#tell({ is: 'read', lane, ticket, batches: batches.flatMap(fitToWire), at: clock.now() });
  }

  #send({ lane, first, last, blob }: Batch): void {
    const { epoch } = this.#options.log;
    this.#link?.publish('up', encodeUp({ schema: 'yihu-uplink/1', epoch, lane, first, last }, blob), 1);
  }
}

const wireOf = {
  waiting: 'waiting',
  opening: 'connecting',
  greeting: 'connecting',
  running: 'connected',
  forked: 'forked',
} as const;
