import { type BlobAnswer, type BlobHeader, type BlobWord, decodeBlob } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { AcceptCounters, AcceptLogger } from './accept.ts';
import type { PictureIngest } from './ingest.ts';
import type { Clock } from '../clock.ts';

export interface PictureLineOptions {
  readonly gateway: string;
  readonly pictures: PictureIngest;
  readonly clock: Clock;
  readonly logger: AcceptLogger;
  readonly counters: AcceptCounters;
  readonly tell: (gateway: string, word: BlobWord) => void;
  /** Parts of one gateway that may wait; it sends the next one when it has its answer, so more is none of ours. */
  readonly queuedParts: number;
}

interface Part {
  readonly header: BlobHeader;
  readonly part: Buffer;
}

/** The pictures of one gateway: each part is committed and then answered, one after the other, beside the lanes and never in front of them. */
export class PictureLine {
  readonly #options: PictureLineOptions;
  readonly #queue: Part[] = [];
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: PictureLineOptions) {
    this.#options = options;
  }

  /** A new session: what waits of an earlier one will be sent again. */
  greet(): void {
    this.#queue.length = 0;
    this.#options.tell(this.#options.gateway, { ready: true });
  }

  /** False where it was not taken. @throws where it is no part of a picture. */
  part(payload: Buffer): boolean {
    const { counters, queuedParts } = this.#options;
    const part = decodeBlob(payload);
    counters.picture_parts += 1;
    if (this.#stopped || this.#queue.length >= queuedParts) {
      counters.overflow += 1;
      return false;
    }
    this.#queue.push(part);
    this.#running ??= this.#work();
    return true;
  }

  idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#queue.length = 0;
    return this.idle();
  }

  async #work(): Promise<void> {
    await Promise.resolve();
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) await this.#take(next);
    this.#running = undefined;
  }

  /** Without an answer the gateway sends the part again, later. */
  async #take({ header, part }: Part): Promise<void> {
    const { pictures, gateway, clock, counters, logger, tell } = this.#options;
    try {
      const answer: BlobAnswer = { id: header.id, ...(await pictures.part(gateway, header, part, clock.now())) };
      if (answer.state === 'kept') counters.pictures += 1;
      if (answer.state === 'refused') {
        counters.pictures_refused += 1;
        logger.warn({ gateway, id: header.id, bytes: header.bytes }, 'a picture was refused');
      }
      tell(gateway, answer);
    } catch (error) {
      counters.unavailable += 1;
      logger.warn({ gateway, id: header.id, error }, 'the records did not take a part of a picture; it will be sent again');
    }
  }
}
