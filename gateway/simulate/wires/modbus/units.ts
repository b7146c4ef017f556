import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Clock } from '../../../clock.ts';
import { type Fault, refusedRegister, type SimulatedDevice } from '../../device.ts';
import { tableImage } from './table-image.ts';

/** Exception codes of the Modbus Application Protocol 1.1b3, §7. */
export const exception = { illegalFunction: 1, illegalAddress: 2, illegalValue: 3, deviceFailure: 4, targetSilent: 11 } as const;

/** How late a `slow` device answers: past any sensible time-out, so that the answer meets the wrong question. */
export const slowMs = 2_500;

type Spoilt = { kind: 'exception'; code: number } | { kind: 'silent' } | { kind: 'garbage' };
export type ReadAnswer = { kind: 'words'; words: number[] } | Spoilt;
export type WriteAnswer = { kind: 'written' } | Spoilt;
export type Answer = ReadAnswer | WriteAnswer;

/** The units behind one address, each a device with its faults. */
export class ModbusUnits {
  readonly #devices = new Map<number, SimulatedDevice>();
  /** What was written, by unit and table, until the simulator is told another value. */
  readonly #written = new Map<string, Map<number, number>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(unit: number, device: SimulatedDevice): void {
    this.#devices.set(unit, device);
    device.onSet = () => {
      for (const table of ['coil', 'holding']) this.#written.delete(`${unit} ${table}`);
    };
  }

  has(unit: number): boolean {
    return this.#devices.has(unit);
  }

  faultOf(unit: number): Fault | null {
    return this.#devices.get(unit)?.fault ?? null;
  }

  /** Whether the wire to all of them is out. */
  get isUnplugged(): boolean {
    return [...this.#devices.values()].some(({ fault }) => fault === 'unplugged');
  }

  /** What the unit answers to a read of `count` addresses from `start`, after the time it takes. */
  async read(unit: number, table: Table, start: number, count: number): Promise<ReadAnswer> {
    const device = this.#devices.get(unit);
    const spoilt = await this.#spoilt(device, start, count);
    if (device === undefined || spoilt !== undefined) return spoilt ?? silent;
    const image = new Map([...tableImage(device, table, this.#clock.now()), ...(this.#written.get(`${unit} ${table}`) ?? [])]);
    return cut(image, start, count);
  }

  /** What was written is what is read from now on; a simulated device takes whatever it is told. */
  async write(unit: number, table: 'coil' | 'holding', start: number, words: readonly number[]): Promise<WriteAnswer> {
    const spoilt = await this.#spoilt(this.#devices.get(unit), start, words.length);
    if (spoilt !== undefined) return spoilt;
    const written = this.#written.get(`${unit} ${table}`) ?? new Map<number, number>();
    words.forEach((word, at) => written.set(start + at, word));
    this.#written.set(`${unit} ${table}`, written);
    return { kind: 'written' };
  }

  /** What a fault makes of any question. */
  async #spoilt(device: SimulatedDevice | undefined, start: number, count: number): Promise<Spoilt | undefined> {
    if (!device) return { kind: 'exception', code: exception.targetSilent };
    const { fault } = device;
    if (fault === 'silent' || fault === 'unplugged') return silent;
    if (fault === 'garbage') return { kind: 'garbage' };
    if (fault === 'slow') await this.#clock.sleep(slowMs);
    if (fault === 'exception') return { kind: 'exception', code: exception.deviceFailure };
    const refused = refusedRegister(fault);
    const isRefused = refused !== undefined && refused >= start && refused < start + count;
    return isRefused ? { kind: 'exception', code: exception.illegalAddress } : undefined;
  }
}

const silent: Spoilt = { kind: 'silent' };

/** A device of many makers answers gaps between its registers with zero, and refuses what lies outside of them all. */
function cut(image: ReadonlyMap<number, number>, start: number, count: number): ReadAnswer {
  const addresses = [...image.keys()];
  const isOutside = addresses.length === 0 || start < Math.min(...addresses) || start + count - 1 > Math.max(...addresses);
  if (isOutside) return { kind: 'exception', code: exception.illegalAddress };
  return { kind: 'words', words: Array.from({ length: count }, (_, at) => image.get(start + at) ?? 0) };
}
