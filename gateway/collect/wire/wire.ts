import type { SerialShape } from '../line/dialect.ts';
import type { Problem } from '../poll/outcome.ts';

/** An open byte stream to a line or a device. */
export interface Wire {
  write(bytes: Uint8Array): void;
  /** Sets the serial parameters; only where the wire has any. Rejects when it is lost by that. */
  retune?(shape: SerialShape): Promise<void>;
  /** Closes it; no event follows. Resolves when it is free for the next one. */
  close(): Promise<void>;
}

export interface WireEvents {
  open(): void;
  data(chunk: Buffer): void;
  /** The wire was lost or could not be had. Called once, and not after `close`. */
  lost(problem: Problem): void;
}

/** Opens a wire; never throws. */
export type Dial = (events: WireEvents) => Wire;

/** A way to a wire and what people call it: `10.0.0.9:4196`, `/dev/ttyUSB0`. */
export interface Route {
  readonly where: string;
  readonly dial: Dial;
}

/** The way to go, and where there is one a second to fall back on. */
export type Routes = readonly [Route, (Route | undefined)?];

/** Calls each event at most until the first loss or close. */
export function once(events: WireEvents, release: () => void): WireEvents & { closed: boolean } {
  const guard = {
    closed: false,
    open: () => {
      if (!guard.closed) events.open();
    },
    data: (chunk: Buffer) => {
      if (!guard.closed) events.data(chunk);
    },
    lost: (problem: Problem) => {
      if (guard.closed) return;
      guard.closed = true;
      release();
      events.lost(problem);
    },
  };
  return guard;
}
