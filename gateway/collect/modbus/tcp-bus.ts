import type { Clock } from '../../clock.ts';
import type { Manner } from '../line/dialect.ts';
import type { Counters } from '../poll/counters.ts';
import type { Ending } from '../poll/exchange-log.ts';
import type { Bus, Job, Problem, Silence } from '../poll/outcome.ts';
import { Turns } from '../poll/turns.ts';
import { Link } from '../wire/link.ts';
import type { Routes } from '../wire/wire.ts';
import { exceptionName } from './exceptions.ts';
import { encodeTcp, MbapReader } from './mbap.ts';
import { type Request, takeAnswer } from './pdu.ts';
import type { Sweeper, Swept } from './sweeper.ts';

export interface TcpBusOptions {
  readonly routes: Routes;
  readonly fallBackAfter?: number | undefined;
  readonly clock: Clock;
  readonly chance: () => number;
  readonly counters: Counters;
  readonly sweeper: Sweeper;
  /** Requests in flight at once. */
  readonly window: number;
}

/** What a connection is given: it makes the frame itself, for each has an id. */
export interface TcpAsk extends Manner {
  readonly request: Request;
}

export function tcpAsk(request: Request): TcpAsk {
  return { request };
}

interface Flight {
  readonly job: Job<TcpAsk>;
  readonly sent: Buffer;
  readonly at: number;
  readonly mono: number;
  readonly deadline: number;
  /** An answer came that does not fit. */
  refused: boolean;
}

/** So many time-outs without one answer between them, and the connection is taken for dead (half-open). */
const silentLimit = 3;
/** So many frames in a row that nobody asked for, and the peer is not taken for a Modbus server any more. */
const unaskedLimit = 64;
/** So many timed-out ids kept out of use on one connection. */
const retiredLimit = 1024;
const maxBackoffMs = 30_000;
/** MBAP header and unit, in front of the PDU. */
const headLength = 7;

const nothing = new Uint8Array(0);

/** One Modbus TCP connection: 16-bit ids, a window, one deadline. */
export class TcpBus implements Bus<TcpAsk>, Swept {
  deadline = Infinity;
  readonly #options: TcpBusOptions;
  readonly #link: Link;
  readonly #reader = new MbapReader((id, unit, buffer, at, length) => this.#take(id, unit, buffer, at, length));
  readonly #turns = new Turns<TcpAsk>();
  readonly #pending = new Map<number, Flight>();
  /** Ids whose answer may still come: never given to another request of this connection. */
  readonly #retired = new Set<number>();
  #id = 0;
  #silent = 0;
  #unasked = 0;
  /** Requests that come while a chunk is taken apart go out together behind it. */
  #isReceiving = false;

  constructor(options: TcpBusOptions) {
    this.#options = options;
    this.#link = new Link(
      { ...options, maxBackoffMs },
      {
        up: () => this.#pump(),
        data: (chunk) => this.#receive(chunk),
        down: (problem, failed) => this.#down(problem, failed),
        moved: () => this.#forget(),
      },
    );
    options.sweeper.add(this);
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

