import { resolve } from 'node:path';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Timer } from '../../clock.ts';
import type { DriverContext, PortState, RunningPort } from '../driver.ts';
import type { MqttAddress } from './address.ts';
import { topicFault } from './admission.ts';
import { Intake } from './intake.ts';
import { limits } from './limits.ts';
import type { ForeignBroker } from './port.ts';
import { TopicIndex } from './topics.ts';

type Sentence = { zh: string; en: string };
type Release = (error?: Error) => void;

/** Handed to the client so that it goes on without a PUBACK; ours follows when the message is on disk. */
const ackLater = new Error('acked when it is on disk');

/**
 * A broker that is there. We keep a session on it (`clean: false`, one client id for ever), so that it keeps what
 * devices say while we are away, and ack a message when it is on disk. The client is thrown away at the first doubt:
 * mqtt.js stays "connected" and deaf after a parser error, and its own reconnect resends one message per round trip.
 */
export class ForeignPort implements RunningPort {
  readonly #context: DriverContext<ForeignBroker, MqttAddress>;
  readonly #intake: Intake;
  readonly #index: TopicIndex;
  #client: MqttClient | null = null;
  #retry: Timer | null = null;
  #watch: Timer | null = null;
  #waitMs: number = limits.restartFirstMs;
  #heardMono = 0;
  #stopped = false;
  /** Messages whose turn waits because too many are on their way to disk. */
  #waiting: (() => void)[] = [];

  constructor(context: DriverContext<ForeignBroker, MqttAddress>) {
    this.#context = context;
    this.#intake = new Intake(context);
    this.#index = new TopicIndex(context.devices);
  }

  start(): Promise<this> {
    this.#connect();
    return Promise.resolve(this);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.cancel();
    const client = this.#client;
    this.#client = null;
    await this.#letGo(client);
    await this.#intake.settled();
    this.#intake.wire('down', { zh: '端口已停止', en: 'The port was stopped' });
  }

  state(): PortState {
    return this.#intake.state();
  }

  counters(): Readonly<Record<string, number>> {
    return this.#intake.counters.read();
  }

