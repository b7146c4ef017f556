import type { AddressInfo } from 'node:net';
import type { RenewAnswer, RenewRequest } from '@yihu/device-profiles/vocabulary/claim.ts';
import { topicOf } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { Clock } from '../clock.ts';
import { type Accept, type AcceptCounters, type AcceptLogger, type AcceptOptions, createAccept } from './accept.ts';
import { GatewayBroker } from './broker.ts';
import { Gate, type GateOptions } from './gate.ts';
import type { Ingest, PictureIngest } from './ingest.ts';
import { type AcceptLimits, acceptLimits } from './limits.ts';

export interface ListenerOptions extends Pick<AcceptOptions, 'poison' | 'forked' | 'site'> {
  readonly tls: GateOptions['tls'];
  readonly ingest: Ingest;
  readonly pictures?: PictureIngest | undefined;
  readonly clock: Clock;
  readonly logger: AcceptLogger;
  readonly host: string;
  /** 0 takes a free port; see `address()`. */
  readonly port: number;
  /** Asked at every connect and every message, so it must answer from memory. Serial: lower-case hex, no leading zeros. */
  readonly isRevoked: (serial: string, gateway: string) => boolean;
  /** 换证 for whoever shows a certificate that is still valid. Never rejects for a request that is wrong: that is an answer. */
  readonly renew?: (gateway: string, request: RenewRequest) => Promise<RenewAnswer>;
  /** A gateway's session began or ended. */
  readonly presence?: (gateway: string, online: boolean) => void;
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
  const renew = (gateway: string, request: RenewRequest): void =>
    void options
      .renew?.(gateway, request)
      .then((answer) => broker.send(gateway, topicOf(gateway, 'certificate'), Buffer.from(JSON.stringify(answer)), 1))
      .catch((error: unknown) => options.logger.warn({ gateway, error }, 'a certificate could not be renewed'));
  const accept: Accept = createAccept({
    ...options,
    limits,
    renew: options.renew && renew,
    reply: (gateway, cursor) => broker.send(gateway, topicOf(gateway, 'cursor'), Buffer.from(JSON.stringify(cursor)), 0),
    pictures: options.pictures && {
      ingest: options.pictures,
      tell: (gateway, word) => broker.send(gateway, topicOf(gateway, 'kept'), Buffer.from(JSON.stringify(word)), 0),
    },
  });
  const broker = new GatewayBroker({ ...options, accept, limits, refuse });
  await broker.open();
  const gate = new Gate({ ...options, limits, refuse, admit: (guard, peer) => broker.handle(guard, peer) });
  await gate.listen(options.host, options.port).catch(async (error: unknown) => {
    // A port that is taken must not leave a broker that keeps the process alive.
    await broker.close();
    await accept.stop();
    throw error;
  });
  return serverOf({ gate, broker, accept, refused });
}

interface Parts {
  readonly gate: Gate;
  readonly broker: GatewayBroker;
  readonly accept: Accept;
  readonly refused: Readonly<Record<string, number>>;
}

function serverOf({ gate, broker, accept, refused }: Parts): AcceptServer {
  return {
    address: () => gate.address(),
    send: (gateway, word, payload) => broker.send(gateway, topicOf(gateway, word), Buffer.from(payload), 1),
    disconnect: (gateway) => broker.disconnect(gateway),
    counters: () => ({
      ...accept.counters(),
      sessions: broker.sessions,
      sockets: gate.sockets,
      refused: { ...refused },
      takeovers: broker.takeovers,
    }),
    stop: async () => {
      await Promise.all([gate.close(), broker.close()]);
      await accept.stop();
    },
  };
}
