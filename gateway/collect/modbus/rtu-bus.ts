import type { Clock, Timer } from '../../clock.ts';
import type { Counters } from './counters.ts';
import { FairQueue } from './fair-queue.ts';
import { Link } from './link.ts';
import type { Bus, Job, Outcome, Problem, Silence } from './outcome.ts';
import type { Answer } from './pdu.ts';
import { answerLength, requestLength } from './pdu.ts';
import { encodeRtu, RtuReader } from './rtu.ts';
import { narrow, Stragglers } from './stragglers.ts';
import type { Asked } from './stragglers.ts';
import type { LineTime } from './line-time.ts';
import type { Dial } from './wire.ts';

export interface RtuBusOptions {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly chance: () => number;
  readonly counters: Counters;
  readonly line: LineTime;
  /** Silence after a broadcast, milliseconds. */
  readonly turnaroundMs: number;
  /** Behind a serial server: the connection may be dead without a word. */
  readonly isRemote: boolean;
}

/** What the line is doing. `quarantine`: after a time-out, listening for the straggler and sending nothing. */
type Phase = 'idle' | 'gap' | 'waiting' | 'quarantine' | 'turnaround';

interface Flight {
  readonly job: Job;
  readonly asked: Asked;
  readonly sent: Buffer;
}

const quarantineMs = 150;
/** So many time-outs without one byte between them, and the connection to a serial server is opened anew. */
const muteLimit = 8;
/** A line that never falls silent is talked over after this long. */
const babbleMs = 500;
/** The adapter must be back within ten seconds of being plugged in again. */
const maxBackoffMs = 5_000;

/** One RS-485 line, direct or behind a serial server: one owner, one request at a time. */
export class RtuBus implements Bus {
  readonly #options: RtuBusOptions;
  readonly #link: Link;
  readonly #reader = new RtuReader();
  readonly #queue = new FairQueue();
  readonly #stragglers = new Stragglers();
  #phase: Phase = 'idle';
  #timer: Timer | undefined;
  #flight: Flight | undefined;
  /** A request that must be asked once more as it was written. */
  #again: Job | undefined;
  #gapSince = 0;
  #lastByteAt = -Infinity;
  #adapterEchoes = false;
  #mute = 0;

