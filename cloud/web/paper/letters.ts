/** Latin letters are drawn with Times-Roman, everything else with STSong-Light; no reader has to be brought either. */
export type Face = 'latin' | 'song';

/** A stretch of one line in one face. */
export interface Run {
  readonly face: Face;
  readonly text: string;
}

/** Thousandths of the size, for 0x20–0x7E and 0xA0–0xFF of WinAnsiEncoding. Source: the metrics of Times-Roman (ISO 32000-1, 9.6.2.2). */
const ascii =
  '250 333 408 500 500 833 778 180 333 333 500 564 250 333 250 278 500 500 500 500 500 500 500 500 500 500 278 278 564 564 564 444 ' +
  '921 722 667 667 722 611 556 722 722 333 389 722 611 889 722 722 556 722 667 556 611 722 722 944 722 722 611 333 278 333 469 500 ' +
  '333 444 500 444 500 444 333 500 500 278 278 500 278 778 500 500 500 500 333 389 278 500 500 722 500 500 444 480 200 480 541';
const latin1 =
  '250 333 500 500 500 500 200 500 333 760 276 500 564 333 760 333 400 564 300 300 333 500 453 250 333 300 310 500 750 750 750 444 ' +
  '722 722 722 722 722 722 889 667 611 611 611 611 333 333 333 333 722 722 722 722 722 722 722 564 722 722 722 722 722 722 556 500 ' +
  '444 444 444 444 444 444 667 444 444 444 444 444 278 278 278 278 500 500 500 500 500 500 500 564 500 500 500 500 500 500 500 500';
/** Those of WinAnsiEncoding that Unicode has elsewhere: letter, code, width. */
const elsewhere = [
  ['€', 0x80, 500],
  ['…', 0x85, 1000],
  ['‘', 0x91, 333],
  ['’', 0x92, 333],
  ['“', 0x93, 444],
  ['”', 0x94, 444],
  ['•', 0x95, 350],
  ['–', 0x96, 500],
  ['—', 0x97, 1000],
] as const;

/** Width by code, 0 where a code is not used. */
export const latinWidths: readonly number[] = (() => {
  const widths = Array.from<number>({ length: 256 }).fill(0);
  ascii.split(' ').forEach((width, nth) => (widths[0x20 + nth] = Number(width)));
  latin1.split(' ').forEach((width, nth) => (widths[0xa0 + nth] = Number(width)));
  for (const [, code, width] of elsewhere) widths[code] = width;
  return widths;
})();

const codes = new Map<string, number>(elsewhere.map(([letter, code]) => [letter, code]));

/** The code of a Latin letter in WinAnsiEncoding. */
export function latinCode(letter: string): number {
  return codes.get(letter) ?? letter.charCodeAt(0);
}

/** Width by UTF-16 unit, 0 for what is not Latin: looked up for every letter of long reports. */
const latinUnits = (() => {
  const widths = new Uint16Array(0x10000);
  for (let code = 0x20; code < 0x100; code += 1) if (code < 0x80 || code >= 0xa0) widths[code] = latinWidths[code] ?? 0;
  for (const [letter, , width] of elsewhere) widths[letter.charCodeAt(0)] = width;
  return widths;
})();

function faceAt(text: string, at: number): Face {
  return (latinUnits[text.charCodeAt(at)] ?? 0) > 0 ? 'latin' : 'song';
}

/** What can be drawn: control letters are spaces, and what has no shape of its own is left out. */
export function drawable(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/\p{Cc}/gu, ' ')
    .replaceAll(/[\p{Cf}\p{Cs}\p{Mn}]/gu, '');
}

/**
 * A line as stretches of one face each. Marks of both writings (quotes, dashes, dots) are Latin: readers disagree about how
 * wide the others are drawn.
 */
export function runsOf(text: string): Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (let at = 1; at <= text.length; at += 1) {
    const face = faceAt(text, from);
    if (at < text.length && faceAt(text, at) === face) continue;
    runs.push({ face, text: text.slice(from, at) });
    from = at;
  }
  return runs;
}

/** How far a line reaches, in points. */
export function widthOf(text: string, size: number): number {
  let sum = 0;
  for (const letter of text) sum += latinUnits[letter.charCodeAt(0)] || 1000;
  return (sum * size) / 1000;
}

/** What stays together at the end of a line: a Latin word, and a character with the marks that may not begin or end a line. */
const units = /[（《「『【“‘]*(?:[!-~\u00a1-\u00ff€•–]+|[^ ])[，。、；：？！）》」』】”’…—℃％]*[ \u00a0]*| +/gu;

/** Breaks a text into lines no wider than `room` points: between words and characters, in a word only where it is too long for any line. */
export function wrap(text: string, size: number, room: number): string[] {
  const lines: string[] = [];
  let [line, used] = ['', 0];
  const put = (part: string, width: number, shown: number) => {
    if (line !== '' && used + shown > room + 0.01) {
      lines.push(line.trimEnd());
      [line, used] = ['', 0];
    }
    line += part;
    used += width;
  };
  for (const [unit] of drawable(text).matchAll(units)) {
    const shown = widthOf(unit.trimEnd(), size);
    if (shown <= room) put(unit, widthOf(unit, size), shown);
    else for (const letter of unit) put(letter, widthOf(letter, size), widthOf(letter.trimEnd(), size));
  }
  return [...lines, line.trimEnd()];
}
