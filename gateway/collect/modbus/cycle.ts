import type { Frame, FrameBody, ReadFault } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Clock } from '../../clock.ts';
import type { Counters } from './counters.ts';
import { exceptionName } from './exceptions.ts';
import type { Outcome } from './outcome.ts';
import { readRequest } from './pdu.ts';
import { type Plan, type PlannedRead, split } from './planner.ts';
import type { Entry } from './schedule.ts';
import type { Slave } from './slave.ts';
import { answered, type FaultBody, faultOf, refused, standingOf, type Step, stepsOf, unheard } from './step.ts';

export interface CycleOptions {
  readonly slave: Slave;
  readonly plan: Plan;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly counters: Counters;
  /** Room for another cycle's frames. */
  readonly hasRoom: () => boolean;
  /** Hands the frames of one cycle on; resolves when they are kept or given up. */
  readonly deliver: (frames: readonly Frame[]) => Promise<void>;
  /** The device's state is another now. */
  readonly changed: () => void;
}

/** A slave that answered last time is given up for this cycle after so many silent reads; any other after one. */
const silentReads = 2;
/** A busy slave is left alone for 1, 2, 4, … and at most so many periods. */
const mostBusyPeriods = 8;

/** 一轮轮询: one group of one device, read once per period. Ends with one delivery, whatever happened. */
export class Cycle implements Entry {
  due: number;
  #phase: number | undefined;
  readonly #options: CycleOptions;
  readonly #steps: Step[];
  /** The read that a cycle begins with: the last that was answered. */
  #from = 0;
  #running = false;
  #todo: Step[] = [];
  #frames: Frame[] = [];
  #triesLeft = 0;
  #heard = false;
  #silences = 0;
  /** The wire failed, not the slave. */
  #blameless = false;
  #fault = '';
  #isBusy = false;
  #busyPeriods = 0;
  #leaveAlone = 0;
  readonly #done = (outcome: Outcome) => this.#came(outcome);

  /** `first`: the first poll; the second is at `phase`, and then every `everyMs`, whatever the cycles take. */
  constructor(options: CycleOptions, first: number, phase: number) {
    this.#options = options;
    this.due = first;
    this.#phase = phase > first ? phase : undefined;
    this.#steps = stepsOf(options.plan.reads);
  }

  /** The reads as they stand, after what was learnt. */
  get reads(): readonly PlannedRead[] {
    return this.#steps.map((step) => step.read);
  }

  run(now: number): void {
    const { counters, hasRoom, slave } = this.#options;
    this.#moveOn(now);
    if (this.#steps.length === 0) return;
    if (this.#leaveAlone > 0) {
      this.#leaveAlone -= 1;
      counters.skipped_polls += 1;
    } else if (this.#running || !hasRoom() || !slave.begin(now)) counters.skipped_polls += 1;
    else this.#begin();
  }

  /** The phase stays: a poll that came late does not push the next ones back, and missed ones are not made up for. */
  #moveOn(now: number): void {
    const { everyMs, counters } = this.#options;
    const next = this.#phase ?? this.due + everyMs;
    this.#phase = undefined;
    const missed = next > now ? 0 : Math.floor((now - next) / everyMs) + 1;
    counters.skipped_polls += missed;
    this.due = next + missed * everyMs;
  }

  #begin(): void {
    this.#running = true;
    this.#frames = [];
    this.#heard = false;
    this.#silences = 0;
    this.#blameless = false;
    this.#fault = '';
    this.#isBusy = false;
    this.#todo = [...this.#steps.slice(this.#from), ...this.#steps.slice(0, this.#from)];
    this.#options.counters.cycles += 1;
    this.#askNext();
  }

