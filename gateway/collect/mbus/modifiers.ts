import { hexByte } from '../line/framing.ts';

/** What the VIFEs behind a quantity make of it (EN 13757-3, combinable VIFE). */
export interface Modified {
  /** Parts of the key, so that another meaning never stands under the plain key. */
  readonly names: readonly string[];
  /** Added to the quantity's power of ten. */
  readonly exponent: number;
  /** The meter says that this record has no value. */
  readonly isError: boolean;
}

const per = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year', 'revolution'];
const perUnit = ['litre', 'm3', 'kg', 'K', 'kWh', 'GJ', 'kW', 'K-litre', 'V', 'A'];
const others: Readonly<Record<number, string>> = {
  0x36: 'times-s',
  0x37: 'times-s-per-V',
  0x38: 'times-s-per-A',
  0x39: 'start',
  0x3a: 'uncorrected',
  0x3b: 'forward',
  0x3c: 'backward',
  0x7e: 'future',
};

/** Behind FC: where on the network it was measured. */
const places: Readonly<Record<number, string>> = {
  0x01: 'L1',
  0x02: 'L2',
  0x03: 'L3',
  0x04: 'N',
  0x05: 'L1-L2',
  0x06: 'L2-L3',
  0x07: 'L3-L1',
  0x0c: 'delta',
  0x10: 'both-ways',
};

/** `codes`: the VIFEs that are left, high bit taken off. */
export function modifiedBy(codes: readonly number[]): Modified {
  const names: string[] = [];
  let exponent = 0;
  let isError = false;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] as number;
    if (code === 0x7f) {
      // Everything behind is the maker's own.
      names.push(
        `maker${codes
          .slice(at + 1)
          .map((own) => `-${hexByte(own)}`)
          .join('')}`,
      );
      break;
    }
    if (code === 0x7c) {
      at += 1;
      const place = codes[at] ?? 0;
      names.push(places[place] ?? `place-${hexByte(place)}`);
    } else if (code >= 0x70 && code <= 0x77) exponent += code - 0x76;
    else if (code === 0x7d) exponent += 3;
    else if (code < 0x20) isError ||= code !== 0;
    else names.push(nameOf(code));
  }
  return { names, exponent, isError };
}

function nameOf(code: number): string {
  if (code <= 0x27) return `per-${per[code - 0x20] as string}`;
  if (code <= 0x29) return `per-input-pulse-${code - 0x28}`;
  if (code <= 0x2b) return `per-output-pulse-${code - 0x2a}`;
  if (code <= 0x35) return `per-${perUnit[code - 0x2c] as string}`;
  return others[code] ?? `vife-${hexByte(code)}`;
}
