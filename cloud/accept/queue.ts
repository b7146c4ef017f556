import type { EnvelopeHeader } from '@yihu/device-profiles/vocabulary/envelope.ts';
import { lanes } from '@yihu/device-profiles/vocabulary/lanes.ts';
import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';

export interface QueuedBatch {
  readonly header: EnvelopeHeader;
  readonly blob: Uint8Array;
}

export interface QueueBounds {
  readonly queuedBatches: number;
  readonly queuedBytes: number;
  readonly commitBatches: number;
  readonly commitBytes: number;
}

/** Batches of one gateway that wait for a commit: two lanes, alarms in front, bounded. */
export class BatchQueue {
  readonly #bounds: QueueBounds;
  readonly #waiting: Record<Lane, QueuedBatch[]> = { alarm: [], telemetry: [] };
  #bytes = 0;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#waiting.alarm.length + this.#waiting.telemetry.length;
  }

  /** False where there is no room; the batch was not taken. */
  push(batch: QueuedBatch): boolean {
    const full = this.size >= this.#bounds.queuedBatches || this.#bytes + batch.blob.length > this.#bounds.queuedBytes;
    if (full && this.size > 0) return false;
    this.#insert(this.#waiting[batch.header.lane], batch);
    this.#bytes += batch.blob.length;
    return true;
  }

  /** In order of sequence within an epoch; a cluster may deliver in another. */
  #insert(lane: QueuedBatch[], batch: QueuedBatch): void {
    const { epoch, first } = batch.header;
    const before = lane.findLastIndex(({ header }) => header.epoch !== epoch || header.first <= first);
    lane.splice(before + 1, 0, batch);
  }

  /** What the next commit takes, of one lane and one epoch: alarms in a commit of their own, which is short. They stay until `drop`. */
  peek(): QueuedBatch[] {
    const { alarm, telemetry } = this.#waiting;
    const taken: QueuedBatch[] = [];
    let bytes = 0;
    for (const batch of alarm.length > 0 ? alarm : telemetry) {
      bytes += batch.blob.length;
      if (taken.length > 0 && this.#stops(taken, batch, bytes)) return taken;
      taken.push(batch);
    }
    return taken;
  }

  #stops(taken: readonly QueuedBatch[], batch: QueuedBatch, bytes: number): boolean {
    const otherEpoch = taken[0]?.header.epoch !== batch.header.epoch;
    return otherEpoch || taken.length >= this.#bounds.commitBatches || bytes > this.#bounds.commitBytes;
  }

  drop(done: readonly QueuedBatch[]): void {
    const gone = new Set(done);
    this.#keep((batch) => !gone.has(batch));
  }

  /** Forgets what cannot be committed now: everything of the lane that begins behind `through + 1`. */
  dropBehind(lane: Lane, through: number): void {
    this.#keep((batch) => batch.header.lane !== lane || batch.header.first <= through + 1);
  }

  clear(): void {
    this.#keep(() => false);
  }

  #keep(wanted: (batch: QueuedBatch) => boolean): void {
    for (const lane of lanes) this.#waiting[lane] = this.#waiting[lane].filter(wanted);
    const left = [...this.#waiting.alarm, ...this.#waiting.telemetry];
    this.#bytes = left.reduce((sum, batch) => sum + batch.blob.length, 0);
  }
}
