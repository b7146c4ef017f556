import { connect, type Socket } from 'node:net';
import type { Clock, Timer } from '../clock.ts';
import type { Chance } from '../random.ts';
import type { SimulatedDevice } from './device.ts';
import { lateMs } from './faults.ts';
import { spoilt } from './spoil.ts';

/** What a simulated device that dials in needs to know of its protocol. */
export interface Speech<F> {
  /** Bytes of whole frames at the head of what was heard, and the frames; what is no frame is thrown away. */
  hear(bytes: Buffer): { readonly taken: number; readonly frames: readonly F[] };
  /** Said at once after each connect. */
  greeting?(): readonly Uint8Array[];
  /** What is answered to a frame that nobody waited for, such as a command. */
  answer?(frame: F): Uint8Array | null;
  /** Where a frame's checksum ends, from its last byte, which is 1. */
  readonly checksumFromEnd?: number;
  /** A frame as if another device had said it. */
  readonly readdressed?: (frame: Uint8Array) => Uint8Array;
}

/** Whose faults spoil what is said. */
export interface Faulty {
  readonly device: SimulatedDevice;
  readonly random: Chance;
}

export interface DialInOptions<F> {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly speech: Speech<F>;
  readonly faulty?: Faulty | undefined;
}

interface Waiting<F> {
  readonly isAnswer: (frame: F) => boolean;
  readonly done: () => void;
}

const retryMs = 500;
const answerMs = 3_000;

/** A device's side of a connection: dials, dials again when it breaks, and repeats what was not acked, as real devices do. */
export class DialIn<F> {
  readonly #options: DialInOptions<F>;
  #socket: Socket | null = null;
  #heard: Buffer = Buffer.alloc(0);
  #retry: Timer | null = null;
  #waiting: Waiting<F>[] = [];
  #opened: (() => void)[] = [];
  #stopped = false;
  /** Frames sent more than once. */
  repeats = 0;
  /** Everything the other end said that nobody waited for, the last hundred. */
  readonly unasked: F[] = [];

  constructor(options: DialInOptions<F>) {
    this.#options = options;
    this.#dial();
  }

  /** Resolves with the next frame that is the answer; until then the bytes are said again, on a new connection too. */
  async ask(bytes: Uint8Array, isAnswer: (frame: F) => boolean): Promise<void> {
    for (let times = 0; !this.#stopped; times++) {
      await this.#open();
      if (times > 0) this.repeats++;
      if (await this.#once(bytes, isAnswer)) return;
    }
  }

  /** Says it once, without waiting for anything. */
  async tell(bytes: Uint8Array): Promise<void> {
    await this.#open();
    this.#write(bytes);
  }

  /** The connection breaks, as if a cable was pulled for a moment. */
  drop(): void {
    this.#socket?.destroy();
  }

  /** The device's fault came or went. */
  failed(): void {
    if (this.#isOut) this.drop();
  }

  stop(): void {
    this.#stopped = true;
    this.#retry?.cancel();
    this.#socket?.destroy();
    for (const { done } of this.#waiting.splice(0)) done();
    for (const opened of this.#opened.splice(0)) opened();
  }

  #once(bytes: Uint8Array, isAnswer: (frame: F) => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (answered: boolean): void => {
        timer.cancel();
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        this.#socket?.off('close', closed);
        resolve(answered);
      };
      const closed = (): void => finish(false);
      const waiting: Waiting<F> = { isAnswer, done: () => finish(true) };
      const timer = this.#options.clock.after(answerMs, closed);
      this.#waiting.push(waiting);
      this.#socket?.once('close', closed);
      this.#write(bytes);
    });
  }

  get #isOut(): boolean {
    return this.#options.faulty?.device.fault === 'unplugged';
  }

  /** As the device's fault has it: late, spoilt, or not at all. */
  #write(bytes: Uint8Array): void {
    const { faulty, clock, speech } = this.#options;
    const socket = this.#socket;
    const fault = faulty?.device.meet() ?? null;
    if (faulty === undefined || fault === null) return void socket?.write(bytes);
    if (fault === 'silent' || fault === 'unplugged') return;
    const { checksumFromEnd, readdressed } = speech;
    const good = {
      bytes: Buffer.from(bytes),
      ...(checksumFromEnd !== undefined && { checksumFromEnd }),
      ...(readdressed && { readdressed: () => readdressed(bytes) }),
    };
    const write = () => void socket?.write(spoilt(fault, good, faulty.random));
    if (fault === 'slow') clock.after(lateMs, write);
    else write();
  }

  #open(): Promise<void> {
    if (this.#stopped || this.#socket?.readyState === 'open') return Promise.resolve();
    return new Promise((resolve) => this.#opened.push(resolve));
  }

  #dial(): void {
    const { host, port, speech, clock } = this.#options;
    if (this.#isOut) return void (this.#retry = clock.after(retryMs, () => this.#dial()));
    const socket = connect({ host, port });
    this.#socket = socket;
    this.#heard = Buffer.alloc(0);
    socket.on('connect', () => {
      for (const bytes of speech.greeting?.() ?? []) this.#write(bytes);
      for (const opened of this.#opened.splice(0)) opened();
    });
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    // Whether refused or broken, it is dialled again after a pause.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (!this.#stopped) this.#retry = clock.after(retryMs, () => this.#dial());
    });
  }

  #take(chunk: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, chunk]);
    const { taken, frames } = this.#options.speech.hear(this.#heard);
    this.#heard = this.#heard.subarray(taken);
    for (const frame of frames) {
      const waiting = this.#waiting.find(({ isAnswer }) => isAnswer(frame));
      if (waiting) waiting.done();
      else this.#unasked(frame);
    }
  }

  #unasked(frame: F): void {
    this.unasked.push(frame);
    if (this.unasked.length > 100) this.unasked.shift();
    const answer = this.#options.speech.answer?.(frame) ?? null;
    if (answer) this.#write(answer);
  }
}
