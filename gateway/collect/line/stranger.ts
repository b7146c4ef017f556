import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../clock.ts';

export interface StrangerEvents {
  /** All that it has said. */
  heard(bytes: Buffer): void;
  /** It is gone; `why` where it was not let in. */
  gone(why: string | undefined, bytes: Buffer): void;
}

/** How long a connection may take to say who it is, and how much it may say. */
const patienceMs = 10_000;
const mostBytes = 256;

/** A connection that has not said yet whose it is. */
export class Stranger {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #events: StrangerEvents;
  readonly #patience: Timer;
  #waiting: Timer | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  #isOver = false;

  constructor(socket: Socket, clock: Clock, events: StrangerEvents) {
    this.#socket = socket;
    this.#clock = clock;
    this.#events = events;
    this.#patience = clock.after(patienceMs, () => this.refuse('did not register in time'));
    socket.on('data', this.#onData);
    socket.on('error', this.#onGone);
    socket.on('close', this.#onGone);
  }

  /** Asks again after a while with what has been said until then. */
  wait(ms: number, then: (bytes: Buffer) => void): void {
    this.#waiting?.cancel();
    this.#waiting = this.#clock.after(ms, () => then(this.#bytes));
  }

  refuse(why: string): void {
    if (this.#isOver) return;
    this.#over();
    this.#socket.destroy();
    this.#events.gone(why, this.#bytes);
  }

  /** Lets go of the socket, which has an owner now. It has no error listener until the owner adds one. */
  letIn(): Socket {
    this.#over();
    return this.#socket;
  }

  end(): void {
    if (this.#isOver) return;
    this.#over();
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#waiting?.cancel();
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(0, mostBytes + 1 - this.#bytes.length)]);
    if (this.#bytes.length > mostBytes) return this.refuse(`said more than ${mostBytes} bytes and is not known`);
    return this.#events.heard(this.#bytes);
  };

  readonly #onGone = (): void => {
    if (this.#isOver) return;
    this.#over();
    this.#events.gone(this.#bytes.length > 0 ? 'hung up before it was known' : undefined, this.#bytes);
  };

  #over(): void {
    this.#isOver = true;
    this.#patience.cancel();
    this.#waiting?.cancel();
    this.#socket.off('data', this.#onData);
    this.#socket.off('close', this.#onGone);
    this.#socket.off('error', this.#onGone);
    // An error of a destroyed socket may still come; nobody needs it.
    this.#socket.on('error', () => undefined);
  }
}
