import { InvalidArgumentError } from 'commander';

/** A number as people type it: 10, 0.1, 0x2000. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError(`“${text}”不是数字 / "${text}" is not a number`);
  return value;
}

/** A parser of whole numbers from `low` to `high`. */
export function parseWhole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = parseNumber(text);
    if (!Number.isInteger(value) || value < low || value > high)
      throw new InvalidArgumentError(`应为 ${low} 到 ${high} 的整数 / it is a whole number from ${low} to ${high}`);
    return value;
  };
}

/** Registers in hex, with or without 0x, separated by commas or blanks. */
export function parseWords(text: string): number[] {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  if (parts.length === 0) throw new InvalidArgumentError('一个寄存器也没有 / there is no register in it');
  return parts.map((part) => {
    if (!/^(0x)?[0-9a-f]{1,4}$/i.test(part))
      throw new InvalidArgumentError(
        `“${part}”不是 16 位寄存器，写成 0000 到 ffff 的十六进制 / "${part}" is not a 16-bit register; write hex from 0000 to ffff`,
      );
    return Number.parseInt(part.replace(/^0x/i, ''), 16);
  });
}