  constructor(options: RtuBusOptions) {
    this.#options = options;
    this.#link = new Link(
      { ...options, maxBackoffMs },
      {
        up: () => this.#next(),
        data: (chunk) => this.#receive(chunk),
        down: (problem, failed) => this.#down(problem, failed),
      },
    );
  }

  wire(): 'up' | 'connecting' | 'down' {
    return this.#link.state();
  }

  problem(): Problem | undefined {
    return this.#link.problem;
  }

  submit(job: Job): void {
    if (!this.#link.hopeful) return this.#silence(job, 'unreachable', this.#link.problem?.en ?? 'not open');
    this.#queue.push(job);
    if (this.#link.up) this.#next();
    else this.#link.open();
  }

  stop(): Promise<void> {
    const closed = this.#link.stop();
    this.#abandon('stopped', 'the port was stopped');
    this.#failQueued('stopped', 'the port was stopped');
    return closed;
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

  #next(): void {
    if (this.#phase !== 'idle' || !this.#link.up) return;
    const job = this.#again ?? this.#queue.take();
    if (job === undefined) return;
    this.#again = job;
    this.#gapSince = this.#options.clock.mono();
    this.#awaitSilence(job);
  }

  /** §2.5.1.1: at least 3.5 characters of silence before a frame; leftovers that come meanwhile are dropped. */
  #awaitSilence(job: Job): void {
    const { clock, line } = this.#options;
    const now = clock.mono();
    const wait = this.#lastByteAt + Math.max(line.gapMs, job.gapMs ?? 0) - now;
    if (wait <= 0 || now - this.#gapSince > babbleMs) return this.#send(job);
    return this.#enter('gap', wait, () => this.#awaitSilence(job));
  }

  #send(job: Job): void {
    const { clock, counters, line } = this.#options;
    this.#again = undefined;
    const asked = this.#stragglers.vary(job.request, clock.mono());
    const sent = encodeRtu(asked.request);
    this.#flight = { job, asked, sent };
    counters.requests += 1;
    this.#link.send(sent);
    const sending = line.bytesMs(sent.length);
    this.#lastByteAt = clock.mono() + sending;
    if (asked.request.unit === 0 && asked.request.fn > 4)
      return this.#enter('turnaround', sending + this.#options.turnaroundMs, () => this.#broadcast());
    const answering = line.bytesMs(answerLength(asked.request) + 3);
    return this.#enter('waiting', sending + job.timeoutMs + answering, () => this.#timedOut());
  }

  #dropLeftovers(): void {
    if (this.#reader.held > 0) this.#options.counters.refused_frames += 1;
    this.#reader.clear();
  }

  /** §2.1: nobody answers a broadcast; it is done when every slave has had the time to carry it out. */
  #broadcast(): void {
    this.#finish({ kind: 'written', at: this.#options.clock.now() });
  }

  #receive(chunk: Buffer): void {
    this.#lastByteAt = this.#options.clock.mono();
    this.#mute = 0;
    const flight = this.#flight;
    // Between requests nothing is kept: a leftover must not be there when the next answer is looked for.
    if (flight === undefined || (this.#phase !== 'waiting' && this.#phase !== 'quarantine')) {
      this.#options.counters.refused_frames += 1;
      return;
    }
    this.#reader.push(chunk);
    const answer = this.#match(flight);
    if (answer === undefined) return;
    if (this.#phase === 'quarantine') return this.#straggled(flight);
    return this.#answered(flight, answer);
  }

  #match(flight: Flight): Answer | undefined {
    const { request } = flight.asked;
    if (this.#reader.startsWith(flight.sent)) this.#adapterEchoes ||= request.fn <= 4;
    // The answer to a single write repeats the request: behind an echoing adapter the first copy is our own voice.
    const isOwnVoice = request.fn <= 4 || this.#adapterEchoes;
    return this.#reader.match(request, isOwnVoice ? flight.sent : undefined);
  }

  #answered(flight: Flight, answer: Answer): void {
    const { counters, clock } = this.#options;
    this.#link.good();
    this.#reader.clear();
    const refusedWidened = answer.kind === 'exception' && flight.asked.request !== flight.job.request;
    if (refusedWidened) {
      // The register added to the retry is not there.
      this.#stragglers.clear(flight.job.request.unit);
      this.#flight = undefined;
      this.#again = flight.job;
      this.#idle();
      return this.#next();
    }
    if (answer.kind === 'exception') counters.exceptions += 1;
    else counters.answers += 1;
    return this.#finish({ ...narrow(answer, flight), at: clock.now() });
  }

  #finish(outcome: Outcome): void {
    const flight = this.#flight;
    this.#flight = undefined;
    this.#idle();
    flight?.job.done(outcome);
    this.#next();
  }

  #timedOut(): void {
    const flight = this.#flight;
    if (flight === undefined) return this.#idle();
    const { counters, clock, line } = this.#options;
    counters.timeouts += 1;
    this.#mute += 1;
    const heard = this.#reader.held;
    this.#stragglers.expect(flight.asked.request, clock.mono());
    const wait = Math.max(quarantineMs, line.bytesMs(requestLength(flight.asked.request)) + line.gapMs);
    this.#enter('quarantine', wait, () => this.#quarantineOver());
    const detail = heard > 0 ? `${heard} bytes came, but no frame that fits` : `no answer within ${flight.job.timeoutMs} ms`;
    this.#silence(flight.job, heard > 0 ? 'refused' : 'timeout', detail);
    if (this.#options.isRemote && this.#mute >= muteLimit) this.#reconnect();
  }

  #reconnect(): void {
    this.#mute = 0;
    this.#link.reset({
      zh: `连续 ${muteLimit} 次请求没有任何回音，正在重新连接串口服务器。请检查它的串口参数和接线。`,
      en: `Not one byte came to ${muteLimit} requests; connecting to the serial server again. Check its serial settings and wiring.`,
    });
  }

  #straggled({ asked }: Flight): void {
    this.#stragglers.came(asked.request);
    this.#options.counters.late_answers += 1;
    this.#quarantineOver();
  }

  #quarantineOver(): void {
    this.#flight = undefined;
    this.#dropLeftovers();
    this.#idle();
    this.#next();
  }

  #down(problem: Problem, failed: boolean): void {
    this.#stragglers.clearAll();
    this.#abandon('closed', problem.en);
    if (failed || !this.#link.hopeful) this.#failQueued('unreachable', problem.en);
    else if (this.#queue.size > 0) this.#link.open();
  }

  #abandon(why: Silence, detail: string): void {
    const flying = this.#phase === 'quarantine' ? undefined : this.#flight?.job;
    const job = flying ?? this.#again;
    this.#flight = undefined;
    this.#again = undefined;
    this.#reader.clear();
    this.#idle();
    if (job) this.#silence(job, why, detail);
  }

  #failQueued(why: Silence, detail: string): void {
    for (const job of this.#queue.drain()) this.#silence(job, why, detail);
  }

  #silence(job: Job, why: Silence, detail: string): void {
    job.done({ kind: 'silent', why, detail, at: this.#options.clock.now() });
  }
}