  #askNext(): void {
    for (let step = this.#todo[0]; step !== undefined; step = this.#todo[0]) {
      const standing = standingOf(step);
      if (standing === undefined) {
        // A slave that failed last time is not asked twice: the line belongs to those that answer.
        this.#triesLeft = this.#options.slave.healthy && this.#silences === 0 ? this.#options.slave.retries : 0;
        return this.#ask(step);
      }
      this.#todo.shift();
      this.#add(standing, this.#options.clock.now());
    }
    return this.#end();
  }

  #ask({ read }: Step): void {
    const { slave } = this.#options;
    const request = readRequest(slave.unit, read.table, read.start, read.count);
    const job = { request, timeoutMs: slave.timeoutMs, done: this.#done };
    slave.bus.submit(slave.gapMs === undefined ? job : { ...job, gapMs: slave.gapMs });
  }

  #add(body: FrameBody, at: number): void {
    this.#frames.push({ device: this.#options.slave.id, at, body });
  }

  #came(outcome: Outcome): void {
    const step = this.#todo[0];
    if (step === undefined) throw new Error('an answer came to a cycle that had ended');
    switch (outcome.kind) {
      case 'words':
      case 'bits':
        return this.#good(step, outcome);
      case 'exception':
        return this.#exception(step, outcome.code, outcome.at);
      case 'silent':
        return this.#silent(step, outcome);
      case 'written':
        throw new Error('a read was answered as a write');
    }
  }

  #good(step: Step, outcome: Extract<Outcome, { kind: 'words' | 'bits' }>): void {
    answered(step);
    this.#from = this.#steps.indexOf(step);
    this.#note(outcome.at);
    const { table, start } = step.read;
    if (outcome.kind === 'words') {
      this.#add({ kind: 'registers', table: table as 'input' | 'holding', start, words: outcome.words }, outcome.at);
    } else this.#add({ kind: 'bits', table: table as 'coil' | 'discrete', start, bits: outcome.bits }, outcome.at);
    this.#finished();
  }

  #note(at: number): void {
    this.#heard = true;
    const { slave, clock, changed } = this.#options;
    if (slave.heard(at, clock.mono())) changed();
  }

  #finished(): void {
    this.#todo.shift();
    this.#askNext();
  }

  #exception(step: Step, code: number, at: number): void {
    const detail = `exception ${code} (${exceptionName(code)})`;
    // 10 and 11 come from the gateway in front of the slave; the slave itself was not heard, and must not count as online.
    if (code === 10 || code === 11) return this.#missed(step, faultOf(step.read, 'no-answer', detail), at);
    this.#note(at);
    this.#isBusy ||= code === 5 || code === 6;
    const parts = code === 2 || code === 3 ? split(step.read) : undefined;
    if (parts) return this.#takeApart(step, parts);
    const isLasting = code >= 1 && code <= 3;
    const body = faultOf(step.read, isLasting ? 'unsupported' : 'exception', detail);
    if (isLasting) refused(step, body);
    this.#add(body, at);
    return this.#finished();
  }

  /** The merged read was too bold: its parts take its place, now and from now on. */
  #takeApart(step: Step, parts: readonly PlannedRead[]): void {
    const fresh = this.#replace(step, parts);
    this.#todo.splice(0, 1, ...fresh);
    this.#askNext();
  }

  #replace(step: Step, parts: readonly PlannedRead[]): Step[] {
    this.#options.counters.splits += 1;
    const fresh = stepsOf(parts);
    this.#steps.splice(this.#steps.indexOf(step), 1, ...fresh);
    this.#from = 0;
    return fresh;
  }

  #silent(step: Step, outcome: Extract<Outcome, { kind: 'silent' }>): void {
    this.#blameless = outcome.why === 'unreachable' || outcome.why === 'stopped';
    if (!this.#blameless && this.#triesLeft > 0) {
      this.#triesLeft -= 1;
      return this.#ask(step);
    }
    return this.#missed(step, faultOf(step.read, 'no-answer', outcome.detail), outcome.at);
  }

  #missed(step: Step, body: FaultBody, at: number): void {
    this.#silences += 1;
    this.#fault = body.detail;
    this.#add(body, at);
    if (this.#heard) {
      const parts = unheard(step, body);
      if (parts) this.#replace(step, parts);
      return this.#finished();
    }
    // One deaf register must not cost the others, but a slave that says nothing at all is left alone.
    const silencesAllowed = this.#options.slave.healthy ? silentReads : 1;
    if (!this.#blameless && this.#silences < silencesAllowed) return this.#finished();
    return this.#giveUp(body.fault, body.detail, at);
  }

  #giveUp(fault: ReadFault, detail: string, at: number): void {
    for (const { read } of this.#todo.slice(1)) this.#add(faultOf(read, fault, detail), at);
    this.#todo.length = 0;
    // The next cycle begins with another read: this one may be the deaf one.
    this.#from = (this.#from + 1) % this.#steps.length;
    this.#end();
  }

  #end(): void {
    const { slave, clock, counters, changed, deliver } = this.#options;
    const isFailed = !this.#heard && this.#fault !== '';
    if (isFailed) {
      counters.failed_cycles += 1;
      if (slave.failed(this.#fault, this.#blameless, clock.mono())) changed();
    } else slave.ended(clock.mono());
    this.#busyPeriods = this.#isBusy ? Math.min(mostBusyPeriods, Math.max(1, this.#busyPeriods * 2)) : 0;
    this.#leaveAlone = this.#busyPeriods;
    const frames = this.#frames;
    this.#frames = [];
    void deliver(frames).then(() => {
      this.#running = false;
    });
  }
}
