import type { Chance } from '../../random.ts';

/** Choices made of chance, so that a generator reads like what it makes. */
export interface Picker {
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  one<T>(list: readonly T[]): T;
  /** True in `share` of all cases, 0 to 1. */
  sometimes(share: number): boolean;
  /** Hexadecimal characters for an id. */
  hex(length: number): string;
}

export function picker(chance: Chance): Picker {
  const between = (from: number, to: number): number => from + Math.floor(chance() * (to - from + 1));
  return {
    between,
    one: (list) => {
      const chosen = list[between(0, list.length - 1)];
      if (chosen === undefined) throw new Error('nothing to choose from');
      return chosen;
    },
    sometimes: (share) => chance() < share,
    hex: (length) => Array.from({ length }, () => between(0, 15).toString(16)).join(''),
  };
}
