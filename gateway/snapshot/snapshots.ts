import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Clock, Timer } from '../clock.ts';
import type { PictureOutcome, Snapshot } from '../collect/driver.ts';
import { plainJpeg } from '@yihu/device-profiles/vocabulary/jpeg.ts';
import { Keeper, type KeeperOptions } from './keeper.ts';
import { limits } from './limits.ts';
import { keptOrders, ordersOf, savedOrders } from './orders.ts';
import { Photographer } from './photographer.ts';
import { type Matched, Pushed } from './pushed.ts';

export interface SnapshotOptions extends Omit<KeeperOptions, 'onDropped'> {
  /** Device → the camera that looks there. Asked each time: a site changes while its gateway runs. */
  readonly cameras: () => ReadonlyMap<string, string>;
  /** Whether pictures of a device's alarms may be kept at all. */
  readonly mayKeep: (device: string) => boolean;
  /** Asks a camera for a picture of now. Never rejects. */
  readonly ask: (camera: string) => Promise<PictureOutcome>;
  readonly onTrouble: (key: string, trouble: { zh: string; en: string } | null, error?: unknown) => void;
}

/**
 * 快照: pictures of alarms. What is to be photographed is committed with the alarm (`besides`), the camera is asked
 * afterwards (`kept`), and nothing of an alarm ever waits for it.
 */
export class Snapshots {
  readonly #options: SnapshotOptions;
  readonly #keeper: Keeper;
  readonly #photographer: Photographer;
  readonly #pushed: Pushed;
  readonly #clock: Clock;
  readonly #running = new Set<Promise<unknown>>();
  #resume: () => void = () => undefined;
  #timer: Timer | null = null;
  #stopped = false;

  constructor(options: SnapshotOptions) {
    const { clock, ask, onTrouble } = options;
    this.#options = options;
    this.#clock = clock;
    this.#keeper = new Keeper({ ...options, onDropped: (count) => onTrouble('snapshots', droppedSentence(count)) });
    this.#pushed = new Pushed(clock);
    this.#photographer = new Photographer({
      keeper: this.#keeper,
      clock,
      ask,
      onCamera: (camera, trouble) => onTrouble(`camera ${camera}`, trouble),
      onTrouble: (error) => onTrouble('snapshots', notKept, error),
    });
  }

  /** What waits for the cloud. */
  get blobs(): Pick<Keeper, 'next' | 'done' | 'onMore'> {
    return this.#keeper;
  }

  /** Opens the folder and goes on with what was ordered before. @throws where the folder cannot be used. */
  async start(saved: ReadonlyMap<string, string>): Promise<this> {
    const { orders, unreadable } = savedOrders(saved);
    await this.#keeper.open(saved, unreadable);
    this.#tidyLater();
    // Not before the cameras' ports are up: their first picture would only fail.
    this.#resume = () => this.#photographer.order(orders);
    return this;
  }

  /** The ports run: cameras can be asked. */
  begin(): void {
    this.#resume();
  }

  /** What is to be committed together with this record. Pure. */
  besides(record: LogRecord): readonly (readonly [key: string, json: string])[] {
    return keptOrders(ordersOf([record], this.#options.cameras()));
  }

  /** These records are in the log. */
  kept(records: readonly LogRecord[]): void {
    if (this.#stopped) return;
    const orders = ordersOf(records, this.#options.cameras());
    if (orders.length > 0) this.#photographer.order(orders);
    for (const matched of this.#pushed.heard(records, this.#options.mayKeep)) void this.#keepPushed(matched);
  }

  /** A picture that came with an event; resolves when it is taken, rejects where it may not or cannot be kept. */
  async offer({ device, at, bytes, type }: Snapshot): Promise<void> {
    const jpeg = type === 'image/jpeg' && bytes.length <= limits.pictureBytes ? plainJpeg(bytes)?.bytes : undefined;
    if (jpeg === undefined || !this.#options.mayKeep(device)) {
      this.#pushed.dropped += 1;
      throw new Error(`a picture of ${device} is not kept: ${jpeg ? 'its profile says so' : 'too long, or no JPEG'}`);
    }
    const matched = this.#pushed.offer(device, at, jpeg);
    if (matched) await this.#keepPushed(matched);
  }

  #keepPushed({ device, at, jpeg, of }: Matched): Promise<void> {
    const work = this.#keeper
      .keep(device, at, jpeg, of)
      .then(() => undefined)
      .catch((error: unknown) => {
        this.#pushed.dropped += 1;
        this.#options.onTrouble('snapshots', notKept, error);
      })
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
    return work;
  }

  counters(): Readonly<Record<string, number>> {
    const { kept, shared, missing, sent, refused, dropped, expired } = this.#keeper.counters;
    return { kept, shared, missing, sent, refused, dropped, expired, pushed_dropped: this.#pushed.dropped };
  }

  waiting(): Readonly<Record<string, number>> {
    return { orders: this.#photographer.waiting, unsent: this.#keeper.waiting, bytes: this.#keeper.bytes };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#photographer.stop();
    await Promise.all(this.#running);
  }

  #tidyLater(): void {
    this.#timer = this.#clock.after(limits.tidyEveryMs, () => {
      this.#keeper
        .tidy()
        .catch((error: unknown) => this.#options.onTrouble('snapshots', notKept, error))
        .finally(() => {
          if (!this.#stopped) this.#tidyLater();
        });
    });
  }
}

const notKept = {
  zh: '快照没有存下来，稍后再试；告警不受影响。请检查磁盘空间。',
  en: 'A snapshot could not be kept and is tried again; alarms are not affected. Check the disk space.',
};

function droppedSentence(count: number): { zh: string; en: string } {
  return {
    zh: `${count} 张快照还没送到云端就被删去（太旧，或快照目录已满）。可在现场文件的 snapshots 里加大 maxMegabytes 或 keepDays。`,
    en: `${count} snapshots were dropped before the cloud had them: too old, or the folder was full. Raise maxMegabytes or keepDays under snapshots in the site file.`,
  };
}
