import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** What a resident identity number says by itself. */
export interface IdNumber {
  /** 18 characters, the old 15-digit form written out. */
  readonly number: string;
  /** `1949-12-31` */
  readonly birth: string;
  readonly sex: 'm' | 'f';
}

export type IdProblem = 'length' | 'characters' | 'region' | 'date' | 'check';

/** Province-level codes of GB/T 2260; 81–83 are the residence permits of Hong Kong, Macao and Taiwan residents. */
const provinces = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' '),
);

/** A province code that was never given out: numbers the generator makes begin with it and can belong to nobody. */
export const testProvince = '00';

/** Nobody is older. */
const oldestYears = 150;

/**
 * 公民身份号码, GB 11643-1999: region (6), birthday (8), order (3, odd for men), check character (ISO 7064 MOD 11-2).
 * `today` is `YYYY-MM-DD`: a birthday after it is none.
 */
export function readIdNumber(text: string, today: string): { ok: true; value: IdNumber } | { ok: false; problem: IdProblem } {
  const plain = text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();
  if (plain.length !== 18 && plain.length !== 15) return { ok: false, problem: 'length' };
  if (!/^(\d{17}[\dX]|\d{15})$/.test(plain)) return { ok: false, problem: 'characters' };
  const number = plain.length === 18 ? plain : writtenOut(plain);
  if (!isRegion(number.slice(0, 6))) return { ok: false, problem: 'region' };
  const birth = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  if (!isDay(birth) || birth > today || Number(today.slice(0, 4)) - Number(birth.slice(0, 4)) > oldestYears) {
    return { ok: false, problem: 'date' };
  }
  if (checkCharacter(number) !== number[17]) return { ok: false, problem: 'check' };
  return { ok: true, value: { number, birth, sex: Number(number[16]) % 2 === 1 ? 'm' : 'f' } };
}

/** 15 digits, given out until 1999: the century is 19 and the check character is left out. */
function writtenOut(digits: string): string {
  const seventeen = `${digits.slice(0, 6)}19${digits.slice(6)}`;
  return seventeen + checkCharacter(seventeen);
}

function isRegion(code: string): boolean {
  const province = code.slice(0, 2);
  if (province === '81' || province === '82' || province === '83') return code.slice(2) === '0000';
  return provinces.has(province);
}

/** True where `YYYY-MM-DD` is a day of the calendar. */
export function isDay(day: string): boolean {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return false;
  const time = new Date(Date.UTC(year, month - 1, date));
  return year >= 1000 && time.getUTCMonth() === month - 1 && time.getUTCDate() === date;
}

/** The 18th character of a number whose first 17 are given (GB 11643-1999 §4.2.2, annex A). */
export function checkCharacter(number: string): string {
  let sum = 0;
  for (let nth = 0; nth < 17; nth += 1) sum += Number(number[nth]) * (2 ** (17 - nth) % 11);
  return '10X98765432'[sum % 11] ?? '';
}

/** Why a number is not one, with what to do. */
export const idSentences: Readonly<Record<IdProblem, Text>> = {
  length: {
    zh: '身份证号应为 18 位（旧证 15 位），请核对。',
    en: 'An identity number has 18 characters (15 on old cards); check it.',
  },
  characters: {
    zh: '身份证号只能是数字，最后一位可以是 X，请核对。',
    en: 'An identity number is made of digits, the last may be X; check it.',
  },
  region: {
    zh: '身份证号开头的地区代码不存在，请核对前 6 位。',
    en: 'The region code does not exist; check the first 6 digits.',
  },
  date: { zh: '身份证号里的出生日期不对，请核对第 7–14 位。', en: 'The birthday in it is not possible; check digits 7 to 14.' },
  check: {
    zh: '身份证号的校验位不符，有一位抄错了，请核对。',
    en: 'The check character does not fit: one digit is wrong; check it.',
  },
};
