import type { Cursor, Hello } from '@yihu/device-profiles/vocabulary/envelope.ts';
import { lanes } from '@yihu/device-profiles/vocabulary/lanes.ts';
import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import type { AcceptCounters, AcceptOptions } from './accept.ts';
import { commitAll } from './commit.ts';
import type { ReceivedBatch } from './ingest.ts';
import type { AcceptLimits } from './limits.ts';
import { BatchQueue, type QueuedBatch } from './queue.ts';
import { type Poison, salvage } from './salvage.ts';

interface LineOptions extends Omit<AcceptOptions, 'limits'> {
  readonly gateway: string;
  readonly limits: AcceptLimits;
  readonly counters: AcceptCounters;
  readonly signal: AbortSignal;
}

/** One gateway's line: everything it says is taken in turn, one commit at a time. */
export class GatewayLine {
  readonly #options: LineOptions;
  readonly #queue: BatchQueue;
  #hello: Hello | undefined;
  /** Epoch of a beat that waits for its answer. */
  #beat: string | undefined;
  #overflowed = false;
  /** The last cursor this line answered; what we know without asking. */
  #cursor: Cursor | undefined;
  #rewound: { readonly lane: Lane; readonly through: number; readonly atMono: number } | undefined;
  #heldSinceMono: number | undefined;
  #running: Promise<void> | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#queue = new BatchQueue(options.limits);
  }

  /** A new session: what an earlier one left waiting will be sent again. */
  hello(hello: Hello): void {
    this.#hello = hello;
    this.#cursor = undefined;
    this.#rewound = undefined;
    this.#queue.clear();
    this.#wake();
  }

  beat(epoch: string): void {
    this.#beat = epoch;
    this.#wake();
  }

  /** False where the line is full; the next cursor will send the gateway back. */
  batch(batch: QueuedBatch): boolean {
    const { counters } = this.#options;
    counters.batches += 1;
    counters.bytes += batch.blob.length;
    const taken = this.#queue.push(batch);
    if (!taken) {
      counters.overflow += 1;
      this.#overflowed = true;
    }
    this.#wake();
    return taken;
  }

  idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  whenIdle(run: () => void): void {
    void this.idle().then(run);
  }

  #wake(): void {
    this.#running ??= this.#work();
  }

  async #work(): Promise<void> {
    const { clock, limits, signal, counters, logger, gateway } = this.#options;
    let waitMs = limits.retryMinMs;
    // What arrived in the same read of the socket goes into the same commit.
    await Promise.resolve();
    while (!signal.aborted && this.#hasWork()) {
      try {
        await this.#step();
        waitMs = limits.retryMinMs;
      } catch (error) {
        counters.unavailable += 1;
        logger.warn({ gateway, error, waitMs }, 'the records did not take a batch; trying again');
        await clock.sleep(waitMs, signal).catch(() => undefined);
        waitMs = Math.min(waitMs * 2, limits.retryMaxMs);
      }
    }
    // In the same turn as the last look at the work, so that nothing arrives between the two and is left lying.
    this.#running = undefined;
  }

  #hasWork(): boolean {
    return this.#hello !== undefined || this.#queue.size > 0 || this.#beat !== undefined;
  }

  async #step(): Promise<void> {
    if (this.#hello !== undefined) return this.#greet(this.#hello);
    if (this.#queue.size > 0) return this.#commit();
    return this.#answerBeat(this.#beat ?? '');
  }

  async #greet(hello: Hello): Promise<void> {
    const { ingest, gateway, clock, counters } = this.#options;
    await ingest.hello(gateway, hello, clock.now());
    const cursor = await ingest.cursor(gateway, hello.epoch);
    if (this.#hello !== hello) return;
    this.#hello = undefined;
    if (lanes.some((lane) => cursor[lane] > hello.last[lane])) {
      counters.forks += 1;
      this.#options.logger.warn({ gateway, cursor, last: hello.last }, 'we have records of this log that the gateway does not');
      this.#options.forked?.(gateway, hello, cursor);
    }
    this.#answer(cursor, clock.now());
  }

  async #commit(): Promise<void> {
    const { ingest, gateway, clock, counters } = this.#options;
    const queued = this.#queue.peek();
    const at = clock.now();
    const poisoned: Poison[] = [];
    const batches = queued.map((batch) => this.#open(batch, at, poisoned));
    const hello = this.#hello;
    const cursor = await commitAll({ ingest, gateway, at, poison: (poison) => this.#report(poison) }, batches);
    counters.commits += 1;
    for (const poison of poisoned) this.#report(poison);
    this.#count(batches, cursor);
    const ahead = queued.filter(({ header }) => lanes.some((lane) => isAhead(header, cursor, lane)));
    const held = ahead.length > 0 && this.#mayHold(clock.mono()) ? ahead : [];
    this.#queue.drop(queued.filter((batch) => !held.includes(batch)));
    if (this.#hello !== hello) return;
    this.#settle(ahead.length > 0 && held.length === 0 ? ahead : [], cursor);
    if (held.length > 0) await clock.sleep(this.#options.limits.holdMs / 8, this.#options.signal);
  }

  /** Another worker may be about to commit what is missing. */
  #mayHold(nowMono: number): boolean {
    this.#heldSinceMono ??= nowMono;
    return nowMono - this.#heldSinceMono < this.#options.limits.holdMs;
  }

  #open(batch: QueuedBatch, at: number, poisoned: Poison[]): ReceivedBatch {
    const { entries, poison } = salvage(batch.header, batch.blob, at);
    poisoned.push(...poison);
    return { header: batch.header, entries };
  }

  #report(poison: Poison): void {
    const { gateway, counters, logger } = this.#options;
    const { lane, first, last, reason } = poison;
    counters.poison += 1;
    logger.warn({ gateway, lane, first, last, reason }, 'put aside what cannot be read');
    this.#options.poison?.(gateway, poison);
  }

  #count(batches: readonly ReceivedBatch[], cursor: Cursor): void {
    const { counters } = this.#options;
    for (const { header, entries } of batches) {
      const before = this.#cursor?.epoch === header.epoch ? this.#cursor[header.lane] : 0;
      if (header.last <= before) counters.duplicates += 1;
      else if (cursor[header.lane] >= header.last) counters.records += entries.length;
    }
  }

  /** Answers with the cursor, and with "send again from here" where something in front of a batch is missing. */
  #settle(ahead: readonly QueuedBatch[], cursor: Cursor): void {
    const missing = ahead[0]?.header.lane;
    if (missing !== undefined || this.#queue.size === 0) this.#heldSinceMono = undefined;
    const rewind = missing !== undefined || this.#overflowed;
    if (missing !== undefined) this.#queue.dropBehind(missing, cursor[missing]);
    this.#overflowed = false;
    this.#answer(rewind && this.#mayRewind(missing ?? 'telemetry', cursor) ? { ...cursor, rewind: true } : cursor);
  }

  /** What was under way when the gateway turned back is still behind the hole; it must not turn back for each of them. */
  #mayRewind(lane: Lane, cursor: Cursor): boolean {
    const { clock, limits, counters } = this.#options;
    const [last, through, now] = [this.#rewound, cursor[lane], clock.mono()];
    const again = last?.lane === lane && last.through === through && now - last.atMono < limits.rewindEveryMs;
    if (again) return false;
    this.#rewound = { lane, through, atMono: now };
    counters.rewinds += 1;
    return true;
  }

  async #answerBeat(epoch: string): Promise<void> {
    const { ingest, gateway, clock } = this.#options;
    this.#beat = undefined;
    await ingest.seen(gateway, clock.now());
    const cursor = await ingest.cursor(gateway, epoch);
    if (this.#hello === undefined) this.#answer(cursor, clock.now());
  }

  /** `at`: what our clock says now, for gateways that have none. */
  #answer(cursor: Cursor, at?: number): void {
    this.#cursor = { epoch: cursor.epoch, alarm: cursor.alarm, telemetry: cursor.telemetry };
    this.#options.reply(this.#options.gateway, at === undefined ? cursor : { ...cursor, at });
  }
}

function isAhead(header: QueuedBatch['header'], cursor: Cursor, lane: Lane): boolean {
  return header.lane === lane && header.epoch === cursor.epoch && header.last > cursor[lane];
}
