import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Act, ActOutcome, Keep } from '../driver.ts';
import type { Book } from './book.ts';
import type { Claimant, Claims } from './claims.ts';
import type { CounterName } from './counters.ts';
import type { Keeper } from './keeper.ts';
import { limits } from './limits.ts';
import { Splitter } from './splitter.ts';
import type { Dialect, Line, Talk } from './talk.ts';

export interface ConnectionParts<F> {
  readonly dialect: Dialect<F>;
  readonly silentAfterMs: number;
  readonly claims: Claims;
  readonly book: Book;
  readonly keeper: Keeper;
  readonly clock: Clock;
  readonly log: Logger;
  onClosed(connection: Connection<F>): void;
}

/** One device's socket under guard. Reads only while nothing it has read is still on its way to disk. */
export class Connection<F> implements Line, Claimant {
  readonly address: string;
  readonly #socket: Socket;
  readonly #parts: ConnectionParts<F>;
  readonly #splitter: Splitter<F>;
  readonly #talk: Talk<F>;
  readonly #devices = new Set<string>();
  readonly #openedMono: number;
  #frameMono: number;
  #chunkMono: number;
  /** Since when the beginning of a frame has waited for its rest. */
  #partialMono: number | null = null;
  #stuckMono: number | null = null;
  #strangerBytes = 0;
  #noise = 0;
  #work: Promise<void> | null = null;
  #finishing = false;
  #closingMono: number | null = null;

