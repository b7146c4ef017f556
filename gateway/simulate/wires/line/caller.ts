import { connect, type Socket } from 'node:net';
import type { Clock, Timer } from '../../../clock.ts';
import type { Endpoint } from '../../place.ts';
import type { OpenWire } from '../../wire.ts';
import type { SimulatedBus } from './bus.ts';

interface Parts {
  readonly at: Endpoint;
  /** 注册包: what the unit says first. */
  readonly registration: Uint8Array;
  readonly heartbeat: Uint8Array | undefined;
  readonly bus: SimulatedBus;
  readonly clock: Clock;
}

const retryMs = 1_000;
const heartbeatMs = 10_000;

/** A 4G unit (DTU): it dials in, says who it is, and passes the bytes of its line on. */
export class LineCaller implements OpenWire {
  readonly #parts: Parts;
  #socket: Socket | null = null;
  #timer: Timer | null = null;
  #isStopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): Promise<void> {
    this.#dial();
    return Promise.resolve();
  }

  failed(): void {
    if (this.#parts.bus.isUnplugged) this.#socket?.destroy();
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#socket?.destroy();
    return Promise.resolve();
  }

  /** Again and again, whether nobody answers or the connection breaks; not while the wire is out. */
  #dial(): void {
    const { at, registration, bus, clock } = this.#parts;
    if (this.#isStopped) return;
    if (bus.isUnplugged) return void (this.#timer = clock.after(retryMs, () => this.#dial()));
    const socket = connect(at);
    this.#socket = socket;
    bus.reset();
    socket.on('connect', () => {
      socket.write(registration);
      this.#beat(socket);
    });
    socket.on('data', (chunk: Buffer) => bus.hear(chunk, (bytes) => void (socket.destroyed || socket.write(bytes))));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#timer?.cancel();
      if (!this.#isStopped) this.#timer = clock.after(retryMs, () => this.#dial());
    });
  }

  #beat(socket: Socket): void {
    const { heartbeat, clock } = this.#parts;
    if (heartbeat === undefined) return;
    this.#timer = clock.after(heartbeatMs, () => {
      socket.write(heartbeat);
      this.#beat(socket);
    });
  }
}
