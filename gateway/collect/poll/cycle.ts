import type { Frame, FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Clock } from '../../clock.ts';
import type { Manner, Read, SlaveRefusal, Taken } from '../line/dialect.ts';
import type { Counters } from './counters.ts';
import type { Outcome } from './outcome.ts';
import type { Entry } from './schedule.ts';
import type { Slave } from './slave.ts';
import { answered, refused, standingOf, type Step, stepOf, stepsOf, unheard } from './step.ts';
import { takeFrom } from './take.ts';

export interface CycleOptions<A extends Manner> {
  readonly slave: Slave<A>;
  readonly reads: readonly Read<A>[];
  /** Keys of reads that were taken apart in earlier runs. */
  readonly apart?: ReadonlySet<string>;
  /** What the slave is told when it answers for the first time, and after a silence. */
  readonly tell?: readonly Read<A>[];
  readonly everyMs: number;
  readonly clock: Clock;
  readonly counters: Counters;
  /** Room for another cycle's frames. */
  readonly hasRoom: () => boolean;
  /** Hands the frames of one cycle on, and the keys of reads taken apart in it; resolves when they are kept or given up. */
  readonly deliver: (frames: readonly Frame[], apart: readonly string[]) => Promise<void>;
  /** The device's state is another now. */
  readonly changed: () => void;
  /** The slave refused what it was told. */
  readonly toldRefused?: (detail: string) => void;
}

type Silent = Extract<Outcome, { kind: 'silent' }>;

/** A slave that answered last time is given up for this cycle after so many silent reads; any other after one. */
const silentReads = 2;
/** A busy slave is left alone for 1, 2, 4, … and at most so many periods. */
const mostBusyPeriods = 8;
/** Asks that one read may come to; a slave that always says that there is more is not followed for ever. */
const longestChain = 64;

/** 一轮轮询: one group of one device, read once per period. Ends with one delivery, whatever happened. */
export class Cycle<A extends Manner> implements Entry {
  due: number;
  #phase: number | undefined;
  readonly #options: CycleOptions<A>;
  readonly #steps: Step<A>[];
  /** The read that a cycle begins with: the last that was answered. */
  #from = 0;
  #running = false;
  #wanted = Infinity;
  #todo: Step<A>[] = [];
  #frames: Frame[] = [];
  #apart: string[] = [];
  #asked: A | undefined;
  #chain = 0;
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
  constructor(options: CycleOptions<A>, first: number, phase: number) {
    this.#options = options;
    this.due = first;
    this.#phase = phase > first ? phase : undefined;
    this.#steps = stepsOf(options.reads, options.apart);
  }

  /** The reads as they stand, after what was learnt. */
  get reads(): readonly Read<A>[] {
    return this.#steps.map((step) => step.read);
  }

  run(now: number): void {
    const { counters, everyMs, hasRoom, slave } = this.#options;
    // Half a period is room enough to let others pass, and leaves the other half to be done in time.
    this.#wanted = this.due + everyMs / 2;
    this.#moveOn(now);
    if (this.#steps.length === 0) return;
    if (this.#leaveAlone > 0) {
      this.#leaveAlone -= 1;
      counters.skipped_polls += 1;
    } else if (this.#running || !hasRoom() || !slave.begin(now)) counters.skipped_polls += 1;
    else this.#begin();
  }

  hasten(now: number): void {
    if (this.due <= now) return;
    this.#phase ??= this.due;
    this.due = now;
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
    this.#apart = [];
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
        this.#chain = 0;
        return this.#ask(step.read.first());
      }
      this.#todo.shift();
      this.#add([standing], this.#options.clock.now());
    }
    return this.#end();
  }

