import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { GuardFault, HeaderGuard } from './header-guard.ts';
import { limits } from './limits.ts';

type Done = (error?: Error | null) => void;

/** A device's socket behind the header guard: what the guard does not let pass is never buffered for the broker. */
export class GuardedConnection extends Duplex {
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #guard: HeaderGuard;
  readonly #onFault: (fault: GuardFault) => void;
  /** Since when the device has been taking nothing of what was written to it. */
  #stuckSince: number | null = null;
  readonly #mono: () => number;
  /** Came behind the CONNECT, before it was accepted. */
  #held: Buffer | null = null;
  #ended = false;

  constructor(socket: Socket, guard: HeaderGuard, mono: () => number, onFault: (fault: GuardFault) => void) {
    super({ writableHighWaterMark: limits.unreadBytes });
    this.#socket = socket;
    this.#guard = guard;
    this.#onFault = onFault;
    this.#mono = mono;
    this.remoteAddress = socket.remoteAddress ?? '';
    socket.on('data', (chunk: Buffer) => this.#arrived(chunk));
    socket.on('end', () => this.#endReached());
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    this.on('drain', () => this._read());
  }

  /** CONNECT was accepted: what was held back may pass, and larger packets from here on. */
  accept(): void {
    this.#guard.accept();
    const held = this.#held;
    this.#held = null;
    if (this.destroyed) return;
    if (held) this.#arrived(held);
    if (this.#ended) this.#endReached();
    this._read();
  }

  override _read(): void {
    if (!this.#held && !this.writableNeedDrain) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#send(Buffer.concat(chunks.map((each) => each.chunk)), done);
  }

  override _final(done: Done): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#guard.release();
    this.#held = null;
    this.#socket.destroy();
    done(error);
  }

  /** Closes a device that has taken nothing for `ms`. aedes waits for drain with messages, but not with acks. */
  closeIfFrozen(ms: number): void {
    if (this.#stuckSince !== null && this.#mono() - this.#stuckSince > ms) this.#close('frozen');
  }

  #send(bytes: Buffer, done: Done): void {
    this.#stuckSince = this.#mono();
    this.#socket.write(bytes, (error) => {
      this.#stuckSince = null;
      done(error);
    });
  }

  #arrived(chunk: Buffer): void {
    if (this.#held) return this.#hold(Buffer.concat([this.#held, chunk]));
    const { pass, fault } = this.#guard.take(chunk);
    if (fault) return this.#close(fault);
    if (pass > 0 && !this.push(chunk.subarray(0, pass))) this.#socket.pause();
    // Who does not read our acks is not read either: what they need would grow without bound.
    if (this.writableNeedDrain) this.#socket.pause();
    if (pass < chunk.length) this.#hold(chunk.subarray(pass));
  }

  /** The end comes after what is still held back. */
  #endReached(): void {
    this.#ended = true;
    if (!this.#held && !this.destroyed) this.push(null);
  }

  #hold(bytes: Buffer): void {
    if (bytes.length > limits.beforeConnectBytes) return this.#close('too-early');
    this.#held = bytes;
    this.#socket.pause();
  }

  #close(fault: GuardFault): void {
    this.#onFault(fault);
    this.destroy();
  }
}
