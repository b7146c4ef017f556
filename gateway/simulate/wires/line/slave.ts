import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { SimulatedDevice } from '../../device.ts';

/**
 * A folder of `wires/` whose `slave.ts` exports `dialect: SimulatedDialect` plays devices of a protocol on a serial line,
 * as a `dialect.ts` of `collect/` asks them. Adding one edits no existing file: the line has the wire and its faults.
 */
export interface SimulatedDialect {
  /** The profiles' protocol. */
  readonly protocol: string;
  /** Whether a device can say that it refuses: the fault `exception`. */
  readonly canRefuse: boolean;
  /** Which of its registers or identifiers it can refuse one by one. Absent: all or nothing. */
  places?(device: SimulatedDevice): readonly string[];
  /** Where an answer's checksum ends, counted from its last byte, which is 1; without it there is none. */
  readonly checksumFromEnd?: number;
  slave(device: SimulatedDevice): LineSlave;
  /** The `address:` of a device that is alone on its line; undefined: such a device is on no line. */
  alone(profile: Profile): Readonly<Record<string, unknown>> | undefined;
  /** A good answer as if another device had given it. Absent: nothing in an answer says whose it is. */
  readonly readdressed?: (answer: Uint8Array) => Uint8Array;
}

/**
 * A simulated device on a serial line: what it says to a whole question, or nothing where the question is not for it.
 * `at`: milliseconds since 1970 UTC.
 */
export type LineSlave = (question: Uint8Array, at: number) => Uint8Array | undefined;
