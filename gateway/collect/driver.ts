import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
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
  readonly protocols: readonly Profile['transport']['protocol'][];
  /** The port's own settings in the site file (without `id` and `driver`). Strict. */
  readonly port: z.ZodType<Port>;
  /** The `address:` of a device on such a port. Strict. */
  readonly address: z.ZodType<Address>;
  /** Problems that a schema cannot see: two devices on one unit id, an identity that does not fit its pattern. Sentences. */
  check(port: Port, devices: readonly BoundDevice<Address>[]): ConfigProblem[];
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
   * be kept (then it must not be). Frames of one call commit together.
   */
  emit(frames: readonly Frame[]): Promise<void>;
  /** Says how the port and its devices are; kept for `status`, `/metrics` and the local page. */
  report(state: PortState): void;
}

export interface RunningPort {
  /** Stops taking frames and lets go of sockets and timers. Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
  state(): PortState;
  /** Counters for `/metrics`, in the order of their registration. */
  counters(): Readonly<Record<string, number>>;
}

export interface PortState {
  /** `up`: the wire is there; `connecting`; `down` with the reason. */
  readonly wire: 'up' | 'connecting' | 'down';
  readonly reason?: { zh: string; en: string };
  readonly devices: Readonly<Record<string, DeviceState>>;
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
