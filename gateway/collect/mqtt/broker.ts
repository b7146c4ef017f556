import { Aedes, type Client } from 'aedes';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock, Timer } from '../../clock.ts';
import { listenOn } from '../listen.ts';
import { type Account, admit, mayHear, maySubscribe, type Speaker } from './admission.ts';
import { Doorkeeper, refusal } from './doorkeeper.ts';
import { GuardedConnection } from './guarded-connection.ts';
import { HeaderGuard, LargePacketBudget } from './header-guard.ts';
import type { Intake } from './intake.ts';
import { limits } from './limits.ts';
import type { TopicIndex } from './topics.ts';

export interface BrokerSettings {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** undefined: no login is asked for. */
  readonly login?: { readonly key: Buffer; readonly accounts: ReadonlyMap<string, Account> };
  /** Every device of the port. */
  readonly everyone: Speaker;
}

export interface BrokerParts {
  readonly settings: BrokerSettings;
  readonly index: TopicIndex;
  readonly intake: Intake;
  readonly clock: Clock;
  /** The broker is not to be trusted any more: let go of it and make a new one. */
  onDeath(error: Error): void;
}

/**
 * One life of the gateway's own broker: aedes 1.2 with armour. Every message of a device goes to disk inside
 * `authorizePublish`, the only hook that aedes waits for before it sends PUBACK.
 */
export class Broker {
  readonly #parts: BrokerParts;
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #budget = new LargePacketBudget();
  readonly #connections = new Map<GuardedConnection, string>();
  readonly #perAddress = new Map<string, number>();
  readonly #doorkeeper: Doorkeeper;
  /** Clients with a message that could not be kept: until they are closed, nothing of theirs may overtake it. */
  readonly #heldBack = new WeakSet<Client>();
  #sweep: Timer | null = null;
  #closing = false;

  constructor(parts: BrokerParts) {
    this.#parts = parts;
    this.#doorkeeper = new Doorkeeper(parts.settings, parts.intake, parts.clock);
    this.#aedes = this.#makeAedes();
    this.#server = createServer((socket) => this.serve(socket));
    this.#server.on('error', (error) => parts.onDeath(error));
  }

  /** Resolves with the port that is listened on; rejects when it cannot be. */
  async open(): Promise<number> {
    await this.#aedes.listen();
    const port = await listenOn(this.#server, this.#parts.settings);
    this.#watchFrozen();
    return port;
  }

  /** No device is heard any more, no last will either: that we go says nothing about the devices. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#sweep?.cancel();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections.keys()) connection.destroy();
    if (!this.#aedes.closed) await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
    await closed;
  }

  #makeAedes(): Aedes {
    const aedes = new Aedes({
      // With a queue in front of subscribers the process dies when one leaves in a flood.
      concurrency: 0,
      drainTimeout: limits.drainTimeoutMs,
      connectTimeout: limits.connectTimeoutMs,
      keepaliveLimit: limits.keepaliveSeconds,
      queueLimit: limits.queuedPackets,
      maxClientsIdLength: 64,
      maxTopicLevels: limits.topicLevels,
      preConnect: (client, packet, done) => this.#doorkeeper.announce(client, packet, done),
      authenticate: (client, username, password, done) => this.#doorkeeper.ask(client, username, password, done),
      authorizePublish: (client, packet, done) => this.#publish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => done(null, this.#subscribe(client, subscription)),
      authorizeForward: (client, packet) => {
        const speaker = this.#doorkeeper.speaker(client);
        return speaker && mayHear(speaker, packet.topic) ? packet : null;
      },
    });
    aedes.on('connackSent', (packet, client) => {
      if (packet.returnCode === 0) (client.conn as GuardedConnection).accept();
    });
    aedes.on('error' as 'closed', ((error: Error) => this.#parts.onDeath(error)) as () => void);
    return aedes;
  }

  /** Takes a device's socket, if there is room for it. */
  serve(socket: Socket): void {
    const { settings, intake, clock } = this.#parts;
    const address = socket.remoteAddress ?? '';
    const ofAddress = this.#perAddress.get(address) ?? 0;
    if (this.#closing || this.#connections.size >= settings.connections || ofAddress >= settings.connectionsPerAddress) {
      intake.refuse('connections_refused', address, 'too many connections');
      socket.on('error', () => socket.destroy());
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    this.#perAddress.set(address, ofAddress + 1);
    const guard = new HeaderGuard(this.#budget);
    const connection = new GuardedConnection(
      socket,
      guard,
      () => clock.mono(),
      (fault) => intake.refuse('guard_closed', address, fault),
    );
    this.#connections.set(connection, address);
    intake.counters.set('connections', this.#connections.size);
    connection.once('close', () => this.#disconnected(connection, address));
    this.#aedes.handle(connection);
  }

  #watchFrozen(): void {
    this.#sweep = this.#parts.clock.after(limits.drainTimeoutMs / 2, () => {
      for (const connection of this.#connections.keys()) connection.closeIfFrozen(limits.drainTimeoutMs);
      this.#watchFrozen();
    });
  }

  #disconnected(connection: GuardedConnection, address: string): void {
    this.#connections.delete(connection);
    this.#parts.intake.counters.set('connections', this.#connections.size);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }

  /** Also called by aedes for a last will, when its connection is already gone. */
  #publish(client: Client | null, packet: Message, done: (error?: Error | null) => void): void {
    const speaker = client && this.#doorkeeper.speaker(client);
    if (this.#closing || !speaker) return done(refusal(5, 'not now'));
    const { intake, index } = this.#parts;
    if (packet.retain) {
      // Nothing of a device is kept by the broker: what is kept is kept by the log.
      packet.retain = false;
      intake.counters.add('retained_ignored');
    }
    const admission = admit(index, speaker, packet);
    if (admission.verdict === 'take') return void this.#keep(client, admission.targets, packet, done);
    intake.refuse(admission.counter, packet.topic, admission.why);
    done(admission.verdict === 'drop' ? null : refusal(5, admission.why));
  }

  async #keep(
    client: Client,
    targets: Parameters<Intake['take']>[0],
    packet: Message,
    done: (error?: Error | null) => void,
  ): Promise<void> {
    const { intake, clock } = this.#parts;
    try {
      if (this.#heldBack.has(client)) throw new Error('an earlier message of this device could not be kept');
      await intake.take(targets, packet.topic, bytesOf(packet.payload));
    } catch (error) {
      if (packet.qos > 0) {
        // The device sends it and all that followed again, in order (MQTT 3.1.1 §4.6); what followed must not go in front.
        this.#heldBack.add(client);
        return void clock.after(limits.rejectBrakeMs, () => done(error as Error));
      }
      // Nobody will send it again; closing would only cost the device its connection too.
      intake.counters.add('messages_lost_qos0');
    }
    done(null);
  }

  #subscribe<S extends { topic: string; qos: number }>(client: Client, subscription: S): S | null {
    const speaker = this.#doorkeeper.speaker(client);
    if (speaker && maySubscribe(speaker, subscription.topic, subscription.qos)) return subscription;
    this.#parts.intake.refuse('subscriptions_refused', subscription.topic, 'a device may subscribe to its own commands only');
    return null;
  }
}

interface Message {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: number;
  retain: boolean;
}

function bytesOf(payload: string | Buffer): Uint8Array {
  return typeof payload === 'string' ? Buffer.from(payload) : payload;
}
