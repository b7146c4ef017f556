import { limits } from './limits.ts';

export type GuardFault = 'not-connect' | 'bad-header' | 'too-large' | 'too-early' | 'memory' | 'frozen';

/** Unfinished large packets of all sockets together. */
export class LargePacketBudget {
  #taken = 0;

  take(bytes: number): boolean {
    if (this.#taken + bytes > limits.largePacketsBytes) return false;
    this.#taken += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#taken -= bytes;
  }
}

/**
 * Reads the fixed headers of a byte stream (MQTT 3.1.1 §2.2) and says how far it may pass, so that a claim of 256 MB
 * is seen in its fifth byte and not after it has been collected. Until `accept()` nothing but one CONNECT passes.
 */
export class HeaderGuard {
  readonly #budget: LargePacketBudget;
  #phase: 'first' | 'connecting' | 'open' = 'first';
  #state: 'type' | 'length' | 'body' = 'type';
  #left = 0;
  #shift = 0;
  #large = 0;

  constructor(budget: LargePacketBudget) {
    this.#budget = budget;
  }

  /** CONNECT was accepted. */
  accept(): void {
    this.#phase = 'open';
  }

  /** The socket is gone. */
  release(): void {
    this.#budget.give(this.#large);
    this.#large = 0;
  }

  /** How many bytes of `chunk` may pass now; what follows must wait for `accept()`, unless there is a fault. */
  take(chunk: Buffer): { pass: number; fault?: GuardFault } {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === 'body') {
        const step = Math.min(this.#left, chunk.length - at);
        at += step;
        this.#left -= step;
        if (this.#left === 0) this.#ended();
        continue;
      }
      if (this.#state === 'type' && this.#phase === 'connecting') return { pass: at };
      const fault = this.#header(chunk[at] as number);
      if (fault) return { pass: at, fault };
      at++;
    }
    return { pass: at };
  }

  #header(byte: number): GuardFault | undefined {
    if (this.#state === 'length') return this.#length(byte);
    if (this.#phase === 'first' && byte !== 0x10) return 'not-connect';
    const type = byte >> 4;
    if (type === 0 || type === 15) return 'bad-header';
    this.#state = 'length';
    this.#left = 0;
    this.#shift = 0;
    return undefined;
  }

  /** Remaining Length: seven bits a byte, at most four bytes (§2.2.3). */
  #length(byte: number): GuardFault | undefined {
    this.#left += (byte & 0x7f) * 2 ** this.#shift;
    this.#shift += 7;
    if (byte & 0x80) return this.#shift === 28 ? 'bad-header' : undefined;
    if (this.#left > (this.#phase === 'open' ? limits.packetBytes : limits.beforeConnectBytes)) return 'too-large';
    if (this.#left > limits.largePacketBytes) {
      if (!this.#budget.take(this.#left)) return 'memory';
      this.#large = this.#left;
    }
    this.#state = 'body';
    if (this.#left === 0) this.#ended();
    return undefined;
  }

  #ended(): void {
    this.#state = 'type';
    if (this.#phase === 'first') this.#phase = 'connecting';
    this.release();
  }
}
