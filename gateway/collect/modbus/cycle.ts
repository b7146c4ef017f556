import type { Frame, FrameBody, ReadFault } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Clock } from '../../clock.ts';
import type { Counters } from './counters.ts';
import { exceptionName } from './exceptions.ts';
import type { Outcome } from './outcome.ts';
import { readRequest } from './pdu.ts';
import { type Plan, type PlannedRead, split } from './planner.ts';
import type { Entry } from './schedule.ts';
import type { Slave } from './slave.ts';

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

/** A read that the slave has refused for good is asked again only so often. */
const refusedEvery = 32;

interface Step {
  read: PlannedRead;
  /** Cycles until a refused read is tried again, and what it was refused with. */
  holdOff: number;
  refusal: FrameBody | undefined;
}

/** 一轮轮询: one group of one device, read once per period. Ends with one delivery, whatever happened. */
export class Cycle implements Entry {
  due: number;
  #phase: number | undefined;
  readonly #options: CycleOptions;
  #steps: Step[];
  #busy = false;
  #frames: Frame[] = [];
  #next = 0;
  #triesLeft = 0;
  #heard = false;
  /** The wire failed, not the slave. */
  #blameless = false;
  #fault = '';
  readonly #done = (outcome: Outcome) => this.#came(outcome);

  /** `first`: the first poll; the second is at `phase`, and then every `everyMs`, whatever the cycles take. */
  constructor(options: CycleOptions, first: number, phase: number) {
    this.#options = options;
    this.due = first;
    this.#phase = phase > first ? phase : undefined;
    this.#steps = options.plan.reads.map(stepOf);
  }

  /** The reads as they stand, after what was learnt. */
  get reads(): readonly PlannedRead[] {
    return this.#steps.map((step) => step.read);
  }

  run(now: number): void {
    const { counters, hasRoom, slave } = this.#options;
    this.#moveOn(now);
    if (this.#steps.length === 0) return;
    if (this.#busy || !hasRoom() || !slave.begin(now)) counters.skipped_polls += 1;
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
    this.#busy = true;
    this.#frames = [];
    this.#next = 0;
    this.#heard = false;
    this.#blameless = false;
    this.#options.counters.cycles += 1;
    this.#ask(true);
  }

  #ask(fresh: boolean): void {
    const { slave } = this.#options;
    const step = this.#steps[this.#next];
    if (step === undefined) return this.#end();
    if (step.refusal && step.holdOff > 0) return this.#repeatRefusal(step, step.refusal);
    // A slave that failed last time is not asked twice: the line belongs to those that answer.
    if (fresh) this.#triesLeft = slave.healthy ? slave.retries : 0;
    const { table, start, count } = step.read;
    const job = { request: readRequest(slave.unit, table, start, count), timeoutMs: slave.timeoutMs, done: this.#done };
    return slave.bus.submit(slave.gapMs === undefined ? job : { ...job, gapMs: slave.gapMs });
  }

  #repeatRefusal(step: Step, refusal: FrameBody): void {
    step.holdOff -= 1;
    this.#frames.push({ device: this.#options.slave.id, at: this.#options.clock.now(), body: refusal });
    this.#advance();
  }

  #advance(): void {
    this.#next += 1;
    this.#ask(true);
  }

  #came(outcome: Outcome): void {
    const step = this.#steps[this.#next];
    if (step === undefined) throw new Error('an answer came to a cycle that had ended');
    switch (outcome.kind) {
      case 'words':
      case 'bits':
        return this.#good(step, outcome);
      case 'exception':
        return this.#refused(step, outcome.code, outcome.at);
      case 'silent':
        return this.#silent(step, outcome);
      case 'written':
        throw new Error('a read was answered as a write');
    }
  }

  #good(step: Step, outcome: Extract<Outcome, { kind: 'words' | 'bits' }>): void {
    step.refusal = undefined;
    this.#note(outcome.at);
    const { table, start } = step.read;
    const body: FrameBody =
      outcome.kind === 'words'
        ? { kind: 'registers', table: table as 'input' | 'holding', start, words: outcome.words }
        : { kind: 'bits', table: table as 'coil' | 'discrete', start, bits: outcome.bits };
    this.#frames.push({ device: this.#options.slave.id, at: outcome.at, body });
    this.#advance();
  }

  #note(at: number): void {
    this.#heard = true;
    const { slave, clock, changed } = this.#options;
    if (slave.heard(at, clock.mono())) changed();
  }

  #refused(step: Step, code: number, at: number): void {
    const detail = `exception ${code} (${exceptionName(code)})`;
    // 10 and 11 come from the gateway in front of the slave; the slave itself was not heard.
    if (code === 10 || code === 11) return this.#missed(step, 'exception', detail, at);
    this.#note(at);
    const lasting = code >= 1 && code <= 3;
    const parts = lasting && code !== 1 ? split(step.read) : undefined;
    if (parts) return this.#takeApart(parts);
    const body = faultBody(step.read, lasting ? 'unsupported' : 'exception', detail);
    step.refusal = lasting ? body : undefined;
    step.holdOff = lasting ? refusedEvery : 0;
    this.#frames.push({ device: this.#options.slave.id, at, body });
    return this.#advance();
  }

  /** The merged read was too bold: its parts take its place, now and from now on. */
  #takeApart(parts: readonly PlannedRead[]): void {
    this.#options.counters.splits += 1;
    this.#steps.splice(this.#next, 1, ...parts.map(stepOf));
    this.#ask(true);
  }

  #silent(step: Step, outcome: Extract<Outcome, { kind: 'silent' }>): void {
    const blameless = outcome.why === 'unreachable' || outcome.why === 'stopped';
    if (!blameless && this.#triesLeft > 0) {
      this.#triesLeft -= 1;
      return this.#ask(false);
    }
    this.#blameless = blameless;
    return this.#missed(step, 'no-answer', outcome.detail, outcome.at);
  }

  #missed(step: Step, fault: ReadFault, detail: string, at: number): void {
    this.#fault = detail;
    this.#frames.push({ device: this.#options.slave.id, at, body: faultBody(step.read, fault, detail) });
    // One deaf register must not cost the others, but a slave that says nothing at all is left alone.
    if (this.#heard || (this.#options.slave.healthy && !this.#blameless)) return this.#advance();
    return this.#giveUp(fault, detail, at);
  }

  #giveUp(fault: ReadFault, detail: string, at: number): void {
    for (const { read } of this.#steps.slice(this.#next + 1)) {
      this.#frames.push({ device: this.#options.slave.id, at, body: faultBody(read, fault, detail) });
    }
    this.#end();
  }

  #end(): void {
    const { slave, clock, counters, changed, deliver } = this.#options;
    if (!this.#heard && this.#fault !== '') {
      counters.failed_cycles += 1;
      if (slave.failed(this.#fault, this.#blameless, clock.mono())) changed();
    }
    this.#fault = '';
    const frames = this.#frames;
    this.#frames = [];
    void deliver(frames).then(() => {
      this.#busy = false;
    });
  }
}

function stepOf(read: PlannedRead): Step {
  return { read, holdOff: 0, refusal: undefined };
}

function faultBody(read: PlannedRead, fault: ReadFault, detail: string): FrameBody {
  return { kind: 'fault', table: read.table, start: read.start, count: read.count, fault, detail };
}
