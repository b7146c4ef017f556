import type { Batch } from '../store/log.ts';

export interface LaneWindow {
  /** Batches and bytes of one lane under way at once; one batch always may be, however long. */
  readonly batches: number;
  readonly bytes: number;
}

interface Flight {
  readonly last: number;
  readonly bytes: number;
  readonly sentAtMono: number;
}

const firstAllowanceBytes = 32 * 1024;
/** An answer within this time says that the line can carry more, one later than `slowMs` that it carries too much. */
const quickMs = 500;
const slowMs = 2_000;

/** One lane between the log and the cloud: what was read, what is under way, how far the cloud is. */
export class LaneFlow {
  readonly #window: LaneWindow;
  #flights: Flight[] = [];
  #ready: Batch[] = [];
  #allowanceBytes = firstAllowanceBytes;
  /** The cloud has committed up to here. */
  acked = 0;
  /** Sent up to here in this session. */
  sent = 0;
  /** The highest sequence the log is known to have written. */
  written = 0;
  /** There may be something in the log behind what was read. */
  more = true;
  #appendedWhileReading = false;
  #movedAtMono = 0;
  /** Number of the read under way, 0 where there is none. */
  ticket = 0;

  constructor(window: LaneWindow) {
    this.#window = window;
  }

  /** Mono time since which the oldest batch under way has waited without the cursor moving; undefined where none is. */
  get waitingSinceMono(): number | undefined {
    const [oldest] = this.#flights;
    return oldest && Math.max(oldest.sentAtMono, this.#movedAtMono);
  }

  get inFlight(): number {
    return this.#flights.length;
  }

  get bytesInFlight(): number {
    return this.#flights.reduce((sum, flight) => sum + flight.bytes, 0);
  }

  /** The session begins, or goes back: the cloud stands at `through`, all else is forgotten. */
  resume(through: number): void {
    this.#flights = [];
    this.#ready = [];
    this.acked = through;
    this.sent = through;
    this.more = true;
    this.ticket = 0;
  }

  /** Whether the lane has something to send, or may have, and is allowed to. */
  get isHungry(): boolean {
    return this.hasRoom && (this.#ready.length > 0 || this.more || this.ticket !== 0);
  }

  get wantsRead(): boolean {
    return this.more && this.ticket === 0 && this.#ready.length === 0 && this.hasRoom;
  }

  get readBytes(): number {
    return this.#allowanceBytes;
  }

  get hasRoom(): boolean {
    const next = this.#ready[0]?.blob.length ?? 1;
    if (this.#flights.length === 0) return true;
    return this.#flights.length < this.#window.batches && this.bytesInFlight + next <= this.#allowanceBytes;
  }

  offer(batches: readonly Batch[]): void {
    this.#ready = batches.filter((batch) => batch.last > this.sent);
    this.more = batches.length > 0 || this.#appendedWhileReading;
    this.#appendedWhileReading = false;
    this.ticket = 0;
  }

  /** The log grew. A read that is under way may not have seen it. */
  appended(): void {
    this.more = true;
    this.#appendedWhileReading = this.ticket !== 0;
  }

  /** The next batch to put on the wire, if there is one and room for it. */
  next(nowMono: number): Batch | undefined {
    const batch = this.hasRoom ? this.#ready.shift() : undefined;
    if (batch === undefined) return undefined;
    this.#flights.push({ last: batch.last, bytes: batch.blob.length, sentAtMono: nowMono });
    this.sent = batch.last;
    this.written = Math.max(this.written, batch.last);
    return batch;
  }

  /** The cloud has committed up to `through`. Returns how long the newest batch covered by it was under way. */
  ack(through: number, nowMono: number): number | undefined {
    let rttMs: number | undefined;
    while (this.#flights[0] !== undefined && this.#flights[0].last <= through) {
      rttMs = nowMono - (this.#flights.shift()?.sentAtMono ?? nowMono);
    }
    if (through > this.acked) this.#movedAtMono = nowMono;
    this.acked = through;
    if (through > this.sent) this.#skipTo(through);
    if (rttMs !== undefined) this.#adapt(rttMs);
    return rttMs;
  }

  #skipTo(through: number): void {
    this.sent = through;
    this.#ready = this.#ready.filter((batch) => batch.last > through);
  }

  /** So that an alarm behind telemetry on a thin line waits for about `slowMs` of it, not for a whole window. */
  #adapt(rttMs: number): void {
    if (rttMs <= quickMs) this.#allowanceBytes = Math.min(this.#allowanceBytes * 2, this.#window.bytes);
    if (rttMs > slowMs) this.#allowanceBytes = Math.max(Math.floor(this.#allowanceBytes / 2), 4 * 1024);
  }
}
