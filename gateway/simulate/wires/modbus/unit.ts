import { type Table, tables } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { SimulatedDevice } from '../../device.ts';
import { refusedPlace } from '../../faults.ts';
import { tableImage } from './table-image.ts';

/** Exception codes of the Modbus Application Protocol 1.1b3, §7. */
export const exception = { illegalFunction: 1, illegalAddress: 2, illegalValue: 3, deviceFailure: 4, targetSilent: 11 } as const;

type Refusal = { readonly kind: 'exception'; readonly code: number };
export type ReadAnswer = { readonly kind: 'words'; readonly words: number[] } | Refusal;
export type WriteAnswer = { readonly kind: 'written' } | Refusal;
export type Answer = ReadAnswer | WriteAnswer;

/** A device as a Modbus unit: what it answers, whatever framing carries it. */
export class ModbusUnit {
  readonly device: SimulatedDevice;
  /** What was written, by table, until the simulator is told another value. */
  readonly #written = new Map<Table, Map<number, number>>();

  constructor(device: SimulatedDevice) {
    this.device = device;
    device.onSet = () => this.#written.clear();
  }

  /** `count` addresses from `start`; `at`: milliseconds since 1970 UTC. */
  read(table: Table, start: number, count: number, at: number): ReadAnswer {
    const refusal = this.#refusal(start, count);
    if (refusal) return refusal;
    return cut(new Map([...tableImage(this.device, table, at), ...(this.#written.get(table) ?? [])]), start, count);
  }

  /** What was written is what is read from now on; a simulated device takes whatever it is told. */
  write(table: 'coil' | 'holding', start: number, words: readonly number[]): WriteAnswer {
    const refusal = this.#refusal(start, words.length);
    if (refusal) return refusal;
    const written = this.#written.get(table) ?? new Map<number, number>();
    words.forEach((word, at) => written.set(start + at, word));
    this.#written.set(table, written);
    return { kind: 'written' };
  }

  #refusal(start: number, count: number): Refusal | undefined {
    const { fault } = this.device;
    if (fault === 'exception') return { kind: 'exception', code: exception.deviceFailure };
    const refused = Number(refusedPlace(fault) ?? Number.NaN);
    return refused >= start && refused < start + count ? { kind: 'exception', code: exception.illegalAddress } : undefined;
  }
}

/** Every address that its points stand at, in any table, from zero. */
export function registersOf(device: SimulatedDevice): string[] {
  const addresses = tables.flatMap((table) => [...tableImage(device, table, 0).keys()]);
  return [...new Set(addresses)].toSorted((a, b) => a - b).map(String);
}

/** A device of many makers answers gaps between its registers with zero, and refuses what lies outside of them all. */
function cut(image: ReadonlyMap<number, number>, start: number, count: number): ReadAnswer {
  const addresses = [...image.keys()];
  const isOutside = addresses.length === 0 || start < Math.min(...addresses) || start + count - 1 > Math.max(...addresses);
  if (isOutside) return { kind: 'exception', code: exception.illegalAddress };
  return { kind: 'words', words: Array.from({ length: count }, (_, at) => image.get(start + at) ?? 0) };
}
