import type { Clock, Timer } from '../../clock.ts';
import type { Counters } from '../poll/counters.ts';
import type { Ending } from '../poll/exchange-log.ts';
import type { Bus, Job, Outcome, Problem, Silence } from '../poll/outcome.ts';
import { givesWay, Turns } from '../poll/turns.ts';
import { Link } from '../wire/link.ts';
import type { Routes } from '../wire/wire.ts';
import type { Ask, LineTime, SerialShape } from './dialect.ts';
import { Ears } from './ears.ts';
import { remoteLine, serialLine } from './line-time.ts';
import { Repeats } from './repeats.ts';
import { Stragglers } from './stragglers.ts';
import { Tuning } from './tuning.ts';

export interface LineBusOptions {
  readonly routes: Routes;
  readonly fallBackAfter?: number | undefined;
  readonly clock: Clock;
  readonly chance: () => number;
  readonly counters: Counters;
  /** The parameters the line is opened with, or is thought to have; without them a remote line's bytes need no time. */
  readonly shape?: SerialShape | undefined;
  /** Silence after a broadcast, milliseconds. */
  readonly turnaroundMs: number;
  /** Behind a serial server: its gaps are not ours to keep, and the connection may be dead without a word. */
  readonly isRemote: boolean;
  /** What the wire itself says between answers: heartbeats of a unit that dials in. */
  readonly words?: readonly Uint8Array[];
  /** Told of a dialect that threw. */
  readonly broke?: (error: unknown) => void;
}

/** What the line is doing. `quarantine`: after a time-out, listening for the straggler and sending nothing. */
type Phase = 'idle' | 'retuning' | 'gap' | 'waiting' | 'quarantine' | 'turnaround';

interface Flight {
  readonly job: Job<Ask>;
  /** As it went out: `job.ask`, or a variation of it. */
  readonly asked: Ask;
  readonly at: number;
  readonly mono: number;
  /** Began with the same bytes as the answer before. */
  isDoubted?: boolean;
}

type Found = NonNullable<ReturnType<Ask['match']>>;

const quarantineMs = 150;
/** So many time-outs without one byte between them, and the connection to a serial server is opened anew. */
const muteLimit = 8;
/** A line that never falls silent is talked over after this long. */
const babbleMs = 500;
/** The adapter must be back within ten seconds of being plugged in again. */
const maxBackoffMs = 5_000;

const nothing = new Uint8Array(0);

/** One serial line, direct, behind a serial server or behind a unit that dials in: one owner, one request at a time. */
export class LineBus implements Bus<Ask> {
  readonly #options: LineBusOptions;
  readonly #link: Link;
  readonly #ears: Ears;
  readonly #tuning: Tuning;
  readonly #turns = new Turns<Ask>();
  readonly #stragglers = new Stragglers();
  readonly #repeats = new Repeats();
  #phase: Phase = 'idle';
  #timer: Timer | undefined;
  #flight: Flight | undefined;
  /** The request whose turn it is, not yet sent or to be sent once more as it was written. */
  #next: Job<Ask> | undefined;
  #gapSince = 0;
  #lastByteAt = -Infinity;
  #mute = 0;
  /** Has just been silent: another has the next turn. */
  #deaf: string | undefined;

