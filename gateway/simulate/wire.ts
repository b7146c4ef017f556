import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Chance } from '../random.ts';
import type { SimulatedDevice } from './device.ts';
import type { FaultName } from './faults.ts';
import type { Endpoint } from './place.ts';

/**
 * 模拟线路: a folder of `wires/` whose `wire.ts` exports `wire: SimulatedWire` is the other end of what a driver of
 * `collect/` does. Adding one edits no existing file. It is written from the standard and the profile, apart from the
 * driver, so that each is a check of the other.
 */
export interface SimulatedWire {
  /** The `driver:` word of the ports whose devices it plays. */
  readonly driver: string;
  /** What can go wrong with a device on it. */
  faults(device: SimulatedDevice): readonly FaultName[];
  /**
   * Which registers or identifiers can be refused one by one (`exception:17`), as a person writes them. Absent or none: a device
   * refuses all or nothing.
   */
  places?(device: SimulatedDevice): readonly string[];
  /** Makes the devices of a port ready. Throws SimulationError where one cannot be simulated; nothing is opened yet. */
  open(port: SimulatedPort): OpenWire;
  /**
   * A port of the site file for one device of a profile and nothing else. `at`: where the gateway goes to, or where it listens.
   * Undefined: such a device does not speak on this wire.
   */
  alone(profile: Profile, at: Endpoint): Alone | undefined;
}

/** Sections of the site file, as an installer would write them. */
export interface Alone {
  readonly port: Readonly<Record<string, unknown>>;
  readonly address: Readonly<Record<string, unknown>>;
  /** The device must show a key that the gateway knows. */
  readonly needsKey?: boolean;
}

export interface SimulatedPort {
  readonly id: string;
  /** As the driver's schema has it. */
  readonly settings: unknown;
  /** Relative paths in the settings count from here. */
  readonly folder: string;
  readonly devices: readonly SimulatedDevice[];
  readonly clock: Clock;
  readonly random: Chance;
  readonly log: Logger;
  /** The plain secret of a device that must log in; undefined where it has none. */
  readonly secretOf: (device: string) => string | undefined;
}

export interface OpenWire {
  /** Throws SimulationError where a place is taken. */
  start(): Promise<void>;
  /** Says a device's values now, on a wire whose devices speak by themselves. */
  say?(device: SimulatedDevice): Promise<void>;
  /** Resolves when the gateway has taken the event. Absent: devices of this wire only answer. */
  fire?(device: SimulatedDevice, type: string, data?: Readonly<Record<string, Value>>): Promise<void>;
  /** The fault of a device came or went. */
  failed?(device: SimulatedDevice): void;
  stop(): Promise<void>;
}
