import { type BlobAnswer, blobPartBytes, BlobWord, encodeBlob } from '@yihu/device-profiles/vocabulary/uplink.ts';
import { jsonAs } from '../json-as.ts';
import type { Clock, Timer } from '../clock.ts';

/** A picture as it travels. */
export interface Blob {
  readonly id: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** Where pictures wait for the cloud; whoever takes them implements it. */
export interface Blobs {
  /** The newest that the cloud does not have and that is not in `aside`: the alarm of now goes before yesterday's. Null: none. */
  next(aside: ReadonlySet<string>): Promise<Blob | null>;
  /** The cloud has it, or wants it no more: it is not offered again. `refused`: it will never take it. */
  done(id: string, end: 'kept' | 'refused'): Promise<void>;
  /** Calls `listener` when there may be one more; returns the way to stop. */
  onMore(listener: () => void): () => void;
}

export interface PictureSenderOptions {
  readonly blobs: Blobs;
  readonly clock: Clock;
  /** True while nothing of the alarm lane is on its way or waits for it. */
  readonly isClear: () => boolean;
  readonly publish: (word: string, payload: Buffer) => void;
  readonly failed: (error: unknown) => void;
}

export interface PictureCounters {
  pictures: number;
  picture_parts: number;
  picture_bytes: number;
  /** Parts sent again because no answer came, and pictures begun anew because they arrived damaged. */
  picture_repeats: number;
  /** Put off because their record had not come to the cloud yet. */
  picture_waits: number;
  /** The cloud will never take them. */
  pictures_refused: number;
}

const answerWithinMs = 20_000;
/** A picture whose record is not with the cloud is offered again after this; so is one that arrives damaged again and again. */
const asideMs = 60_000;
const asideMost = 64;
const damagedMost = 3;

interface Sending {
  readonly blob: Blob;
  offset: number;
  damaged: number;
}

/**
 * Carries pictures to the cloud, one part at a time and only while the alarm lane is empty, so that an alarm waits behind
 * one part at most. What the cloud has not answered for is sent again, in this session or the next.
 */
export class PictureSender {
  readonly #options: PictureSenderOptions;
  readonly #aside = new Map<string, number>();
  readonly counters: PictureCounters = {
    pictures: 0,
    picture_parts: 0,
    picture_bytes: 0,
    picture_repeats: 0,
    picture_waits: 0,
    pictures_refused: 0,
  };
  /** The cloud has said in this session that it takes pictures. */
  #isWanted = false;
  #sending: Sending | null = null;
  /** A part is on its way; runs when its answer is late. */
  #answerTimer: Timer | null = null;
  #againTimer: Timer | null = null;
  #looking: Promise<void> | null = null;
  #hasMore = true;
  #stopped = false;
  readonly #unlisten: () => void;

  constructor(options: PictureSenderOptions) {
    this.#options = options;
    this.#unlisten = options.blobs.onMore(() => {
      this.#hasMore = true;
      this.pump();
    });
  }

  /** Sends what may be sent now; called whenever anything changed. */
  pump(): void {
    if (!this.#isWanted || this.#stopped || this.#answerTimer !== null || this.#looking !== null) return;
    if (!this.#options.isClear()) return;
    if (this.#sending !== null) this.#send(this.#sending);
    else if (this.#hasMore) this.#looking = this.#look().finally(() => this.#looked());
  }

  /** A word of the cloud's on `kept`. */
  hear(payload: Buffer): void {
    const word = jsonAs(BlobWord, payload.toString('utf8'));
    if (word === null) return this.#options.failed(new Error('the cloud sent what is no word about pictures'));
    if ('ready' in word) {
      this.#isWanted = true;
      this.#hasMore = true;
    } else if (word.id === this.#sending?.blob.id) this.#answered(this.#sending, word);
    this.pump();
  }

  /** The session is over; the next one begins with the cloud saying that it takes pictures. */
  closed(): void {
    this.#isWanted = false;
    this.#answerTimer?.cancel();
    this.#answerTimer = null;
    // The cloud's first answer says how far it has it.
    if (this.#sending) this.#sending.offset = 0;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unlisten();
    this.closed();
    this.#againTimer?.cancel();
    await this.#looking;
  }

  async #look(): Promise<void> {
    this.#hasMore = false;
    const now = this.#options.clock.mono();
    for (const [id, until] of this.#aside) if (until <= now) this.#aside.delete(id);
    try {
      const blob = await this.#options.blobs.next(new Set(this.#aside.keys()));
      if (blob) this.#sending = { blob, offset: 0, damaged: 0 };
    } catch (error) {
      this.#options.failed(error);
    }
    if (this.#sending === null) this.#lookAgain();
  }

  #looked(): void {
    this.#looking = null;
    this.pump();
  }

  /** Those put aside get their turn again, and so does a folder that could not be read. */
  #lookAgain(): void {
    if (this.#stopped) return;
    this.#againTimer?.cancel();
    this.#againTimer = this.#options.clock.after(asideMs, () => {
      this.#hasMore = true;
      this.pump();
    });
  }

  #send({ blob, offset }: Sending): void {
    const part = blob.bytes.subarray(offset, offset + blobPartBytes);
    const header = { schema: 'yihu-uplink/1', id: blob.id, bytes: blob.bytes.length, sha256: blob.sha256, offset } as const;
    this.counters.picture_parts += 1;
    this.counters.picture_bytes += part.length;
    this.#answerTimer = this.#options.clock.after(answerWithinMs, () => {
      this.#answerTimer = null;
      this.counters.picture_repeats += 1;
      this.pump();
    });
    this.#options.publish('blob', encodeBlob(header, part));
  }

  #answered(sending: Sending, { state, have }: BlobAnswer): void {
    this.#answerTimer?.cancel();
    this.#answerTimer = null;
    if (state === 'more') return this.#goOn(sending, have);
    this.#sending = null;
    this.#hasMore = true;
    if (state === 'unknown') {
      this.counters.picture_waits += 1;
      return this.#putAside(sending.blob.id);
    }
    this.counters[state === 'kept' ? 'pictures' : 'pictures_refused'] += 1;
    this.#end(sending.blob.id, state);
  }

  #goOn(sending: Sending, have: number): void {
    sending.offset = Math.min(have, sending.blob.bytes.length - 1);
    // After a part there is something, unless the whole did not fit its hash and was thrown away.
    if (have > 0) return;
    this.counters.picture_repeats += 1;
    sending.damaged += 1;
    if (sending.damaged < damagedMost) return;
    this.#sending = null;
    this.#hasMore = true;
    this.#putAside(sending.blob.id);
  }

  #putAside(id: string): void {
    const [oldest] = this.#aside.keys();
    if (this.#aside.size >= asideMost && oldest !== undefined) this.#aside.delete(oldest);
    this.#aside.set(id, this.#options.clock.mono() + asideMs);
  }

  /** Where that cannot be written down it is offered again, and the cloud says again that it has it. */
  #end(id: string, end: 'kept' | 'refused'): void {
    this.#putAside(id);
    this.#options.blobs.done(id, end).catch(this.#options.failed);
  }
}