  constructor(options: LineBusOptions) {
    this.#options = options;
    this.#ears = new Ears(options.words, (error) => options.broke?.(error));
    this.#tuning = new Tuning(options.clock, options.shape, options.isRemote);
    this.#link = new Link(
      { ...options, maxBackoffMs },
      {
        up: () => this.#opened(),
        data: (chunk) => this.#receive(chunk),
        down: (problem, failed) => this.#down(problem, failed),
        moved: () => this.#forget(),
      },
    );
  }

  wire(): 'up' | 'connecting' | 'down' {
    return this.#link.state();
  }

  problem(): Problem | undefined {
    return this.#link.problem;
  }

  note(): Problem | undefined {
    return this.#link.note;
  }

  session(): number {
    return this.#link.sessions;
  }

  /** Its unit has dialled in. */
  wake(): void {
    this.#link.nudge();
  }

  submit(job: Job<Ask>): void {
    if (!this.#link.hopeful) return this.#silence(job, 'unreachable', this.#link.problem?.en ?? 'not open');
    this.#turns.push(job);
    this.#tuning.waits(job);
    if (this.#link.up) this.#goOn();
    else this.#link.open();
  }

  stop(): Promise<void> {
    const closed = this.#link.stop();
    this.#abandon('stopped', 'the port was stopped');
    this.#failQueued('stopped', 'the port was stopped');
    return closed;
  }

  #opened(): void {
    this.#tuning.opened((test) => this.#turns.some(test));
    this.#goOn();
  }

  #enter(phase: Phase, ms: number, then: () => void): void {
    this.#timer?.cancel();
    this.#phase = phase;
    this.#timer = this.#options.clock.after(Math.max(0, ms), then);
  }

  #idle(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#phase = 'idle';
  }

  #goOn(): void {
    if (this.#phase !== 'idle' || !this.#link.up) return;
    this.#link.settle();
    const job = this.#next ?? this.#take();
    if (job === undefined) return;
    this.#next = job;
    this.#gapSince = this.#options.clock.mono();
    if (this.#tuning.fits(job) || job.party.shape === undefined) return this.#awaitSilence(job);
    return this.#retune(job.party.shape);
  }

  /** The next job that is still wanted. */
  #take(): Job<Ask> | undefined {
    const now = this.#options.clock.mono();
    const fittingFirst = this.#tuning.prefersFitting();
    const rank = (job: Job<Ask>) =>
      (this.#tuning.fits(job) === fittingFirst ? 0 : 4) + (givesWay(job, now) ? 2 : 0) + (job.party.key === this.#deaf ? 1 : 0);
    for (let job = this.#turns.take(rank); job !== undefined; job = this.#turns.take(rank)) {
      this.#deaf = undefined;
      if ((job.deadlineMono ?? Infinity) > now) return job;
      this.#silence(job, 'expired', 'too old to be sent');
    }
    return undefined;
  }

  #retune(shape: SerialShape): void {
    const session = this.#link.sessions;
    this.#phase = 'retuning';
    this.#link.retune(shape).then(
      () => {
        if (this.#phase !== 'retuning' || session !== this.#link.sessions) return;
        this.#tuning.changed(shape, (test) => this.#turns.some(test));
        this.#phase = 'idle';
        this.#goOn();
      },
      // `down` has been told why.
      () => undefined,
    );
  }

  #lineTime({ party }: Job<Ask>): LineTime {
    const shape = party.shape ?? this.#tuning.shape;
    return this.#options.isRemote || shape === undefined ? remoteLine(shape) : serialLine(shape);
  }

  /** §2.5.1.1: at least 3.5 characters of silence before a frame; leftovers that come meanwhile are dropped. */
  #awaitSilence(job: Job<Ask>): void {
    const { clock } = this.#options;
    const now = clock.mono();
    const wait = this.#lastByteAt + Math.max(this.#lineTime(job).gapMs, job.party.gapMs ?? 0) - now;
    if (wait <= 0 || now - this.#gapSince > babbleMs) return this.#send(job);
    return this.#enter('gap', wait, () => this.#awaitSilence(job));
  }

  #send(job: Job<Ask>): void {
    const { clock, counters } = this.#options;
    const now = clock.mono();
    this.#next = undefined;
    this.#idle();
    const asked = this.#stragglers.vary(job.ask, now);
    if ((job.deadlineMono ?? Infinity) <= now) this.#silence(job, 'expired', 'too old to be sent');
    else if (asked === undefined) this.#silence(job, 'withheld', 'a late answer could be taken for that of this request');
    else {
      this.#flight = { job, asked, at: clock.now(), mono: now };
      counters.requests += 1;
      this.#ears.clear();
      this.#link.send(asked.send);
      return this.#listen(this.#flight);
    }
    return this.#goOn();
  }

  #listen({ job, asked }: Flight): void {
    const line = this.#lineTime(job);
    const sending = line.bytesMs(asked.send.length);
    this.#lastByteAt = this.#options.clock.mono() + sending;
    if (asked.isBroadcast === true)
      return this.#enter('turnaround', sending + this.#options.turnaroundMs, () => this.#broadcast());
    const answering = line.bytesMs(asked.longestAnswer);
    return this.#enter('waiting', sending + job.party.timeoutMs + answering, () => this.#timedOut());
  }

  /** §2.1: nobody answers a broadcast; it is done when every slave has had the time to carry it out. */
  #broadcast(): void {
    this.#record('broadcast');
    this.#finish({ kind: 'answer', answer: undefined, at: this.#options.clock.now() });
  }

  #receive(chunk: Buffer): void {
    this.#lastByteAt = this.#options.clock.mono();
    this.#mute = 0;
    const flight = this.#flight;
    // Between requests nothing is kept: a leftover must not be there when the next answer is looked for.
    if (flight === undefined || (this.#phase !== 'waiting' && this.#phase !== 'quarantine')) {
      if (!this.#ears.isWord(chunk)) this.#options.counters.refused_frames += 1;
      return;
    }
    const found = this.#ears.hear(chunk, flight.asked);
    if (found === undefined) return;
    if (this.#phase === 'quarantine') return this.#straggled(flight);
    return this.#doubt(flight, found) ? undefined : this.#answered(flight, found);
  }

  /**
   * The slave may have said the answer before twice: what it says next is the answer, and where it says nothing, this was.
   * True where that is to be seen.
   */
  #doubt(flight: Flight, found: Found): boolean {
    const { clock } = this.#options;
    const heard = Uint8Array.from(this.#ears.bytes);
    const repeat = flight.isDoubted === true ? undefined : this.#repeats.find(flight.asked, heard);
    if (repeat === undefined) return false;
    flight.isDoubted = true;
    this.#ears.clear();
    const { timeoutMs } = flight.job.party;
    const decide = () => {
      if (this.#ears.length === 0) this.#answered(flight, found, heard.subarray(0, repeat.length));
      else this.#enter('waiting', timeoutMs, () => this.#timedOut());
    };
    // Where this process was held up, what came meanwhile lies behind this timer: one turn more, and it is heard.
    this.#enter('waiting', Math.min(repeat.waitMs, flight.mono + timeoutMs - clock.mono()), () =>
      this.#enter('waiting', 1, decide),
    );
    const other = heard.length > repeat.length ? this.#ears.hear(heard.subarray(repeat.length), flight.asked) : undefined;
    if (other !== undefined) this.#answered(flight, other);
    return true;
  }

  #answered(flight: Flight, { answer, isRefusal = false, says }: Found, heard: Uint8Array = this.#ears.bytes): void {
    const { counters, clock } = this.#options;
    this.#link.good();
    this.#repeats.answered(flight.asked, heard, clock.mono() - flight.mono);
    this.#record(isRefusal ? 'refused' : 'answered', says, heard);
    this.#ears.clear();
    if (isRefusal && flight.asked !== flight.job.ask) {
      // What was added to tell the answers apart is not there; the slave answers in order, so nothing older is on its way.
      this.#stragglers.clear(flight.asked.slave);
      this.#flight = undefined;
      this.#next = flight.job;
      this.#idle();
      return this.#goOn();
    }
    if (isRefusal) counters.exceptions += 1;
    else counters.answers += 1;
    return this.#finish({ kind: 'answer', answer, at: clock.now() });
  }

  #finish(outcome: Outcome): void {
    const flight = this.#flight;
    this.#flight = undefined;
    this.#idle();
    flight?.job.done(outcome);
    this.#goOn();
  }

  #timedOut(): void {
    const flight = this.#flight;
    if (flight === undefined) return this.#idle();
    const { counters, clock } = this.#options;
    const { job, asked } = flight;
    counters.timeouts += 1;
    this.#mute += 1;
    this.#deaf = job.party.key;
    const heard = this.#ears.length;
    this.#stragglers.expect(asked, clock.mono());
    this.#record(heard > 0 ? 'nonsense' : 'timeout', heard > 0 ? `${heard} B` : `${job.party.timeoutMs} ms`);
    const line = this.#lineTime(job);
    const wait = Math.max(quarantineMs, line.bytesMs(asked.send.length) + line.gapMs);
    this.#enter('quarantine', wait, () => this.#quarantineOver());
    const detail = heard > 0 ? `${heard} bytes came, but no frame that fits` : `no answer within ${job.party.timeoutMs} ms`;
    this.#silence(job, heard > 0 ? 'refused' : 'timeout', detail);
    if (this.#options.isRemote && this.#mute >= muteLimit) this.#reconnect();
  }

  #reconnect(): void {
    this.#mute = 0;
    this.#link.reset({
      zh: `连续 ${muteLimit} 次请求没有任何回音，正在重新连接串口服务器。请检查它的串口参数和接线。`,
      en: `Not one byte came to ${muteLimit} requests; connecting to the serial server again. Check its serial settings and wiring.`,
    });
  }

  #straggled({ asked, mono }: Flight): void {
    this.#stragglers.came(asked);
    this.#options.counters.late_answers += 1;
    this.#record('late', `${Math.round(this.#options.clock.mono() - mono)} ms`);
    this.#ears.clear();
    this.#quarantineOver();
  }

  #quarantineOver(): void {
    this.#flight = undefined;
    if (this.#ears.length > 0) this.#options.counters.refused_frames += 1;
    this.#ears.clear();
    this.#idle();
    this.#goOn();
  }

  /** Notes the exchange under way as it ended. */
  #record(ending: Ending, detail?: string, heard: Uint8Array = this.#ears.bytes): void {
    const flight = this.#flight;
    const log = flight?.job.party.exchanges;
    if (flight === undefined || log === undefined) return;
    const { clock } = this.#options;
    log.add({
      at: flight.at,
      tookMs: clock.mono() - flight.mono,
      ending,
      ...(detail !== undefined && { detail }),
      sent: flight.asked.send,
      heard: ending === 'broadcast' ? nothing : heard,
      isSecret: flight.asked.isSecret === true,
    });
  }

  /** What was known about late answers and the adapter belongs to another wire. */
  #forget(): void {
    this.#stragglers.clearAll();
    this.#repeats.forget();
    this.#ears.forget();
    this.#mute = 0;
  }

  #down(problem: Problem, failed: boolean): void {
    this.#stragglers.clearAll();
    this.#abandon('closed', problem.en);
    if (failed || !this.#link.hopeful) this.#failQueued('unreachable', problem.en);
    else if (this.#turns.size > 0) this.#link.open();
  }

  /** What is under way ends; what had its turn and was not sent is not to blame. */
  #abandon(why: Silence, detail: string): void {
    const flying = this.#phase === 'quarantine' ? undefined : this.#flight;
    if (flying !== undefined) this.#record('closed', detail.slice(0, 80));
    const waiting = this.#next;
    this.#flight = undefined;
    this.#next = undefined;
    this.#ears.clear();
    this.#idle();
    if (flying) this.#silence(flying.job, why, detail);
    if (waiting) this.#silence(waiting, why === 'closed' ? 'unreachable' : why, detail);
  }

  #failQueued(why: Silence, detail: string): void {
    for (const job of this.#turns.drain()) this.#silence(job, why, detail);
  }

  #silence(job: Job<Ask>, why: Silence, detail: string): void {
    job.done({ kind: 'silent', why, detail, at: this.#options.clock.now() });
  }
}