  #ask(ask: A): void {
    const { slave } = this.#options;
    // A slave that failed last time is not asked twice: the line belongs to those that answer.
    this.#triesLeft = slave.healthy && this.#silences === 0 ? slave.retries : 0;
    this.#asked = ask;
    this.#submit(ask);
  }

  #submit(ask: A): void {
    const { slave } = this.#options;
    slave.bus.submit({ ask, party: slave, wantedMono: this.#wanted, done: this.#done });
  }

  #add(bodies: readonly FrameBody[], at: number): void {
    for (const body of bodies) this.#frames.push({ device: this.#options.slave.id, at, body });
  }

  #came(outcome: Outcome): void {
    const step = this.#todo[0];
    if (step === undefined) throw new Error('an answer came to a cycle that had ended');
    if (outcome.kind === 'silent') return this.#silent(step, outcome);
    const taken = takeFrom(step.read, outcome.answer);
    // 'isAbsent' comes from a gateway in front of the slave: the slave itself was not heard, and must not count as online.
    const isHeard = !('exception' in taken) || taken.exception.isAbsent !== true;
    if (isHeard) {
      this.#note(outcome.at);
      if (step.isTold !== true && this.#options.slave.mustBeTold()) return this.#tellFirst();
    }
    if (step.isTold === true) return this.#told(taken);
    if ('exception' in taken) return this.#exception(step, taken.exception, outcome.at);
    if ('next' in taken) return this.#goOn(step, taken.next, outcome.at);
    return this.#good(step, taken, outcome.at);
  }

  /** What was read before the slave was told what it must know is read again behind it. */
  #tellFirst(): void {
    const told = (this.#options.tell ?? []).map((read): Step<A> => ({ ...stepOf(read), isTold: true }));
    this.#todo.unshift(...told);
    this.#askNext();
  }

  #told(taken: Taken<A>): void {
    if ('next' in taken && this.#chain < longestChain) {
      this.#chain += 1;
      return this.#askAfterRest(taken.next);
    }
    if ('exception' in taken) this.#options.toldRefused?.(taken.exception.detail);
    else this.#options.counters.init_writes += 1;
    return this.#finished();
  }

  #goOn(step: Step<A>, next: A, at: number): void {
    this.#chain += 1;
    if (this.#chain >= longestChain) return this.#missed(step, `${longestChain} answers, and still more to come`, at);
    return this.#askAfterRest(next);
  }

  /** Some slaves need a pause between one request and the next that belongs to it. */
  #askAfterRest(next: A): void {
    const restMs = this.#asked?.restMs ?? 0;
    if (restMs > 0) this.#options.clock.after(restMs, () => this.#ask(next));
    else this.#ask(next);
  }

  #good(step: Step<A>, { bodies, isLacking }: Extract<Taken<A>, { bodies: unknown }>, at: number): void {
    answered(step);
    const [body] = bodies;
    // One read goes on in any case: by its answers the device is known to be there.
    const isHeardElsewhere = this.#steps.some((other) => other !== step && other.standing === undefined);
    if (isLacking === true && body !== undefined && isHeardElsewhere) refused(step, body);
    this.#from = Math.max(0, this.#steps.indexOf(step));
    this.#add(bodies, at);
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

  #exception(step: Step<A>, refusal: SlaveRefusal, at: number): void {
    const { detail, isLasting } = refusal;
    if (refusal.isAbsent === true) return this.#missed(step, detail, at);
    this.#isBusy ||= refusal.isBusy === true;
    const parts = refusal.isTooMuch === true ? step.read.parts?.() : undefined;
    if (parts) return this.#takeApart(step, parts);
    const body = step.read.fault(isLasting ? 'unsupported' : 'exception', detail);
    if (isLasting) refused(step, body);
    this.#add([body], at);
    return this.#finished();
  }

  /** The merged read was too bold: its parts take its place, now and from now on. */
  #takeApart(step: Step<A>, parts: readonly Read<A>[]): void {
    if (step.read.key !== undefined) this.#apart.push(step.read.key);
    const fresh = this.#replace(step, parts);
    this.#todo.splice(0, 1, ...fresh);
    this.#askNext();
  }

  #replace(step: Step<A>, parts: readonly Read<A>[]): Step<A>[] {
    this.#options.counters.splits += 1;
    const fresh = stepsOf(parts);
    this.#steps.splice(this.#steps.indexOf(step), 1, ...fresh);
    this.#from = 0;
    return fresh;
  }

  #silent(step: Step<A>, outcome: Silent): void {
    this.#blameless = outcome.why === 'unreachable' || outcome.why === 'stopped';
    if (!this.#blameless) this.#options.slave.unanswered();
    const isWorthwhile = !this.#blameless && outcome.why !== 'withheld';
    if (isWorthwhile && this.#triesLeft > 0 && this.#asked !== undefined) {
      this.#triesLeft -= 1;
      return this.#submit(this.#asked);
    }
    if (step.isTold === true) return this.#toldInVain(outcome);
    return this.#missed(step, outcome.detail, outcome.at);
  }

  #toldInVain({ detail }: Silent): void {
    this.#options.slave.toldInVain();
    this.#options.toldRefused?.(detail);
    this.#todo = this.#todo.filter((step) => step.isTold !== true);
    this.#askNext();
  }

  #missed(step: Step<A>, detail: string, at: number): void {
    const body = step.read.fault('no-answer', detail);
    this.#silences += 1;
    this.#fault = detail;
    this.#add([body], at);
    if (this.#heard) {
      const parts = unheard(step, body);
      if (parts) this.#replace(step, parts);
      return this.#finished();
    }
    // One deaf register must not cost the others, but a slave that says nothing at all is left alone.
    const silencesAllowed = this.#options.slave.healthy ? silentReads : 1;
    if (!this.#blameless && this.#silences < silencesAllowed) return this.#finished();
    return this.#giveUp(detail, at);
  }

  #giveUp(detail: string, at: number): void {
    for (const { read } of this.#todo.slice(1)) this.#add([read.fault('no-answer', detail)], at);
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
    void deliver(frames, this.#apart).then(() => {
      this.#running = false;
    });
  }
}
