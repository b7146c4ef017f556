import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { topicOf } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { Clock } from '../clock.ts';
import { type Accept, type AcceptCounters, type AcceptLogger, type AcceptOptions, createAccept } from './accept.ts';
import { type Broker, openBroker } from './broker.ts';
import { Guard } from './guard.ts';
import type { Ingest } from './ingest.ts';
import { type AcceptLimits, acceptLimits } from './limits.ts';
import { type Peer, peerOf } from './peer.ts';

export interface ListenerOptions extends Pick<AcceptOptions, 'poison' | 'forked'> {
  /** PEM: the listener's key and certificate, and the authority that signs gateways. */
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string };
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly logger: AcceptLogger;
  readonly host: string;
  /** 0 takes a free port; see `address()`. */
  readonly port: number;
  /** Asked at every connect and every message, so it must answer from memory. Serial: lower-case hex, no leading zeros. */
  isRevoked(serial: string, gateway: string): boolean;
  /** A gateway's session began or ended. */
  presence?(gateway: string, online: boolean): void;
  readonly limits?: Partial<AcceptLimits>;
}

export interface ListenerCounters extends AcceptCounters {
  readonly sessions: number;
  readonly sockets: number;
  /** Sockets ended because of who they are or what they did, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  readonly takeovers: number;
}

export interface AcceptServer {
  address(): AddressInfo;
  /** False where the gateway is not connected or does not listen on this topic word; nothing is kept for later. */
  send(gateway: string, word: string, payload: string | Buffer): boolean;
  /** Ends the gateway's session if it has one. */
  disconnect(gateway: string): void;
  counters(): ListenerCounters;
  stop(): Promise<void>;
}

/** The cloud's own MQTT listener: TLS 1.3, a gateway is who its certificate says, and nothing else speaks. */
export async function startAccept(options: ListenerOptions): Promise<AcceptServer> {
  const limits: AcceptLimits = { ...acceptLimits, ...options.limits };
  const refused: Record<string, number> = {};
  const refuse = (reason: string, detail: object): void => {
    refused[reason] = (refused[reason] ?? 0) + 1;
    options.logger.warn({ reason, ...detail }, 'refused a peer');
  };
  const accept: Accept = createAccept({
    ...options,
    limits,
    reply: (gateway, cursor) => broker.send(gateway, topicOf(gateway, 'cursor'), Buffer.from(JSON.stringify(cursor)), 0),
  });
  const broker: Broker = await openBroker({ ...options, accept, limits, refuse });
  const gate = openGate(options, limits, refuse, (guard, peer) => broker.handle(guard, peer));
  await listen(gate.server, options);
  return {
    address: () => gate.server.address() as AddressInfo,
    send: (gateway, word, payload) => broker.send(gateway, topicOf(gateway, word), Buffer.from(payload), 1),
    disconnect: (gateway) => broker.disconnect(gateway),
    counters: () => ({
      ...accept.counters(),
      sessions: broker.sessions(),
      sockets: gate.sockets.size,
      refused: { ...refused },
      takeovers: broker.takeovers(),
    }),
    stop: async () => {
      const closed = new Promise((resolve) => gate.server.close(resolve));
      for (const socket of gate.sockets) socket.destroy();
      await Promise.all([closed, broker.close()]);
      await accept.stop();
    },
  };
}

interface Gate {
  readonly server: Server;
  readonly sockets: ReadonlySet<Socket>;
}

/** Everything before MQTT: how many may knock, the handshake, and who it is. */
function openGate(
  options: { readonly tls: ListenerOptions['tls']; readonly clock: Clock; isRevoked(serial: string, gateway: string): boolean },
  limits: AcceptLimits,
  refuse: (reason: string, detail: object) => void,
  admit: (guard: Guard, peer: Peer) => void,
): Gate {
  const sockets = new Set<Socket>();
  const server = createServer({
    ...options.tls,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
    handshakeTimeout: limits.handshakeMs,
  });
  server.on('connection', (socket: Socket) => {
    const from = socket.remoteAddress;
    const same = [...sockets].filter((other) => other.remoteAddress === from).length;
    if (sockets.size >= limits.sockets || same >= limits.socketsPerAddress) {
      refuse('too-many-connections', { from });
      return void socket.destroy();
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (error, socket) => refuse('handshake', { from: socket.remoteAddress, error: error.message }));
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', (error) => refuse('socket', { error: error.message }));
    try {
      const peer = peerOf(socket, options.clock.now());
      if (options.isRevoked(peer.serial, peer.gateway)) throw new Error('the certificate is revoked');
      socket.setNoDelay(true);
      admit(new Guard(socket, limits.packetBytesBefore), peer);
    } catch (error) {
      refuse('certificate', { from: socket.remoteAddress, error: error instanceof Error ? error.message : String(error) });
      socket.destroy();
    }
  });
  return { server, sockets };
}

function listen(server: Server, options: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