  #connect(): void {
    if (this.#stopped) return;
    this.#intake.wire('connecting');
    let client: MqttClient;
    try {
      client = mqtt.connect(this.#context.port.connect, this.#options());
    } catch (error) {
      return this.#fail(error as Error);
    }
    this.#client = client;
    client.handleMessage = (packet, release) => this.#heard(client, packet, release);
    client.on('packetreceive', () => (this.#heardMono = this.#context.clock.mono()));
    client.on('connect', () => this.#connected(client));
    client.on('error', (error) => this.#lost(client, error));
    client.on('close', () => this.#lost(client, new Error('connection closed')));
  }

  #options(): IClientOptions {
    const { port, id, folder = '.' } = this.#context;
    return {
      protocolVersion: 4,
      clientId: port.clientId ?? stableClientId(id),
      clean: false,
      keepalive: limits.keepaliveOutSeconds,
      connectTimeout: limits.connectOutTimeoutMs,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      ...(port.username !== undefined && { username: port.username }),
      ...(port.passwordFile !== undefined && { password: readFileSync(resolve(folder, port.passwordFile), 'utf8').trimEnd() }),
      ...(port.ca !== undefined && { ca: readFileSync(resolve(folder, port.ca)) }),
    };
  }

  #connected(client: MqttClient): void {
    this.#watchFor(client);
    const wanted = Object.fromEntries([...this.#index.filters].map(([filter, qos]) => [filter, { qos }]));
    if (this.#index.filters.size === 0) return this.#up();
    client.subscribe(wanted, (error, granted) => {
      if (client !== this.#client) return;
      const denied = granted?.find(({ qos }) => (qos as number) === 128);
      if (denied) return this.#lost(client, new Error(`subscription to ${denied.topic} was denied`));
      if (error) return this.#lost(client, error);
      this.#up();
    });
  }

  #up(): void {
    this.#waitMs = limits.restartFirstMs;
    this.#intake.wire('up');
  }

  /** Deaf: not even an answer to our pings has come. */
  #watchFor(client: MqttClient): void {
    const silentMs = limits.keepaliveOutSeconds * 2_500;
    this.#watch?.cancel();
    this.#watch = this.#context.clock.after(silentMs / 5, () => {
      if (client !== this.#client) return;
      if (this.#context.clock.mono() - this.#heardMono > silentMs) return this.#lost(client, new Error('the broker is silent'));
      this.#watchFor(client);
    });
  }

  /**
   * mqtt.js hands over one message after the other and acks each before the next, which would make every message wait
   * for a commit of its own. So it is released at once and the PUBACK is ours, many of them after one commit.
   */
  #heard(client: MqttClient, packet: IPublishPacket, release: Release): void {
    const { stream } = client;
    void this.#keep(packet).then(
      () => {
        if (packet.qos === 1 && client === this.#client && !stream.destroyed) stream.write(puback(packet.messageId as number));
        this.#nextWaiting();
      },
      (error: Error) => {
        this.#nextWaiting();
        // Only a new connection makes the broker send it again.
        if (packet.qos === 1) this.#lost(client, error);
        else this.#intake.counters.add('messages_lost_qos0');
      },
    );
    const go = () => release(ackLater);
    if (this.#intake.inFlight < limits.inFlight) go();
    else this.#waiting.push(go);
  }

  #nextWaiting(): void {
    if (this.#intake.inFlight < limits.inFlight) this.#waiting.shift()?.();
  }

  async #keep(packet: IPublishPacket): Promise<void> {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const fault = topicFault(packet.topic);
    if (fault) return this.#intake.refuse('topics_malformed', packet.topic, fault);
    if (payload.length > limits.packetBytes) return this.#intake.refuse('guard_closed', packet.topic, 'message too large');
    const targets = this.#index.find(packet.topic);
    if (targets.length === 0) return this.#intake.refuse('topics_unknown', packet.topic, 'no device of this port has this topic');
    // On a delivery the flag says that this was there before we subscribed (MQTT 3.1.1 §3.3.1.3).
    await this.#intake.take(targets, packet.topic, payload, packet.retain);
  }

  #lost(client: MqttClient, error: Error): void {
    if (client !== this.#client || this.#stopped) return;
    this.#client = null;
    this.#waiting = [];
    this.#intake.counters.add('restarts');
    void this.#letGo(client);
    this.#fail(error);
  }

  #fail(error: Error): void {
    this.#context.log.warn({ err: error, port: this.#context.id }, 'mqtt broker lost');
    this.#intake.wire('down', reasonOf(error, this.#context.port.connect));
    this.#retry = this.#context.clock.after(this.#waitMs, () => this.#connect());
    this.#waitMs = Math.min(this.#waitMs * 2, limits.restartLastMs);
  }

  async #letGo(client: MqttClient | null): Promise<void> {
    this.#watch?.cancel();
    if (!client) return;
    await client.endAsync(true);
  }
}

/** PUBACK, MQTT 3.1.1 §3.4. */
function puback(messageId: number): Buffer {
  return Buffer.from([0x40, 0x02, messageId >> 8, messageId & 0xff]);
}

/** The same on every start, and another on every machine: two clients of one id would push each other out. */
function stableClientId(port: string): string {
  return `yihu-${createHash('sha256').update(`${hostname()}\n${port}`).digest('hex').slice(0, 16)}`;
}

function reasonOf(error: Error, url: string): Sentence {
  // mqtt.js puts CONNACK's number where Node has a word.
  const { code } = error as { code?: unknown };
  const detail = typeof code === 'string' ? code : error.message;
  return {
    zh: `与 ${url} 的连接中断（${detail}），正在自动重连；请检查该服务器、地址与账号`,
    en: `No connection to ${url} (${detail}); trying again by itself. Check that broker, its address and the login.`,
  };
}
