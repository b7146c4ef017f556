import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Clock } from '../clock.ts';
import type { SimulatedDevice } from './device.ts';
import { tableImage } from './image.ts';

/** Exception codes of the Modbus Application Protocol 1.1b3, §7. */
export const exception = { illegalFunction: 1, illegalAddress: 2, illegalValue: 3, deviceFailure: 4, targetSilent: 11 } as const;

/** How late a `slow` device answers: past any sensible time-out, so that the answer meets the wrong question. */
export const slowMs = 2_500;

export type Answer =
  | { kind: 'words'; words: number[] }
  | { kind: 'exception'; code: number }
  | { kind: 'silent' }
  | { kind: 'garbage' };

/** The units behind one address, each a device with its faults. */
export class ModbusUnits {
  readonly #devices = new Map<number, SimulatedDevice>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(unit: number, device: SimulatedDevice): void {
    this.#devices.set(unit, device);
  }

  has(unit: number): boolean {
    return this.#devices.has(unit);
  }

  /** What the unit answers to a read of `count` addresses from `start`, after the time it takes. */
  async read(unit: number, table: Table, start: number, count: number): Promise<Answer> {
    const device = this.#devices.get(unit);
    if (!device) return { kind: 'exception', code: exception.targetSilent };
    if (device.fault === 'silent' || device.fault === 'garbage') return { kind: device.fault };
    if (device.fault === 'slow') await this.#clock.sleep(slowMs);
    if (device.fault === 'exception') return { kind: 'exception', code: exception.deviceFailure };
    const image = tableImage(device, table, this.#clock.now());
    return cut(image, start, count);
  }
}

/** A device of many makers answers gaps between its registers with zero, and refuses what lies outside of them all. */
function cut(image: ReadonlyMap<number, number>, start: number, count: number): Answer {
  const addresses = [...image.keys()];
  const isOutside = addresses.length === 0 || start < Math.min(...addresses) || start + count - 1 > Math.max(...addresses);
  if (isOutside) return { kind: 'exception', code: exception.illegalAddress };
  return { kind: 'words', words: Array.from({ length: count }, (_, at) => image.get(start + at) ?? 0) };
}
