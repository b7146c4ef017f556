import type { Job } from './outcome.ts';

/** So many urgent jobs pass in a row before a waiting read has its turn. */
const urgentRun = 8;

/** Jobs by unit, taken in turn, so that a talkative slave does not starve the others. Writes pass in front, bounded. */
export class FairQueue {
  readonly #lanes = new Map<number, Job[]>();
  readonly #turns: number[] = [];
  readonly #urgent: Job[] = [];
  #run = 0;

  get size(): number {
    let size = this.#urgent.length;
    for (const lane of this.#lanes.values()) size += lane.length;
    return size;
  }

  push(job: Job): void {
    if (job.urgent === true) {
      this.#urgent.push(job);
      return;
    }
    const lane = this.#lanes.get(job.request.unit);
    if (lane === undefined) this.#lanes.set(job.request.unit, [job]);
    else lane.push(job);
    if (lane === undefined || lane.length === 1) this.#turns.push(job.request.unit);
  }

  take(): Job | undefined {
    if (this.#urgent.length > 0 && (this.#run < urgentRun || this.#turns.length === 0)) {
      this.#run += 1;
      return this.#urgent.shift();
    }
    this.#run = 0;
    const unit = this.#turns.shift();
    if (unit === undefined) return undefined;
    const lane = this.#lanes.get(unit);
    const job = lane?.shift();
    if (lane && lane.length > 0) this.#turns.push(unit);
    return job;
  }

  /** Everything that waits, in no order; the queue is empty afterwards. */
  drain(): Job[] {
    const all = [...this.#urgent, ...[...this.#lanes.values()].flat()];
    this.#urgent.length = 0;
    this.#turns.length = 0;
    this.#lanes.clear();
    return all;
  }
}