  submit(job: Job<TcpAsk>): void {
    if (!this.#link.hopeful) return this.#silence(job, 'unreachable', this.#link.problem?.en ?? 'not connected');
    this.#turns.push(job);
    if (this.#link.up) this.#pump();
    else this.#link.open();
  }

  stop(): Promise<void> {
    this.#options.sweeper.remove(this);
    const closed = this.#link.stop();
    this.#failFlights('stopped', 'the port was stopped');
    this.#failQueued('stopped', 'the port was stopped');
    return closed;
  }

  sweep(now: number): void {
    this.deadline = Infinity;
    for (const [id, flight] of this.#pending) {
      if (flight.deadline <= now) this.#timedOut(id, flight);
    }
    for (const flight of this.#pending.values()) this.deadline = Math.min(this.deadline, flight.deadline);
    this.#pump();
  }

  #timedOut(id: number, flight: Flight): void {
    this.#pending.delete(id);
    this.#retired.add(id);
    this.#silent += 1;
    this.#options.counters.timeouts += 1;
    this.#record(flight, flight.refused ? 'nonsense' : 'timeout', nothing, `${flight.job.party.timeoutMs} ms`);
    if (this.#reader.partial > 0) this.#nonsense('an answer broke off in the middle');
    else if (this.#silent >= silentLimit) this.#nonsense(`no answer to ${silentLimit} requests in a row`);
    else if (this.#retired.size >= retiredLimit) this.#nonsense('too many requests were never answered');
    this.#silence(flight.job, 'timeout', `no answer within ${flight.job.party.timeoutMs} ms`);
  }

  #pump(): void {
    if (this.#isReceiving || !this.#link.up) return;
    if (this.#pending.size === 0) this.#link.settle();
    const frames: Buffer[] = [];
    while (this.#pending.size < this.#options.window) {
      const job = this.#turns.take();
      if (job === undefined) break;
      if ((job.deadlineMono ?? Infinity) > this.#options.clock.mono()) frames.push(this.#frame(job));
      else this.#silence(job, 'expired', 'too old to be sent');
    }
    const [first] = frames;
    if (first !== undefined) this.#link.send(frames.length === 1 ? first : Buffer.concat(frames));
  }

  #frame(job: Job<TcpAsk>): Buffer {
    const id = this.#freeId();
    const { clock, counters, sweeper } = this.#options;
    const mono = clock.mono();
    const deadline = mono + job.party.timeoutMs;
    const sent = encodeTcp(id, job.ask.request);
    this.#pending.set(id, { job, sent, at: clock.now(), mono, deadline, refused: false });
    if (deadline < this.deadline) {
      this.deadline = deadline;
      sweeper.arm(deadline);
    }
    counters.requests += 1;
    return sent;
  }

  #freeId(): number {
    do this.#id = (this.#id + 1) & 0xffff;
    while (this.#pending.has(this.#id) || this.#retired.has(this.#id));
    return this.#id;
  }

  #receive(chunk: Buffer): void {
    this.#isReceiving = true;
    const wrong = this.#reader.feed(chunk, this.#pending.size > 1);
    this.#isReceiving = false;
    if (wrong !== undefined) this.#nonsense(wrong);
    else this.#pump();
  }

  #take(id: number, unit: number, buffer: Buffer, at: number, length: number): string | undefined {
    const flight = this.#pending.get(id);
    if (flight === undefined) return this.#unexpected(id);
    const { request } = flight.job.ask;
    const answer = unit === request.unit ? takeAnswer(request, buffer, at, length) : undefined;
    const frame = buffer.subarray(at - headLength, at + length);
    if (answer === undefined) {
      this.#options.counters.refused_frames += 1;
      flight.refused = true;
      this.#record(flight, 'nonsense', frame, `${frame.length} B`);
      return 'an answer did not fit its request';
    }
    if (answer.kind === 'exception')
      this.#record(flight, 'refused', frame, `exception ${answer.code} (${exceptionName(answer.code)})`);
    else this.#record(flight, 'answered', frame);
    this.#answered(id, answer.kind === 'exception');
    flight.job.done({ kind: 'answer', answer, at: this.#options.clock.now() });
    return undefined;
  }

  #record({ job, at, mono, sent }: Flight, ending: Ending, heard: Uint8Array, detail?: string): void {
    const tookMs = this.#options.clock.mono() - mono;
    job.party.exchanges?.add({ at, tookMs, ending, sent, heard, ...(detail !== undefined && { detail }) });
  }

  #answered(id: number, exception: boolean): void {
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.deadline = Infinity;
    this.#silent = 0;
    this.#unasked = 0;
    this.#link.good();
    if (exception) this.#options.counters.exceptions += 1;
    else this.#options.counters.answers += 1;
  }

  /** A late answer, a doubled one, or one nobody asked for: dropped. */
  #unexpected(id: number): string | undefined {
    if (this.#retired.delete(id)) {
      this.#options.counters.late_answers += 1;
      this.#silent = 0;
      return undefined;
    }
    this.#options.counters.refused_frames += 1;
    this.#unasked += 1;
    return this.#unasked > unaskedLimit ? 'a flood of answers nobody asked for' : undefined;
  }

  #nonsense(detail: string): void {
    this.#link.reset({
      zh: `对方的数据不符合 Modbus TCP（${detail}），已断开，将自动重连。若一直如此，请确认该端口不是 RTU over TCP。`,
      en: `What came is not the Modbus TCP that was asked for (${detail}); reconnecting. If it stays so, check whether the port speaks RTU over TCP.`,
    });
  }

  /** What was known of late answers belongs to another connection. */
  #forget(): void {
    this.#reader.clear();
    this.#retired.clear();
    this.#silent = 0;
    this.#unasked = 0;
  }

  #down(problem: Problem, failed: boolean): void {
    this.#forget();
    this.#failFlights('closed', problem.en);
    if (failed || !this.#link.hopeful) this.#failQueued('unreachable', problem.en);
    else if (this.#turns.size > 0) this.#link.open();
  }

  #failFlights(why: Silence, detail: string): void {
    const flights = [...this.#pending.values()];
    this.#pending.clear();
    this.deadline = Infinity;
    for (const flight of flights) {
      if (flight.refused) this.#silence(flight.job, 'refused', 'the answer does not fit the request');
      else {
        this.#record(flight, 'closed', nothing, detail.slice(0, 80));
        this.#silence(flight.job, why, detail);
      }
    }
  }

  #failQueued(why: Silence, detail: string): void {
    for (const job of this.#turns.drain()) this.#silence(job, why, detail);
  }

  #silence(job: Job<TcpAsk>, why: Silence, detail: string): void {
    job.done({ kind: 'silent', why, detail, at: this.#options.clock.now() });
  }
}
