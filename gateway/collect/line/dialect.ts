import type { FrameBody, ReadFault } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { z } from 'zod';
import type { Act, BoundDevice, ConfigProblem } from '../driver.ts';

/**
 * 方言: what one protocol says on a shared serial line. A folder under `collect/` whose `dialect.ts` exports
 * `dialect: Dialect`; the line finds it by itself. The line owns the wire, the queue, silence, time-outs, quarantine after
 * a late answer, breakers and fairness; a dialect only knows its frames. Several dialects share one line.
 */
export interface Dialect<Address = unknown> {
  /** The profile protocol it speaks. */
  readonly protocol: string;
  /** The `address:` of a device on a line. Strict. */
  readonly address: z.ZodType<Address>;
  /** What a schema cannot see, among the line's devices of this dialect. */
  check(devices: readonly BoundDevice<Address>[]): ConfigProblem[];
  /** The parameters the profile wants the line to have; a site may say otherwise. Undefined: whatever the line has. */
  serial(device: BoundDevice<Address>): SerialShape | undefined;
  /** What is asked in one poll group of a device, in order. */
  reads(device: BoundDevice<Address>, group: string): readonly Read[];
  /** How long the slave may think before its answer begins, and how often it is asked again. */
  timing(device: BoundDevice<Address>): { readonly timeoutMs: number; readonly retries: number; readonly gapMs?: number };
  /** What a command comes to on the line; `refused` where it cannot be said. Absent: this dialect has no commands. */
  act?(
    device: BoundDevice<Address>,
    act: Act,
    context: ActContext,
  ): Read | { readonly refused: { code: string; zh: string; en: string } };
}

/** What a command may need and a dialect does not have by itself. */
export interface ActContext {
  /** Wall clock, ms since 1970 UTC: some commands carry a time of day, or the time until which they hold. */
  readonly at: number;
  /** Paths in the address (a file with a meter's password) count from here: the folder of the site file. */
  readonly folder: string;
}

export interface SerialShape {
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
  readonly dataBits?: 7 | 8;
}

/** Bytes out, and the one answer that fits. */
export interface Ask<Answer = unknown> {
  readonly send: Uint8Array;
  /** Who is spoken to, unique on the line over all dialects, such as `dlt645:001234567890`: turns are taken by it. */
  readonly slave: string;
  /** Bytes of the longest good answer: the line allows the time they take. */
  readonly longestAnswer: number;
  /** Its bytes hold a password: they stand in no trace of exchanges and in no log. */
  readonly isSecret?: boolean;
  /** Nobody answers; the line waits its turn-around and goes on. */
  readonly isBroadcast?: boolean;
  /**
   * The answer if it stands anywhere in what was heard since sending; echo, noise and leading fill bytes are slid over.
   * `end` is the offset behind it. A frame with a wrong checksum, length, address or identifier is no answer.
   */
  match(heard: Uint8Array): { readonly answer: Answer; readonly end: number } | undefined;
}

/** One thing to ask a slave: usually one ask; more where the answer says that there is more to come. A fresh one for every cycle. */
export interface Read {
  first(): Ask;
  /** What the answer came to: frames for the pipeline, another ask, or a refusal by the slave. */
  take(answer: unknown): Taken;
  /** The frame that says that nothing came. */
  fault(fault: ReadFault, detail: string): FrameBody;
}

export type Taken =
  | { readonly bodies: readonly FrameBody[] }
  | { readonly next: Ask }
  /** The slave answered that it will not. `isLasting`: asking again soon is useless. */
  | { readonly exception: { readonly detail: string; readonly isLasting: boolean } };
