import type { FrameBody, ReadFault } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { z } from 'zod';
import type { Act, BoundDevice, ConfigProblem } from '../driver.ts';

/**
 * 方言: what one protocol says on a shared serial line. A folder under `collect/` whose `dialect.ts` exports
 * `dialect: Dialect`; the line finds it by itself. The line owns the wire, the queue, silence, time-outs, quarantine after
 * a late answer, echoes, breakers and fairness; a dialect only knows its frames. Several dialects share one line.
 */
export interface Dialect<Address = unknown> {
  /** The profile protocol it speaks. */
  readonly protocol: string;
  /** The `address:` of a device on a line. Strict; the line adds a `serial` of its own to it. */
  readonly address: z.ZodType<Address>;
  /** What a schema cannot see, among the line's devices of this dialect. */
  check(devices: readonly BoundDevice<Address>[]): ConfigProblem[];
  /**
   * The parameters the profile gives such a device. What the site file says of the device goes before them, and what it
   * says of the line too; so a line that says nothing carries several. Undefined: whatever the line has.
   */
  serial(device: BoundDevice<Address>): SerialShape | undefined;
  /** How long the slave may think before its answer begins, and how often it is asked again. */
  timing(device: BoundDevice<Address>): { readonly timeoutMs: number; readonly retries: number; readonly gapMs?: number };
  /**
   * What is asked to learn these points of the profile (all of one period), in few requests, in order. Called once for
   * each period of a device, and pure: the line-time budget of a site file calls it too. `line`: how long bytes take,
   * where that is known.
   */
  reads(device: BoundDevice<Address>, points: readonly string[], line?: LineTime): readonly Read[];
  /** What a device is told when the wire has come up, and when it answers again after a silence. Absent: nothing. */
  init?(device: BoundDevice<Address>): readonly Read[];
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

/** How long things take on a serial line. */
export interface LineTime {
  /** Silence between two frames, milliseconds. */
  readonly gapMs: number;
  /** Milliseconds that `count` bytes are on the line. */
  bytesMs(count: number): number;
}

export interface SerialShape {
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
  readonly dataBits?: 7 | 8;
}

/** How something that is asked wants to be treated, on whatever wire. */
export interface Manner {
  /** Of a command: asking twice does no more than asking once, so that it may be asked again when nothing came back. */
  readonly isHarmless?: boolean;
  /** Of a command: it carries nothing out by itself (an unlocking); when only such asks were sent, nothing was done. */
  readonly isPreparation?: boolean;
  /** Silence that the slave needs after this before the next ask of the same read or command, milliseconds. */
  readonly restMs?: number;
}

/** Bytes out, and the one answer that fits. */
export interface Ask<Answer = unknown> extends Manner {
  readonly send: Uint8Array;
  /** Who is spoken to, unique on the line over all dialects, such as `dlt645:001234567890`: turns are taken by it. */
  readonly slave: string;
  /** Bytes of the longest good answer: the line allows the time they take. */
  readonly longestAnswer: number;
  /** Bytes of the answer as it usually is, for the line-time budget. Default: `longestAnswer`. */
  readonly usualAnswer?: number;
  /** Its bytes hold a password: they stand in no trace of exchanges and in no log. */
  readonly isSecret?: boolean;
  /** Nobody answers; the line waits its turn-around and goes on. The answer that `take` is given is undefined. */
  readonly isBroadcast?: boolean;
  /**
   * The answer if it stands anywhere in what was heard since sending; noise and leading fill bytes are slid over, the echo
   * of `send` has been cut out. `end` is the offset behind it. A frame with a wrong checksum, length, address or
   * identifier is no answer. `isRefusal`: it is the slave's no, and `says` what, in a few words for the trace. `heard` is
   * the line's own memory: what is kept of it is copied.
   */
  match(
    heard: Uint8Array,
  ): { readonly answer: Answer; readonly end: number; readonly isRefusal?: boolean; readonly says?: string } | undefined;
  /** A good answer may be the same bytes as `send` (a single write of Modbus): only then can an echo be taken for one. */
  readonly mayRepeatItself?: boolean;
  /**
   * What a good answer can be told by from that of another request to the same slave, in a protocol whose answers do not
   * say what they answer. After a time-out the line asks nothing of the same shape until the late answer has come or can
   * come no more; it asks `vary(1)`, `vary(2)`, … instead, whose answers have other shapes and are taken for the same.
   */
  readonly shape?: string;
  vary?(step: number): Ask<Answer> | undefined;
}

/**
 * One thing that is asked of a slave, in every period or once: usually one ask; more where the answer says that there is
 * more to come. `A` is what a wire is given; on a serial line an `Ask`.
 */
export interface Read<A extends Manner = Ask> {
  /** Names it among the device's reads, the same in every run: what was learnt about it is remembered by it. */
  readonly key?: string;
  /** Begins anew: nothing gathered in an earlier round is left. */
  first(): A;
  /** What the answer came to: frames for the pipeline, another ask, or a refusal by the slave. */
  take(answer: unknown): Taken<A>;
  /** The frame that says that nothing came. */
  fault(fault: ReadFault, detail: string): FrameBody;
  /** Smaller reads that together say the same, where it can be taken apart. */
  parts?(): readonly Read<A>[] | undefined;
}

export type Taken<A extends Manner = Ask> =
  /** `isLacking`: the slave answered that it has nothing of this; it is asked again only rarely. */
  | { readonly bodies: readonly FrameBody[]; readonly isLacking?: boolean }
  | { readonly next: A }
  /** The slave answered that it will not. */
  | { readonly exception: SlaveRefusal };

export interface SlaveRefusal {
  readonly detail: string;
  /** The same for people, with the next step. */
  readonly text?: Text;
  /** Asking again soon is useless. */
  readonly isLasting: boolean;
  /** It was perhaps too much at once: the `parts` are asked instead, now and from now on. */
  readonly isTooMuch?: boolean;
  /** It is busy and is left alone for a while. */
  readonly isBusy?: boolean;
  /** A gateway in front of the slave speaks; the slave itself was not heard. */
  readonly isAbsent?: boolean;
}
