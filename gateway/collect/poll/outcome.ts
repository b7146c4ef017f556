import type { SerialShape } from '../line/dialect.ts';
import type { ExchangeLog } from './exchange-log.ts';

/**
 * Why nothing usable came. `unreachable`: the wire itself is not there; the slave is not to blame. `expired`: it was not
 * sent in time. `withheld`: it was not sent because a late answer to something else could be taken for its own.
 */
export type Silence = 'timeout' | 'refused' | 'closed' | 'unreachable' | 'stopped' | 'expired' | 'withheld';

export interface Problem {
  readonly zh: string;
  readonly en: string;
}

/** What became of a request. `at` is the wall clock in ms when the last byte was there. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: unknown; readonly at: number }
  | { readonly kind: 'silent'; readonly why: Silence; readonly detail: string; readonly at: number };

/** Who is asked. */
export interface Party {
  /** Unique on its bus: turns are taken by it. */
  readonly key: string;
  /** Until its answer begins. */
  readonly timeoutMs: number;
  /** Silence it needs between two requests, when longer than the line's own. */
  readonly gapMs?: number | undefined;
  /** The parameters it wants the line to have; without them, whatever the line has. */
  readonly shape?: SerialShape | undefined;
  readonly exchanges?: ExchangeLog | undefined;
  /** It did not answer when it was last asked: those that do go first. */
  readonly isSuspect?: boolean;
}

/** A request waiting for its turn. `done` is called exactly once, possibly before `submit` returns. */
export interface Job<A> {
  readonly ask: A;
  readonly party: Party;
  /** Commands pass in front of polls. */
  readonly urgent?: boolean;
  /** By when a poll should have been asked (monotonic ms); among polls the earliest goes first. Default: no hurry. */
  readonly wantedMono?: number;
  /** Not sent after this (monotonic ms). */
  readonly deadlineMono?: number;
  done(outcome: Outcome): void;
}

/** One owner of one wire: a serial line or a TCP connection. */
export interface Bus<A> {
  submit(job: Job<A>): void;
  wire(): 'up' | 'connecting' | 'down';
  /** Why the wire is down. */
  problem(): Problem | undefined;
  /** What people should know though it works. */
  note(): Problem | undefined;
  /** How often the wire has come up: with a new number, devices may have forgotten what they were told. */
  session(): number;
  /** Ends every request at once; resolves when the wire is free. */
  stop(): Promise<void>;
}

/** What is done on a bus, as its state says it. */
export interface WireState {
  readonly wire: 'up' | 'connecting' | 'down';
  readonly reason?: Problem | undefined;
  readonly notes?: readonly Problem[] | undefined;
  readonly refused?: readonly { readonly at: number; readonly what: string; readonly why: string }[] | undefined;
}
