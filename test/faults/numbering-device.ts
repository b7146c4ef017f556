import { connect, type Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';
import { systemClock } from '../../gateway/clock.ts';

export interface NumberingOptions {
  readonly port: number;
  readonly identity: string;
  readonly secret: string;
  /** Messages under way without an ack, at most. */
  readonly window: number;
  /** Pause after each ack, so that the load has a measure. */
  readonly pauseMs: number;
  readonly message: (n: number) => { topic: string; payload: object };
}

/**
 * A device that numbers its messages, sends each at QoS 1 over a real socket and, like every device that takes QoS 1 at its
 * word, sends it again until it is acknowledged (MQTT 3.1.1 §4.4). It knows what was acked and how often each was sent.
 */
export class NumberingDevice {
  readonly acked = new Set<number>();
  /** Number → times handed to a socket. */
  readonly sends = new Map<number, number>();
  readonly #options: NumberingOptions;
  readonly #waiting: number[] = [];
  #socket: Socket | null = null;
  #next = 1;
  #last = Number.POSITIVE_INFINITY;
  #stopped = false;
  #idle: (() => void) | null = null;

  constructor(options: NumberingOptions) {
    this.#options = options;
    this.#connect();
  }

  /** No new numbers; resolves when all that were sent are acked. */
  finish(): Promise<void> {
    this.#last = this.#next - 1;
    return new Promise((done) => {
      this.#idle = done;
      this.#settle();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.destroy();
  }

  #connect(): void {
    const { port, identity, secret } = this.#options;
    const socket = connect(port, '127.0.0.1');
    this.#socket = socket;
    const incoming = parser({ protocolVersion: 4 });
    incoming.on('packet', (packet: Packet) => this.#hear(socket, packet));
    socket.on('data', (chunk) => incoming.parse(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (!this.#stopped) systemClock.after(50, () => !this.#stopped && this.#connect());
    });
    socket.on('connect', () => {
      const who = { clientId: identity, username: identity, password: Buffer.from(secret) };
      const login = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 60, ...who } as const;
      socket.write(generate(login));
    });
  }

  #hear(socket: Socket, packet: Packet): void {
    if (packet.cmd === 'connack') {
      for (const n of this.#waiting) this.#send(socket, n, true);
      return this.#fill(socket);
    }
    if (packet.cmd !== 'puback' || packet.messageId === undefined) return;
    const at = this.#waiting.findIndex((n) => idOf(n) === packet.messageId);
    if (at < 0) return;
    for (const n of this.#waiting.splice(at, 1)) this.acked.add(n);
    this.#settle();
    systemClock.after(this.#options.pauseMs, () => this.#fill(socket));
  }

  #settle(): void {
    if (this.#next > this.#last && this.#waiting.length === 0) this.#idle?.();
  }

  #fill(socket: Socket): void {
    while (
      socket === this.#socket &&
      !socket.destroyed &&
      this.#waiting.length < this.#options.window &&
      this.#next <= this.#last
    ) {
      this.#waiting.push(this.#next);
      this.#send(socket, this.#next++, false);
    }
  }

  #send(socket: Socket, n: number, dup: boolean): void {
    this.sends.set(n, (this.sends.get(n) ?? 0) + 1);
    const { topic, payload } = this.#options.message(n);
    socket.write(
      generate({ cmd: 'publish', topic, payload: JSON.stringify(payload), qos: 1, dup, retain: false, messageId: idOf(n) }),
    );
  }
}

function idOf(n: number): number {
  return ((n - 1) % 65_535) + 1;
}
