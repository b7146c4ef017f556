import mqtt, { type MqttClient } from 'mqtt';
import type { RenewAnswer, RenewRequest } from '@yihu/device-profiles/vocabulary/claim.ts';
import type { Cursor } from '@yihu/device-profiles/vocabulary/envelope.ts';
import { type SpokenWord, spokenWords, topicOf } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { Clock, Timer } from '../clock.ts';
import { type Accept, type AcceptLogger, type AcceptOptions, createAccept } from './accept.ts';
import type { Ingest, PictureIngest } from './ingest.ts';
import { type AcceptLimits, acceptLimits, clusterLimits } from './limits.ts';
import type { AcceptServer } from './listener.ts';
import { ownerOf } from './owner.ts';

/** A broker that is there: TLS by its own authority where one is named, and who we are by certificate or password. */
export interface BrokerAddress {
  /** `mqtts://host:port` or `mqtt://host:port`; a login may stand in it. */
  readonly url: string;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface ClusterOptions extends Pick<AcceptOptions, 'poison' | 'forked' | 'site'> {
  readonly broker: BrokerAddress;
  /** Of this process, among all workers on the broker. */
  readonly worker: string;
  readonly ingest: Ingest;
  readonly pictures?: PictureIngest | undefined;
  readonly clock: Clock;
  readonly logger: AcceptLogger;
  /** Who may speak, and where each one's newest log is committed to; null where it never said hello. */
  readonly gateways: () => Promise<ReadonlyMap<string, Cursor | null>>;
  readonly renew?: (gateway: string, request: RenewRequest) => Promise<RenewAnswer>;
  readonly limits?: Partial<AcceptLimits>;
}

/** A worker's end of the cluster. Who is connected, only the broker knows: `send` is true where the gateway is this worker's. */
export interface ClusterWorker extends Omit<AcceptServer, 'address'> {
  /** Gateways this worker listens to now. */
  owned(): number;
}

const presence = 'yihu/workers/';
const topics = (gateways: readonly string[]): string[] =>
  gateways.flatMap((gateway) => spokenWords.map((word) => topicOf(gateway, word)));

/**
 * One of N workers behind a broker. Each says that it is there by a retained message which its last will takes back, and
 * listens to the gateways that are its own among those who are there. That two listen for a moment, or nobody does, loses and
 * doubles nothing: what counts is decided on the locked cursor in the database, and whoever takes a gateway over sends it back
 * to that cursor.
 */
export function joinCluster(options: ClusterOptions): ClusterWorker {
  const worker = new Worker(options);
  worker.start();
  return worker;
}

class Worker implements ClusterWorker {
  readonly #options: ClusterOptions;
  readonly #accept: Accept;
  readonly #client: MqttClient;
  readonly #members = new Set<string>();
  readonly #owned = new Set<string>();
  #settling: Promise<void> | null = null;
  #again = false;
  #timer: Timer | undefined;
  #stopped = false;
  #takeovers = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    const { broker, worker, pictures } = options;
    const limits: AcceptLimits = { ...acceptLimits, holdMs: clusterLimits.holdMs, ...options.limits };
    this.#accept = createAccept({
      ...options,
      limits,
      renew: options.renew && ((gateway, request) => this.#renew(gateway, request)),
      reply: (gateway, cursor) => this.#publish(gateway, 'cursor', JSON.stringify(cursor), 0),
      pictures: pictures && {
        ingest: pictures,
        tell: (gateway, word) => this.#publish(gateway, 'kept', JSON.stringify(word), 0),
      },
    });
    this.#client = mqtt.connect(broker.url, {
      clientId: `yihu-${worker}`,
      protocolVersion: 4,
      clean: true,
      keepalive: clusterLimits.keepaliveSeconds,
      reconnectPeriod: clusterLimits.reconnectMs,
      resubscribe: false,
      queueQoSZero: false,
      will: { topic: presence + worker, payload: Buffer.alloc(0), qos: 1, retain: true },
      ...(broker.ca === undefined ? {} : { ca: broker.ca }),
      ...(broker.cert === undefined ? {} : { cert: broker.cert, key: broker.key ?? '' }),
    });
  }

  start(): void {
    const { clock, logger, worker } = this.#options;
    this.#client.on('error', (error) => logger.warn({ worker, error }, 'the broker'));
    this.#client.on('connect', () => void this.#enter());
    this.#client.on('close', () => this.#left());
    this.#client.on('message', (topic, payload) => this.#hear(topic, payload));
    const look = (): void => {
      this.#timer = clock.after(clusterLimits.lookMs, look);
      this.#settleSoon();
    };
    look();
  }

  owned(): number {
    return this.#owned.size;
  }

  /** What is meant for a gateway goes out by its owner, once. */
  send(gateway: string, word: string, payload: string | Buffer): boolean {
    if (!this.#client.connected || !this.#owned.has(gateway)) return false;
    this.#publish(gateway, word, payload, 1);
    return true;
  }

  /** The session is the broker's; what this gateway says is not listened to any more once it is out of the records. */
  disconnect(gateway: string): void {
    void this.#release([gateway]);
  }

  counters(): ReturnType<AcceptServer['counters']> {
    const { size } = this.#owned;
    return {
      ...this.#accept.counters(),
      sessions: size,
      sockets: this.#client.connected ? 1 : 0,
      refused: {},
      takeovers: this.#takeovers,
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#settling;
    // What is known to be gone is taken over at once; a worker that ends without a word is, when the broker has its will.
    if (this.#client.connected)
      await this.#client.publishAsync(presence + this.#options.worker, Buffer.alloc(0), { qos: 1, retain: true });
    await this.#client.endAsync(true);
    await this.#accept.stop();
  }

  async #enter(): Promise<void> {
    const { worker, logger } = this.#options;
    try {
      await this.#client.subscribeAsync(`${presence}+`, { qos: 1 });
      await this.#client.publishAsync(presence + worker, 'here', { qos: 1, retain: true });
    } catch (error) {
      logger.warn({ worker, error }, 'the broker does not let this worker in');
    }
  }

  /** Nothing is heard any more: when we are back we begin anew, from the cursors. */
  #left(): void {
    for (const gateway of this.#owned) this.#accept.ended(gateway);
    this.#owned.clear();
    this.#members.clear();
  }

  #hear(topic: string, payload: Buffer): void {
    if (topic.startsWith(presence)) {
      const member = topic.slice(presence.length);
      if (payload.length > 0) this.#members.add(member);
      else this.#members.delete(member);
      return this.#settleSoon();
    }
    const [, gateway = '', said] = topic.split('/');
    const word = spokenWords.find((known) => known === said);
    if (word !== undefined && this.#owned.has(gateway)) this.#take(gateway, word, payload);
  }

  /** What is not our protocol is counted and logged by `accept`; the session is not ours to end. */
  #take(gateway: string, word: SpokenWord, payload: Buffer): void {
    this.#accept.receive(gateway, word, payload);
  }

  #settleSoon(): void {
    this.#again = true;
    if (this.#settling !== null || this.#stopped) return;
    this.#settling = this.#settleAll().finally(() => {
      this.#settling = null;
      if (this.#again) this.#settleSoon();
    });
  }

  async #settleAll(): Promise<void> {
    const { logger, worker } = this.#options;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#settle();
      } catch (error) {
        logger.warn({ worker, error }, 'which gateways are ours could not be settled; looked at again soon');
      }
    }
  }

  async #settle(): Promise<void> {
    const { gateways, worker, clock } = this.#options;
    if (!this.#members.has(worker)) return;
    const known = await gateways();
    const mine = [...known.keys()].filter((gateway) => ownerOf(gateway, this.#members) === worker);
    await this.#gain(
      mine.filter((gateway) => !this.#owned.has(gateway)),
      known,
    );
    const foreign = [...this.#owned].filter((gateway) => !mine.includes(gateway));
    if (foreign.length === 0) return;
    // Whoever takes them over has to have subscribed first.
    await clock.sleep(clusterLimits.handOverMs);
    await this.#release(foreign.filter((gateway) => !known.has(gateway) || ownerOf(gateway, this.#members) !== worker));
  }

  async #gain(gained: readonly string[], known: ReadonlyMap<string, Cursor | null>): Promise<void> {
    for (let from = 0; from < gained.length; from += clusterLimits.gatewaysPerSubscribe) {
      const some = gained.slice(from, from + clusterLimits.gatewaysPerSubscribe);
      for (const gateway of some) this.#owned.add(gateway);
      await this.#client.subscribeAsync(topics(some), { qos: 1 }).catch((error: unknown) => {
        for (const gateway of some) this.#owned.delete(gateway);
        throw error;
      });
      this.#takeovers += some.length;
      // What was said while nobody listened is lost to us and still in the gateway's log.
      for (const gateway of some) {
        const cursor = known.get(gateway);
        if (cursor) this.#publish(gateway, 'cursor', JSON.stringify({ ...cursor, rewind: true }), 0);
      }
    }
  }

  async #release(gateways: readonly string[]): Promise<void> {
    const held = gateways.filter((gateway) => this.#owned.delete(gateway));
    for (const gateway of held) this.#accept.ended(gateway);
    for (let from = 0; from < held.length; from += clusterLimits.gatewaysPerSubscribe)
      await this.#client
        .unsubscribeAsync(topics(held.slice(from, from + clusterLimits.gatewaysPerSubscribe)))
        .catch((error: unknown) => this.#options.logger.warn({ error }, 'gateways of another worker are still heard'));
  }

  #renew(gateway: string, request: RenewRequest): void {
    void this.#options
      .renew?.(gateway, request)
      .then((answer) => this.#publish(gateway, 'certificate', JSON.stringify(answer), 1))
      .catch((error: unknown) => this.#options.logger.warn({ gateway, error }, 'a certificate could not be renewed'));
  }

  /** A publish that fails is followed by 'close', and the gateway asks again. */
  #publish(gateway: string, word: string, payload: string | Buffer, qos: 0 | 1): void {
    if (this.#client.connected) this.#client.publish(topicOf(gateway, word), payload, { qos }, () => undefined);
  }
}
