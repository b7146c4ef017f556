import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

const longestLengthBytes = 4;

/**
 * Stands between a socket and the MQTT parser, which has no limit of its own: follows the fixed headers
 * (MQTT 3.1.1 §2.2) and ends the connection where a packet says it is longer than allowed.
 */
export class Guard extends Duplex {
  readonly #socket: TLSSocket;
  #maxBytes: number;
  /** Bytes of the current packet still to come; 0 means that a fixed header is next. */
  #left = 0;
  #lengthBytes = -1;
  #length = 0;

  constructor(socket: TLSSocket, maxBytes: number) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#maxBytes = maxBytes;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** The peer has shown who it is and may send longer packets. */
  admit(maxBytes: number): void {
    this.#maxBytes = maxBytes;
  }

  #take(chunk: Buffer): void {
    if (this.destroyed) return;
    if (!this.#fits(chunk)) return void this.destroy(new Error('a packet is longer than allowed, or its length is no length'));
    if (!this.push(chunk)) this.#socket.pause();
  }

  #fits(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, chunk.length - at);
        this.#left -= skipped;
        at += skipped;
      } else if (!this.#header(chunk[at++] ?? 0)) return false;
    }
    return true;
  }

  /** One byte of a fixed header: the type, then a length of one to four bytes, seven bits each, lowest first. */
  #header(byte: number): boolean {
    if (this.#lengthBytes < 0) {
      this.#lengthBytes = 0;
      this.#length = 0;
      return true;
    }
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    if (this.#length > this.#maxBytes) return false;
    if ((byte & 0x80) !== 0) return this.#lengthBytes < longestLengthBytes;
    this.#left = this.#length;
    this.#lengthBytes = -1;
    return true;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.destroyed) return done(new Error('the connection is closed'));
    this.#socket.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
