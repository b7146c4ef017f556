import type { Answer, Request } from './pdu.ts';

/** Why nothing usable came. `unreachable`: the wire itself is not there; the slave is not to blame. */
export type Silence = 'timeout' | 'refused' | 'closed' | 'unreachable' | 'stopped';

export interface Problem {
  readonly zh: string;
  readonly en: string;
}

/** What became of a request. `at` is the wall clock in ms when the last byte was there. */
export type Outcome =
  | (Answer & { readonly at: number })
  | { readonly kind: 'silent'; readonly why: Silence; readonly detail: string; readonly at: number };

/** A request waiting for its turn. `done` is called exactly once, possibly before `submit` returns. */
export interface Job {
  readonly request: Request;
  readonly timeoutMs: number;
  /** Writes pass in front of reads. */
  readonly urgent?: boolean;
  /** Silence the slave needs between two requests, when longer than the line's own. */
  readonly gapMs?: number;
  done(outcome: Outcome): void;
}

/** One owner of one wire: an RS-485 line or a TCP connection. */
export interface Bus {
  submit(job: Job): void;
  wire(): 'up' | 'connecting' | 'down';
  /** Why the wire is down. */
  problem(): Problem | undefined;
  /** Ends every request at once; resolves when the wire is free. */
  stop(): Promise<void>;
}
