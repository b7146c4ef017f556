import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { Aedes, type AedesOptions, type Client, type ConnectPacket, type PublishPacket, type Subscription } from 'aedes';
import { type SpokenWord, spokenWords, topicOf } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Accept } from './accept.ts';
import type { Guard } from './guard.ts';
import type { AcceptLimits } from './limits.ts';
import type { Peer } from './peer.ts';

export interface BrokerOptions {
  readonly accept: Accept;
  readonly clock: Clock;
  readonly limits: AcceptLimits;
  readonly isRevoked: (serial: string, gateway: string) => boolean;
  readonly refuse: (reason: string, detail: object) => void;
  readonly presence?: (gateway: string, online: boolean) => void;
}

interface Session {
  readonly peer: Peer;
  readonly client: Client;
  readonly topics: Set<string>;
}

/** aedes with every door closed that a gateway does not need; what it says goes straight to `accept`, in this process. */
export class GatewayBroker {
  readonly #options: BrokerOptions;
  readonly #peers = new WeakMap<Duplex, { readonly guard: Guard; readonly peer: Peer }>();
  readonly #sessions = new Map<string, Session>();
  #aedes: Aedes | undefined;
  #sweep: Timer | undefined;
  takeovers = 0;

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  async open(): Promise<void> {
    const aedes = await Aedes.createBroker(this.#doors());
    // aedes hands its own errors out by events; unheard they would end the process.
    const events: EventEmitter = aedes;
    events.on('clientError', (client: Client, error: Error) => this.#refuse('client', client.id, { error: error.message }));
    events.on('connectionError', (_client: Client, error: Error) => this.#refuse('connection', '', { error: error.message }));
    events.on('error', (error: Error) => this.#refuse('broker', '', { error: error.message }));
    events.on('clientDisconnect', (client: Client) => this.#ended(client));
    this.#aedes = aedes;
    this.#sweepLater();
  }

  /** A connection whose other end has shown who it is. */
  handle(guard: Guard, peer: Peer): void {
    this.#peers.set(guard, { guard, peer });
    this.#aedes?.handle(guard);
  }

  /** False where the gateway is not connected or did not subscribe to the topic. */
  send(gateway: string, topic: string, payload: Buffer, qos: 0 | 1): boolean {
    const session = this.#sessions.get(gateway);
    if (session === undefined || !session.topics.has(topic)) return false;
    session.client.publish({ cmd: 'publish', topic, payload, qos, retain: false, dup: false }, () => undefined);
    return true;
  }

  disconnect(gateway: string): void {
    this.#sessions.get(gateway)?.client.close();
  }

  async close(): Promise<void> {
    this.#sweep?.cancel();
    await new Promise<void>((resolve) => (this.#aedes === undefined ? resolve() : this.#aedes.close(() => resolve())));
  }

  #doors(): AedesOptions {
    const { limits } = this.#options;
    return {
      // With aedes' default of 100 a flood whose subscriber leaves ends the process; 0 is "no limit of its own".
      concurrency: 0,
      drainTimeout: limits.drainMs,
      connectTimeout: limits.connectMs,
      keepaliveLimit: limits.keepaliveSeconds,
      maxTopicLevels: 3,
      preConnect: (client, packet, done) => {
        const error = this.#mayConnect(client, packet);
        done(error, error === null);
      },
      authenticate: (client, _username, _password, done) => done(null, this.#begin(client)),
      authorizePublish: (client, packet, done) => done(this.#hear(client, packet)),
      authorizeSubscribe: (client, subscription, done) => done(null, this.#mayHear(client, subscription)),
    };
  }

  /** The client id is the certificate's gateway; sessions are clean, so the broker keeps nothing; no last will. */
  #mayConnect(client: Client, packet: ConnectPacket): Error | null {
    const known = this.#peers.get(client.conn);
    if (known === undefined) return new Error('a connection that did not come through the gate');
    const plain = packet.clientId === known.peer.gateway && packet.clean === true && packet.will === undefined;
    if (!plain) return this.#refuse('connect', known.peer.gateway, { clientId: packet.clientId.slice(0, 64) });
    known.guard.admit(this.#options.limits.packetBytesAfter);
    return null;
  }

  /** One live session per gateway: aedes ends the older one of the same client id. */
  #begin(client: Client): boolean {
    const peer = this.#peers.get(client.conn)?.peer;
    if (peer === undefined) return false;
    if (this.#options.isRevoked(peer.serial, peer.gateway)) {
      // Told by CONNACK 5, "not authorized" (MQTT 3.1.1 §3.2.2.3), so that the gateway can say why.
      this.#refuse('revoked', peer.gateway, { serial: peer.serial });
      return false;
    }
    if (this.#sessions.has(peer.gateway)) this.takeovers += 1;
    this.#sessions.set(peer.gateway, { peer, client, topics: new Set() });
    this.#options.presence?.(peer.gateway, true);
    return true;
  }

  #hear(client: Client | null, packet: PublishPacket): Error | null {
    const session = this.#sessionOf(client);
    if (session === undefined) return new Error('no session');
    const { gateway, serial } = session.peer;
    if (this.#options.isRevoked(serial, gateway)) return this.#refuse('revoked', gateway, { serial });
    const word = wordOf(gateway, packet);
    if (word === undefined) return this.#refuse('topic', gateway, { topic: packet.topic.slice(0, 128) });
    // The parser's buffer is a window on a whole socket read; a copy lets that go.
    const outcome = this.#options.accept.receive(gateway, word, Buffer.from(packet.payload));
    return outcome === 'malformed' ? this.#refuse('malformed', gateway, { word }) : null;
  }

  #mayHear(client: Client, subscription: Subscription): Subscription | null {
    const session = this.#sessionOf(client);
    if (session === undefined || !isOwn(session.peer.gateway, subscription.topic)) {
      this.#refuse('subscription', client.id, { topic: subscription.topic.slice(0, 128) });
      return null;
    }
    session.topics.add(subscription.topic);
    return subscription;
  }

  #ended(client: Client): void {
    if (this.#sessionOf(client) === undefined) return;
    this.#sessions.delete(client.id);
    this.#options.accept.ended(client.id);
    this.#options.presence?.(client.id, false);
  }

  #sessionOf(client: Client | null): Session | undefined {
    const session = client === null ? undefined : this.#sessions.get(client.id);
    return session?.client === client ? session : undefined;
  }

  #sweepLater(): void {
    const { clock, limits } = this.#options;
    this.#sweep = clock.after(limits.sweepMs, () => {
      for (const session of this.#sessions.values()) this.#endIfOver(session);
      this.#sweepLater();
    });
  }

  #endIfOver({ peer, client }: Session): void {
    const { clock, isRevoked } = this.#options;
    const reason = isRevoked(peer.serial, peer.gateway) ? 'revoked' : clock.now() > peer.notAfter ? 'expired' : undefined;
    if (reason === undefined) return;
    this.#refuse(reason, peer.gateway, { serial: peer.serial });
    client.close();
  }

  #refuse(reason: string, gateway: string, detail: object): Error {
    this.#options.refuse(reason, { gateway, ...detail });
    return new Error(reason);
  }
}

/** The word a gateway says, where it says it on its own topic, at most once acknowledged and not retained. */
function wordOf(gateway: string, packet: PublishPacket): SpokenWord | undefined {
  if (packet.qos > 1 || packet.retain) return undefined;
  return spokenWords.find((word) => packet.topic === topicOf(gateway, word));
}

/** Own topics only, no wildcard, and nothing a gateway says itself. */
function isOwn(gateway: string, topic: string): boolean {
  const prefix = topicOf(gateway, '');
  const word = topic.slice(prefix.length);
  return topic.startsWith(prefix) && /^[a-z]{1,32}$/.test(word) && !spokenWords.some((spoken) => spoken === word);
}
