import type { Command } from '@yihu/device-profiles/vocabulary/command.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { MissingReason } from '@yihu/device-profiles/vocabulary/snapshot.ts';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';

/**
 * A driver is a folder under `collect/` whose `driver.ts` exports `driver: Driver`. Adding one edits no existing file.
 * The core never reads a driver's sections of the site file: it hands them to these schemas and passes the result back.
 */
export interface Driver<Port = unknown, Address = unknown> {
  /** The `driver:` word of a port in the site file. */
  readonly name: string;
  /** The profile protocols this driver serves. */
  readonly protocols: readonly string[];
  /** The port's own settings in the site file (without `id` and `driver`). Strict. */
  readonly port: z.ZodType<Port>;
  /** The `address:` of a device on such a port. Strict. */
  readonly address: z.ZodType<Address>;
  /** The `address:` of a device that speaks this protocol, where a driver serves several with different words. */
  addressOf?(protocol: string): z.ZodType<Address>;
  /** Problems that a schema cannot see: two devices on one unit id, an identity that does not fit its pattern. Sentences. */
  check(port: Port, devices: readonly BoundDevice<Address>[]): ConfigProblem[];
  /** Whether a device can be asked for a picture (`RunningPort.picture`). Pure. */
  hasPictures?(port: Port, device: BoundDevice<Address>): boolean;
  /**
   * What only one port may have, in words that are the same for the same thing: a serial port, a place behind a serial
   * server. Two owners would talk into each other's answers.
   */
  holds?(port: Port): string;
  /** The line time that the port's polls need; undefined where its wire carries whatever is asked. Pure. */
  budget?(port: Port, devices: readonly BoundDevice<Address>[]): LineBudget | undefined;
  /** Starts the port. Never throws for an absent peer: that is an operating error, reported by `report` and retried. */
  start(context: DriverContext<Port, Address>): Promise<RunningPort>;
}

export interface BoundDevice<Address = unknown> {
  readonly id: string;
  readonly profile: Profile;
  readonly address: Address;
}

export interface ConfigProblem {
  /** Where in the port's or device's section, e.g. `devices.meter-1.address.unit`. */
  readonly path: string;
  readonly zh: string;
  readonly en: string;
}

/** 线路时间预算: how much of a shared line's time its polls need, predicted from the bytes they are. */
export interface LineBudget {
  /** Line time of all polls in a second, milliseconds, without the slaves' thinking: 1000 is all there is. */
  readonly msPerSecond: number;
  /** The same with the time slaves usually think before they answer. */
  readonly likelyMsPerSecond: number;
  readonly polls: readonly PollBudget[];
}

export interface PollBudget {
  readonly device: string;
  /** The poll group, or the period of points that have one of their own. */
  readonly group: string;
  readonly everyMs: number;
  readonly requests: number;
  /** Line time of one round, milliseconds. */
  readonly lineMs: number;
  readonly msPerSecond: number;
}

export interface DriverContext<Port, Address> {
  readonly id: string;
  readonly port: Port;
  readonly devices: readonly BoundDevice<Address>[];
  /** Relative paths in the port's section count from here: the folder of the site file. Default: the working folder. */
  readonly folder?: string;
  readonly clock: Clock;
  readonly log: Logger;
  /**
   * Hands frames on. Resolves when they are on disk (only then may the device be acked); rejects when they could not
   * be kept (then it must not be). Frames of one call commit together, and with them what the driver has to know of them
   * after a restart (`keep`): a last serial number is true exactly when its event is in the log.
   */
  emit(frames: readonly Frame[], keep?: Keep): Promise<void>;
  /** What this port had kept when it was started, by key. Absent: nothing. */
  readonly kept?: ReadonlyMap<string, string>;
  /** Takes a picture that a profile lets us keep. Absent: there is no place for pictures, and they are dropped. */
  readonly snapshot?: (snapshot: Snapshot) => Promise<void>;
  /** Asked before a camera or terminal is contacted. Absent: none may be. */
  readonly egress?: Egress;
  /** Says how the port and its devices are; kept for `status`, `/metrics` and the local page. */
  report(state: PortState): void;
}

/** Small things by key, written anew with each call; null forgets. */
export type Keep = readonly (readonly [key: string, json: string | null])[];

