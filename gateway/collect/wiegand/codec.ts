import type { Codec, CodecField, Explained, Refused, Span } from '../codec.ts';
import { bitsOf, formats, readRows } from './bits.ts';

/** Wiegand numbers are read by an access controller's module; the gateway has no wire for them, so this one is for people only. */
export const codecs: readonly Codec[] = [{ name: 'wiegand', isText: true, find, explain }];

/** Rows of digits that are as long as a card's. */
function find(bytes: Uint8Array): Span[] {
  const text = Buffer.from(bytes).toString('latin1');
  return [...text.matchAll(/(?<![0-9:.])[01][01_-]{25,40}(?![0-9])|^[01 _-]{26,60}$/gm)]
    .map(({ 0: row, index }) => ({ at: index, end: index + row.length }))
    .filter(({ at, end }) => !('refused' in explain(bytes.subarray(at, end))));
}

function explain(bytes: Uint8Array): Explained {
  const rows = bitsOf(bytes);
  const card = readRows(rows);
  if (card === 'none') return { refused: notBits };
  if (card === 'length') return { refused: wrongLength(rows[0]?.length ?? 0) };
  if (card === 'parity') return { refused: wrongParity };
  const { format, facility, number, parities } = card;
  const parity = parities.map(({ kind, holds }, index): CodecField => ({
    name: index === 0 ? '首位校验' : '末位校验',
    value: kind === 'even' ? '偶' : '奇',
    ...(holds
      ? { zh: '正确', en: 'right' }
      : { zh: '不符：号码可能读错，请重新刷卡核对', en: 'wrong: the number may be misread, show the card again' }),
  }));
  return {
    fields: [
      { name: '位数', value: String(format.bits), zh: `Wiegand ${format.bits}`, en: `Wiegand ${format.bits}` },
      ...(facility === null ? [] : [{ name: 'facility', value: String(facility), zh: '设施码（区码）', en: 'facility code' }]),
      { name: 'card', value: String(number), zh: '卡号', en: 'card number' },
      ...parity,
    ],
  };
}

const notBits: Refused['refused'] = {
  code: 'not-bits',
  zh: '应为 26、34 或 37 位的 0 和 1，或者把它们写成十六进制。',
  en: 'Give 26, 34 or 37 digits 0 and 1, or the same in hex.',
};

function wrongLength(length: number): Refused['refused'] {
  const known = formats.map(({ bits }) => bits).join('、');
  return {
    code: 'length',
    zh: `${length} 位不是已知的格式（${known} 位）。`,
    en: `${length} bits are none of the known formats (${known.replaceAll('、', ', ')}).`,
  };
}

const wrongParity: Refused['refused'] = {
  code: 'parity',
  zh: '两个校验位都不符；线序 D0、D1 可能接反，或位数不对。',
  en: 'Both parities are wrong; D0 and D1 may be swapped, or bits are missing.',
};