  constructor(socket: Socket, address: string, parts: ConnectionParts<F>) {
    this.#socket = socket;
    this.address = address;
    this.#parts = parts;
    this.#splitter = new Splitter(parts.dialect.framing);
    this.#openedMono = this.#frameMono = this.#chunkMono = parts.clock.mono();
    this.#talk = parts.dialect.talk(this);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, limits.keepAliveMs);
    socket.on('data', (chunk: Buffer) => this.#arrived(chunk));
    socket.on('error', (error) => parts.log.debug({ err: error, address }, 'a device connection broke'));
    socket.on('close', () => this.#closed());
  }

  // ── what the protocol asks for ────────────────────────────────────────────────────────────────────────────────────

  claim(device: string): boolean {
    if (this.#socket.destroyed || this.#closingMono !== null) return false;
    const { claims, book } = this.#parts;
    const claim = claims.claim(device, this);
    if (claim.verdict === 'refused') {
      book.fault(device, 'duplicate-identity');
      this.#close('take_overs_refused', device, 'two devices use this identity and keep pushing each other out');
      return false;
    }
    this.#devices.add(device);
    if (claim.verdict === 'mine') return true;
    book.refuse('take_overs', device, `a second connection (${this.address}) took over this identity`);
    // Once is a device whose old connection died unseen; again within the minute is two devices.
    if (claim.again) book.fault(device, 'duplicate-identity');
    return true;
  }

  async keep(frames: readonly Frame[], keep?: Keep): Promise<boolean> {
    const kept = await this.#parts.keeper.keep(frames, keep, () => this.#socket.destroyed || this.#finishing);
    if (!kept) this.#socket.destroy();
    return kept;
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.writableLength + bytes.length > limits.unreadBytes) return this.#frozen();
    this.#socket.write(bytes);
  }

  refuse(what: string, why: string): void {
    this.#close('strangers_refused', `${what} (${this.address})`, why);
  }

  stranger(what: string, why: string): void {
    this.#parts.book.refuse('strangers_refused', `${what} (${this.address})`, why);
  }

  fault(device: string, fault: string): void {
    this.#parts.book.fault(device, fault);
  }

  repeated(): void {
    this.#parts.book.counters.add('frames_repeated');
  }

  note(device: string, said: { readonly sent?: string; readonly heard?: string; readonly note?: Text }): void {
    this.#parts.book.exchange(device, said);
  }

  // ── what the port asks for ────────────────────────────────────────────────────────────────────────────────────────

  superseded(device: string): void {
    this.#devices.delete(device);
    if (this.#devices.size === 0) this.#socket.destroy();
  }

  async act(act: Act): Promise<ActOutcome> {
    const outcome = await (this.#talk.act?.(act) ?? Promise.resolve(noCommands));
    if (outcome.state === 'sent') this.#parts.book.counters.add('commands_sent');
    return outcome;
  }

  /** Looks at every time-out; called several times a second. */
  sweep(): void {
    const mono = this.#parts.clock.mono();
    if (this.#closingMono !== null) return mono - this.#closingMono > limits.farewellMs ? this.destroy() : undefined;
    if (this.#socket.writableNeedDrain) this.#stuckMono ??= mono;
    else this.#stuckMono = null;
    if (this.#stuckMono !== null && mono - this.#stuckMono > limits.drainMs) return this.#frozen();
    if (this.#devices.size === 0 && mono - this.#openedMono > limits.beforeKnownMs && this.#work === null)
      return this.#close('closed_before_known', this.address, 'it said nothing that this port understands');
    if (this.#work !== null) return;
    if (this.#devices.size > 0 && mono - this.#frameMono > this.#parts.silentAfterMs)
      return this.#close('closed_silent', [...this.#devices].join(', '), 'it said nothing for too long');
    if (this.#partialMono !== null && mono - this.#partialMono > limits.partialFrameMs) this.#giveUp(mono);
  }

  /** Reads no more, lets what is on its way be kept and acked, and goes. */
  async finish(): Promise<void> {
    this.#finishing = true;
    this.#socket.pause();
    await this.#work;
    this.#socket.end();
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  // ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #arrived(chunk: Buffer): void {
    if (this.#closingMono !== null) return;
    this.#chunkMono = this.#parts.clock.mono();
    if (this.#devices.size === 0) {
      this.#strangerBytes += chunk.length;
      if (this.#strangerBytes > limits.beforeKnownBytes)
        return this.#close('closed_before_known', this.address, 'too many bytes');
    }
    this.#splitter.push(chunk);
    this.#begin();
  }

  /** After a pause in the stream all that waits is old; in the middle of one, only the first beginning is. */
  #giveUp(mono: number): void {
    const isPause = mono - this.#chunkMono > limits.partialFrameMs / 2;
    this.#splitter.giveUp();
    this.#noise++;
    this.#begin(isPause);
  }

  #begin(toTheEnd = false): void {
    if (this.#work !== null) return;
    this.#socket.pause();
    this.#work = this.#read(toTheEnd)
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error, address: this.address }, 'a device connection broke its protocol');
        this.#socket.destroy();
      })
      .finally(() => {
        this.#work = null;
        if (!this.#finishing && this.#closingMono === null && !this.#socket.destroyed) this.#socket.resume();
      });
  }

  async #read(toTheEnd: boolean): Promise<void> {
    let moved = toTheEnd;
    for (;;) {
      if (this.#socket.destroyed || this.#closingMono !== null) return;
      const split = this.#splitter.next();
      if (split === null) {
        if (!toTheEnd || this.#splitter.waiting === 0) break;
        this.#splitter.giveUp();
        this.#noise++;
        continue;
      }
      moved = true;
      if ('noise' in split) this.#noisy(split.noise, split.why);
      else await this.#hear(split.frame);
    }
    if (this.#splitter.waiting === 0) this.#partialMono = null;
    else if (moved || this.#partialMono === null) this.#partialMono = this.#parts.clock.mono();
  }

  async #hear(frame: F): Promise<void> {
    await this.#talk.hear(frame);
    this.#noise = 0;
    if (this.#devices.size > 0) this.#frameMono = this.#parts.clock.mono();
    if (!this.#socket.writableNeedDrain || this.#socket.destroyed) return;
    // Who does not read our answers is not read either.
    await new Promise<void>((resolve) => {
      this.#socket.once('drain', resolve);
      this.#socket.once('close', resolve);
    });
  }

  #noisy(bytes: number, why: string | undefined): void {
    const { counters } = this.#parts.book;
    counters.add('noise_bytes', bytes);
    this.#noise += bytes;
    if (why !== undefined) {
      counters.add('frames_damaged');
      // A wrong checksum costs more than noise: whoever sends nothing else is soon gone.
      this.#noise += limits.noiseBytes / limits.damagedInARow;
      for (const device of this.#devices) this.#parts.book.exchange(device, { note: damagedNote(why) });
      this.#talk.damaged?.(why);
    }
    if (this.#noise > limits.noiseBytes) this.#close('closed_noise', this.address, 'it speaks another protocol');
  }

  // ── closing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #frozen(): void {
    this.#close('closed_frozen', [...this.#devices].join(', ') || this.address, 'it does not read what is sent to it');
    this.#socket.destroy();
  }

  #close(counter: CounterName, what: string, why: string): void {
    if (this.#socket.destroyed || this.#closingMono !== null) return;
    this.#parts.book.refuse(counter, what, why);
    this.#closingMono = this.#parts.clock.mono();
    // What was written before (a refusal in the protocol's own words) still leaves; destroySoon waits for it.
    this.#socket.pause();
    this.#socket.destroySoon();
  }

  #closed(): void {
    for (const device of this.#devices) this.#parts.claims.leave(device, this);
    this.#devices.clear();
    this.#talk.gone?.();
    this.#parts.onClosed(this);
  }
}

const noCommands: ActOutcome = {
  state: 'refused',
  code: 'no-commands',
  zh: '这种设备没有可下发的命令。',
  en: 'This kind of device takes no commands.',
};

function damagedNote(why: string): Text {
  return { zh: `收到的一帧不完整或校验不符（${why}），未采用`, en: `A frame was damaged (${why}) and was not taken` };
}
