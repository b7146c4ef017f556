import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import { listenOn } from '../listen.ts';
import type { Intake } from './intake.ts';
import { limits } from './limits.ts';

export interface ListenerSettings {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** For a head, and for the whole request. */
  readonly headMs?: number;
  readonly requestMs?: number;
  /** PEM. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
}

export interface ListenerParts {
  readonly settings: ListenerSettings;
  readonly intake: Intake;
  readonly clock: Clock;
  /** Answers a request. A rejection ends its connection. */
  serve(request: IncomingMessage, response: ServerResponse, remote: string): Promise<void>;
  onDeath(error: Error): void;
}

/** The door: how many may stand in it, how long they may take, and how much they may say before anybody listens. */
export class Listener {
  readonly #parts: ListenerParts;
  readonly #server: Server;
  readonly #perAddress = new Map<string, number>();
  readonly #sockets = new Set<Socket>();

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    const options = {
      maxHeaderSize: limits.headBytes,
      headersTimeout: parts.settings.headMs ?? limits.headMs,
      requestTimeout: parts.settings.requestMs ?? limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      // How often Node looks for requests that take too long.
      connectionsCheckingInterval: 1_000,
      // Old devices leave the host out.
      requireHostHeader: false,
      noDelay: true,
    };
    const { tls } = parts.settings;
    this.#server = tls ? createTlsServer({ ...options, ...tls, minVersion: 'TLSv1.2' }) : createServer(options);
    this.#server.maxHeadersCount = limits.headers;
    this.#server.maxRequestsPerSocket = limits.requestsPerConnection;
    this.#server.on('connection', (socket: Socket) => this.#admit(socket));
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#request(request, response));
    this.#server.on('clientError', (error: Error, socket: Socket) => this.#broken(error, socket));
    this.#server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
    this.#server.on('error', (error) => parts.onDeath(error));
  }

  /** Resolves with the port that is listened on; rejects when it cannot be. */
  open(): Promise<number> {
    return listenOn(this.#server, this.#parts.settings);
  }

  /** Lets go of every connection; what is not answered yet is sent again by its device. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #admit(socket: Socket): void {
    const { settings, intake } = this.#parts;
    const address = plainAddress(socket.remoteAddress);
    const ofAddress = this.#perAddress.get(address) ?? 0;
    if (this.#sockets.size >= settings.connections || ofAddress >= settings.connectionsPerAddress) {
      intake.refuse('connections_refused', address, 'too many connections');
      socket.on('error', () => socket.destroy());
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    this.#perAddress.set(address, ofAddress + 1);
    intake.counters.set('connections', this.#sockets.size);
    socket.once('close', () => this.#left(socket, address));
  }

  #left(socket: Socket, address: string): void {
    this.#sockets.delete(socket);
    this.#parts.intake.counters.set('connections', this.#sockets.size);
    const rest = (this.#perAddress.get(address) ?? 1) - 1;
    if (rest > 0) this.#perAddress.set(address, rest);
    else this.#perAddress.delete(address);
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const remote = plainAddress(request.socket.remoteAddress);
    response.on('error', () => request.destroy());
    this.#parts.serve(request, response, remote).catch((error: unknown) => {
      // The device went away in the middle: it has had no answer and knows it.
      if (!request.destroyed && !response.destroyed) this.#parts.onDeath(error as Error);
      request.destroy();
    });
  }

  /** Bytes that are no HTTP, a head too long, or a request too slow. */
  #broken(error: Error, socket: Socket): void {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ECONNRESET' || code === 'EPIPE') return void socket.destroy();
    this.#parts.intake.refuse(
      'requests_refused',
      plainAddress(socket.remoteAddress),
      `no HTTP request (${code ?? error.message})`,
    );
    // Not only our half: who is closed for being slow would keep the other one open.
    if (socket.writable) socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    socket.destroySoon();
  }
}

/** IPv4 as IPv4, also where the socket is one of IPv6. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}
