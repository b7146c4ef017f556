import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import { spokenWords, topicOf } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Accept } from './accept.ts';
import type { Guard } from './guard.ts';
import type { AcceptLimits } from './limits.ts';
import type { Peer } from './peer.ts';

interface BrokerOptions {
  readonly accept: Accept;
  readonly clock: Clock;
  readonly limits: AcceptLimits;
  isRevoked(serial: string, gateway: string): boolean;
  refuse(reason: string, detail: object): void;
  presence?(gateway: string, online: boolean): void;
}

export interface Broker {
  handle(guard: Guard, peer: Peer): void;
  send(gateway: string, topic: string, payload: Buffer, qos: 0 | 1): boolean;
  disconnect(gateway: string): void;
  sessions(): number;
  takeovers(): number;
  close(): Promise<void>;
}

interface Session {
  readonly peer: Peer;
  readonly client: Client;
  readonly topics: Set<string>;
}

/** aedes with every door closed that a gateway does not need; what it says goes straight to `accept`, in this process. */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const { accept, limits } = options;
  const peers = new WeakMap<Duplex, { guard: Guard; peer: Peer }>();
  const sessions = new Map<string, Session>();
  let takeovers = 0;

  const endedBy = (gateway: string, reason: string, detail: object): Error => {
    options.refuse(reason, { gateway, ...detail });
    return new Error(reason);
  };
  const sessionOf = (client: Client | null): Session | undefined => {
    const session = client === null ? undefined : sessions.get(client.id);
    return session?.client === client ? session : undefined;
  };

  const aedes = await Aedes.createBroker({
    // With aedes' default of 100 a flood whose subscriber leaves ends the process; 0 is "no limit of its own".
    concurrency: 0,
    drainTimeout: limits.drainMs,
    connectTimeout: limits.connectMs,
    keepaliveLimit: limits.keepaliveSeconds,
    maxTopicLevels: 3,
    preConnect: (client, packet, done) => {
      const known = peers.get(client.conn);
      if (known === undefined) return done(new Error('a connection that did not come through the gate'), false);
      const { gateway } = known.peer;
      const plain = packet.clientId === gateway && packet.clean === true && packet.will === undefined;
      if (!plain) return done(endedBy(gateway, 'connect', { clientId: String(packet.clientId).slice(0, 64) }), false);
      known.guard.admit(limits.packetBytesAfter);
      return done(null, true);
    },
    authenticate: (client, _username, _password, done) => {
      const known = peers.get(client.conn);
      if (known === undefined) return done(refusal('unknown'), false);
      if (sessions.has(known.peer.gateway)) takeovers += 1;
      sessions.set(known.peer.gateway, { peer: known.peer, client, topics: new Set() });
      options.presence?.(known.peer.gateway, true);
      return done(null, true);
    },
    authorizePublish: (client, packet, done) => {
      const session = sessionOf(client);
      if (session === undefined) return done(new Error('no session'));
      const { gateway, serial } = session.peer;
      if (options.isRevoked(serial, gateway)) return done(endedBy(gateway, 'revoked', {}));
      const word = wordOf(gateway, packet);
      if (word === undefined) return done(endedBy(gateway, 'topic', { topic: packet.topic.slice(0, 128) }));
      const outcome = accept.receive(gateway, word, Buffer.from(packet.payload));
      return done(outcome === 'malformed' ? endedBy(gateway, 'malformed', { word }) : null);
    },
    authorizeSubscribe: (client, subscription, done) => {
      const session = sessionOf(client);
      if (session === undefined || !mayHear(session.peer.gateway, subscription.topic)) {
        options.refuse('subscription', { gateway: client.id, topic: subscription.topic.slice(0, 128) });
        return done(null, null);
      }
      session.topics.add(subscription.topic);
      return done(null, subscription);
    },
  });

  const end = (session: Session, reason: string): void => {
    options.refuse(reason, { gateway: session.peer.gateway, serial: session.peer.serial });
    session.client.close();
  };
  // aedes hands its own errors out by events; unheard they would end the process.
  aedes.on('clientError', (client, error) => options.refuse('client', { gateway: client.id, error: error.message }));
  aedes.on('connectionError', (_client, error) => options.refuse('connection', { error: error.message }));
  (aedes as EventEmitter).on('error', (error: Error) => options.refuse('broker', { error: error.message }));
  aedes.on('clientDisconnect', (client) => {
    const session = sessionOf(client);
    if (session === undefined) return;
    sessions.delete(client.id);
    accept.ended(client.id);
    options.presence?.(client.id, false);
  });
  const sweep = every(options.clock, limits.sweepMs, () => {
    for (const session of sessions.values()) {
      const { gateway, serial, notAfter } = session.peer;
      if (options.isRevoked(serial, gateway)) end(session, 'revoked');
      else if (options.clock.now() > notAfter) end(session, 'expired');
    }
  });

  return {
    handle: (guard, peer) => {
      peers.set(guard, { guard, peer });
      aedes.handle(guard);
    },
    send: (gateway, topic, payload, qos) => {
      const session = sessions.get(gateway);
      if (session === undefined || !session.topics.has(topic)) return false;
      session.client.publish({ cmd: 'publish', topic, payload, qos, retain: false, dup: false }, () => undefined);
      return true;
    },
    disconnect: (gateway) => sessions.get(gateway)?.client.close(),
    sessions: () => sessions.size,
    takeovers: () => takeovers,
    close: async () => {
      sweep.cancel();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
}

/** The word a gateway says, where it says it on its own topic, at most once acknowledged and not retained. */
function wordOf(gateway: string, packet: PublishPacket): (typeof spokenWords)[number] | undefined {
  if (packet.qos > 1 || packet.retain) return undefined;
  return spokenWords.find((word) => packet.topic === topicOf(gateway, word));
}

/** Own topics only, no wildcard, and nothing a gateway says itself. */
function mayHear(gateway: string, topic: string): boolean {
  const prefix = topicOf(gateway, '');
  const word = topic.slice(prefix.length);
  return topic.startsWith(prefix) && /^[a-z]{1,32}$/.test(word) && !spokenWords.some((spoken) => spoken === word);
}

function refusal(message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode: 5 });
}

function every(clock: Clock, ms: number, run: () => void): Timer {
  let timer: Timer;
  const again = (): void => {
    run();
    timer = clock.after(ms, again);
  };
  timer = clock.after(ms, again);
  return { cancel: () => timer.cancel() };
}
