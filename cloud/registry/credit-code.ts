const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/**
 * 统一社会信用代码, GB 32100-2015: 18 characters without I, O, S, V, Z; the last is 31 minus the sum weighted with 3^n,
 * modulo 31. The code in its written form, or null where it is none.
 */
export function readCreditCode(text: string): string | null {
  const code = text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();
  if (code.length !== 18) return null;
  let sum = 0;
  let weight = 1;
  for (const letter of code.slice(0, 17)) {
    const value = alphabet.indexOf(letter);
    if (value < 0) return null;
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return alphabet[(31 - (sum % 31)) % 31] === code[17] ? code : null;
}
