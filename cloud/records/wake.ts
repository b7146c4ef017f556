import { Client } from 'pg';
import type { Clock, Timer } from '../clock.ts';
import { type Connection, clientConfig } from './database.ts';
import { streamChannel } from './stream.ts';

const reconnectMs = 1000;

/** One connection that listens for commits and wakes whoever reads the stream. */
export class StreamBell {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #wakes = new Set<() => void>();
  #client: Client | null = null;
  #retry: Timer | null = null;
  #closed = false;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** The first listener opens the connection; it stays until `close`. */
  listen(wake: () => void): () => void {
    this.#wakes.add(wake);
    if (!this.#client && !this.#retry) this.#open();
    return () => void this.#wakes.delete(wake);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retry?.cancel();
    await this.#client?.end();
  }

  #open(): void {
    const client = new Client(clientConfig(this.#connection));
    this.#client = client;
    client.on('notification', () => this.#ring());
    // A broken connection says so once as an error and once as an end; the end is what we act on.
    client.on('error', () => undefined);
    client.on('end', () => this.#openLater());
    this.#start(client).catch(() => this.#openLater());
  }

  /** After a (re)connect everybody looks once: something may have been said while nobody listened. */
  async #start(client: Client): Promise<void> {
    await client.connect();
    await client.query(`listen ${streamChannel}`);
    this.#ring();
  }

  #openLater(): void {
    if (this.#closed || this.#retry) return;
    this.#client = null;
    this.#retry = this.#clock.after(reconnectMs, () => {
      this.#retry = null;
      if (!this.#closed) this.#open();
    });
  }

  #ring(): void {
    for (const wake of this.#wakes) wake();
  }
}