/** 快照: a picture that came with an event. Never one of a face, a finger or a palm: drivers drop those. */
export interface Snapshot {
  readonly device: string;
  /** When it came, milliseconds since 1970 UTC. */
  readonly at: number;
  readonly type: 'image/jpeg' | 'image/png';
  readonly bytes: Uint8Array;
  /** What the device calls it. */
  readonly name: string;
  /** The device's own number of the event it belongs to. */
  readonly serial?: string;
}

export interface RunningPort {
  /** Stops taking frames and lets go of sockets and timers. Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
  state(): PortState;
  /** Counters for `/metrics`, in the order of their registration. */
  counters(): Readonly<Record<string, number>>;
  /**
   * Carries out one command of a device's profile. The caller has checked rights, arguments, interlocks and age; the driver
   * checks `deadlineMono` once more just before the bytes leave. Never rejects: what happened is the outcome.
   */
  act?(act: Act): Promise<ActOutcome>;
  /** A still picture of what the device sees now. Never rejects: why there is none is the outcome. */
  picture?(device: string, bounds: PictureBounds): Promise<PictureOutcome>;
  /** The last exchanges with a device, oldest first: what an installer needs to see why it is mute. */
  exchanges?(device: string): readonly Exchange[];
}

/** 控制: a command of a profile on its way to a device. */
export interface Act {
  readonly id: string;
  readonly device: string;
  readonly command: string;
  readonly spec: Command;
  readonly args: Readonly<Record<string, NonNullable<Value>>>;
  /** Not sent after this (monotonic ms). */
  readonly deadlineMono: number;
}

/**
 * `sent`: the device took it, and the protocol has no more to say; the caller reads the `verify` point back. `refused`:
 * certainly not carried out. `unknown`: nothing came back, it may or may not have been carried out. `expired`: never sent.
 */
export type ActOutcome =
  | { readonly state: 'sent' }
  | { readonly state: 'refused' | 'unknown' | 'expired'; readonly code: string; readonly zh: string; readonly en: string };

export interface PictureBounds {
  readonly maxBytes: number;
  /** For a picture that the device has ready. */
  readonly timeoutMs: number;
  /** On top of that, for one that has to be taken out of a video first. */
  readonly videoMs: number;
}

/** `at`: when the picture was there, milliseconds since 1970 UTC. */
export type PictureOutcome =
  | { readonly at: number; readonly bytes: Uint8Array }
  | { readonly missing: MissingReason; readonly zh: string; readonly en: string };

/** One question and answer, or one message, as it was on the wire. */
export interface Exchange {
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** Bytes in hex, or a request line; personal data and secrets left out. */
  readonly sent?: string;
  readonly heard?: string;
  readonly tookMs?: number;
  /** `nonsense`: bytes that were no answer. Absent where the protocol knows no questions. */
  readonly ending?: 'answered' | 'refused' | 'timeout' | 'nonsense' | 'late' | 'broadcast' | 'closed';
  /** What it was, or why it was no answer. */
  readonly note?: Text;
}

/** 出口: only addresses in the subnets that the site file declares are ever contacted by cameras' drivers. */
export interface Egress {
  /** The address to connect to for `host`, resolved once; or why it must not be contacted. */
  resolve(host: string): Promise<{ readonly address: string } | { readonly refused: Text }>;
}

export interface PortState {
  /** `up`: the wire is there, by other means than wanted where there is a reason; `connecting`; `down` with the reason. */
  readonly wire: 'up' | 'connecting' | 'down';
  readonly reason?: { zh: string; en: string };
  readonly devices: Readonly<Record<string, DeviceState>>;
  /** What people should know of a port though it works: it runs on its second host, its line is nearly full. */
  readonly notes?: readonly { readonly zh: string; readonly en: string }[];
  /** The last things a listening port did not take, oldest first, for the installer who wonders why a device is mute. */
  readonly refused?: readonly Refusal[];
}

export interface Refusal {
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** What was refused: a topic, a login, an address; made printable. */
  readonly what: string;
  readonly why: string;
}

export interface DeviceState {
  readonly heardAt: number | null;
  /** Failed attempts in a row. */
  readonly failures: number;
  readonly fault?: string;
  /** Breaker: `open` devices are probed only. */
  readonly breaker?: 'closed' | 'open' | 'probing';
}
