import type { Job } from './outcome.ts';

/** So many urgent jobs pass in a row before a waiting poll has its turn. */
const urgentRun = 8;

/** A slave that does not answer has the time that the others leave, and after so long its turn all the same. */
const suspectPatienceMs = 60_000;

/** Whom it asks did not answer of late, and it has not waited for long (`now`: monotonic ms). */
export function givesWay({ party, wantedMono }: Pick<Job<unknown>, 'party' | 'wantedMono'>, now: number): boolean {
  return party.isSuspect === true && now - (wantedMono ?? now) < suspectPatienceMs;
}

interface Lane<A> {
  readonly key: string;
  /** The one that is wanted first stands first. */
  readonly jobs: Job<A>[];
}

/**
 * Jobs by whom they ask. Commands pass in front, bounded. Among polls the one that is wanted first goes first, so that
 * slow points take the time that fast ones leave; where that decides nothing the slaves take turns, so that a talkative
 * one does not starve the others.
 */
export class Turns<A> {
  /** In the order of their turn; none is empty. */
  readonly #lanes: Lane<A>[] = [];
  readonly #urgent: Job<A>[] = [];
  #run = 0;

  get size(): number {
    let size = this.#urgent.length;
    for (const lane of this.#lanes) size += lane.jobs.length;
    return size;
  }

  push(job: Job<A>): void {
    if (job.urgent === true) {
      this.#urgent.push(job);
      return;
    }
    const lane = this.#lanes.find(({ key }) => key === job.party.key);
    if (lane === undefined) this.#lanes.push({ key: job.party.key, jobs: [job] });
    else insert(lane.jobs, job);
  }

  /** `rank`: polls of a lower rank go before all of a higher one. */
  take(rank: (job: Job<A>) => number = () => 0): Job<A> | undefined {
    if (this.#urgent.length > 0 && (this.#run < urgentRun || this.#lanes.length === 0)) {
      this.#run += 1;
      return this.#urgent.shift();
    }
    this.#run = 0;
    return this.#takePoll(rank);
  }

  #takePoll(rank: (job: Job<A>) => number): Job<A> | undefined {
    let best: { at: number; rank: number; wanted: number } | undefined;
    for (const [at, lane] of this.#lanes.entries()) {
      const [head] = lane.jobs;
      if (head === undefined) continue;
      const own = { at, rank: rank(head), wanted: wantedOf(head) };
      if (best === undefined || own.rank < best.rank || (own.rank === best.rank && own.wanted < best.wanted)) best = own;
    }
    if (best === undefined) return undefined;
    const [lane] = this.#lanes.splice(best.at, 1);
    const job = lane?.jobs.shift();
    if (lane !== undefined && lane.jobs.length > 0) this.#lanes.push(lane);
    return job;
  }

  some(test: (job: Job<A>) => boolean): boolean {
    return this.#urgent.some(test) || this.#lanes.some(({ jobs }) => jobs.some(test));
  }

  /** Everything that waits, in no order; the queue is empty afterwards. */
  drain(): Job<A>[] {
    const all = [...this.#urgent, ...this.#lanes.flatMap(({ jobs }) => jobs)];
    this.#urgent.length = 0;
    this.#lanes.length = 0;
    return all;
  }
}

function wantedOf({ wantedMono }: Job<unknown>): number {
  return wantedMono ?? Infinity;
}

function insert<A>(jobs: Job<A>[], job: Job<A>): void {
  let at = jobs.length;
  for (let before = jobs[at - 1]; before !== undefined && wantedOf(before) > wantedOf(job); before = jobs[at - 1]) at -= 1;
  jobs.splice(at, 0, job);
}
