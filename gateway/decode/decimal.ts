/**
 * Decimal arithmetic for scaling. A meter's 2301 with scale 0.1 is 230.1 and not 230.10000000000002, and no digit of a
 * 64-bit counter goes through a float.
 */
export interface Decimal {
  /** All digits as one integer. */
  readonly digits: bigint;
  /** How many of them stand behind the point; never negative. */
  readonly places: number;
}

/** The decimal that JavaScript prints for `value` (its shortest exact form), or that `text` spells. */
export function decimalOf(value: number | string | bigint): Decimal {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(String(value));
  if (parts === null) throw new RangeError(`not a decimal number: ${String(value)}`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  const digits = BigInt(`${sign ?? ''}${whole}${fraction}`);
  return shift({ digits, places: fraction.length }, Number(exponent));
}

/** `value` × 10^`exponent`. */
export function shift(value: Decimal, exponent: number): Decimal {
  const places = value.places - exponent;
  return places >= 0 ? { digits: value.digits, places } : { digits: value.digits * 10n ** BigInt(-places), places: 0 };
}

export function times(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, places: a.places + b.places };
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const places = Math.max(a.places, b.places);
  return { digits: spread(a, places) + spread(b, places), places };
}

/** Keeps `places` places, halves away from zero. */
export function roundTo(value: Decimal, places: number): Decimal {
  if (value.places <= places) return value;
  const unit = 10n ** BigInt(value.places - places);
  const half = value.digits < 0n ? -unit / 2n : unit / 2n;
  return { digits: (value.digits + half) / unit, places };
}

/** Plain decimal text without an exponent and without trailing zeros. */
export function textOf(value: Decimal): string {
  const negative = value.digits < 0n;
  const digits = (negative ? -value.digits : value.digits).toString().padStart(value.places + 1, '0');
  const whole = digits.slice(0, digits.length - value.places);
  const fraction = digits.slice(digits.length - value.places).replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** A number where it carries every digit (a safe integer, or at most 15 significant digits); else the decimal text. */
export function exactValue(value: Decimal): number | string {
  const text = textOf(value);
  const asNumber = Number(text);
  if (!text.includes('.')) return Number.isSafeInteger(asNumber) ? asNumber : text;
  return text.replace(/[-.]/g, '').replace(/^0+/, '').length <= 15 ? asNumber : text;
}

function spread(value: Decimal, places: number): bigint {
  return value.digits * 10n ** BigInt(places - value.places);
}
