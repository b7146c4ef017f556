import { createServer, type Server, type Socket } from 'node:net';
import { cannotListen, type Endpoint } from '../../place.ts';
import type { OpenWire } from '../../wire.ts';
import type { SimulatedBus } from './bus.ts';

/** A serial server: the bytes of the line as they are, over TCP. */
export class LineServer implements OpenWire {
  readonly #at: Endpoint;
  readonly #bus: SimulatedBus;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(at: Endpoint, bus: SimulatedBus) {
    this.#at = at;
    this.#bus = bus;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => reject(cannotListen(this.#at, error)));
      this.#server.listen(this.#at, resolve);
    });
  }

  failed(): void {
    if (this.#bus.isUnplugged) for (const socket of this.#sockets) socket.destroy();
  }

  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    if (this.#bus.isUnplugged) return void socket.destroy();
    this.#sockets.add(socket);
    this.#bus.reset();
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) =>
      this.#bus.hear(chunk, (bytes) => {
        if (!socket.destroyed) socket.write(bytes);
      }),
    );
  }
}
