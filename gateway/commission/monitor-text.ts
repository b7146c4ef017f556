/** What a line monitor, a terminal program or a colleague's message shows, and the bytes in it. */

export interface HexLine {
  /** From 1. */
  readonly line: number;
  readonly bytes: Uint8Array;
}

/** More than anybody pastes; what is longer is cut. */
export const mostText = 262_144;
/** Of all lines together. */
export const mostBytes = 16_384;

/**
 * The bytes that stand in each line in hex, however they are written: `01 03`, `0103`, `0x01,0x03`, `68H`, `\x68`, with times,
 * labels and the columns of a hex dump around them. Lines without any are left out. Total and linear in the text.
 */
export function hexLines(text: string): HexLine[] {
  const found: HexLine[] = [];
  let room = mostBytes;
  for (const [index, line] of text
    .slice(0, mostText)
    .split(/\r\n|\n|\r/)
    .entries()) {
    const bytes = bytesOfLine(line).slice(0, room);
    room -= bytes.length;
    if (bytes.length > 0) found.push({ line: index + 1, bytes: Uint8Array.from(bytes) });
    if (room === 0) break;
  }
  return found;
}

/** All of it, as the wire had it. */
export function joined(lines: readonly HexLine[]): Uint8Array {
  return Uint8Array.from(lines.flatMap(({ bytes }) => [...bytes]));
}

const shortestFrame = 4;

function bytesOfLine(line: string): number[] {
  const words = withoutTimes(withoutColumns(line)).split(/[\s,;{}<>"'=]+/);
  const runs: number[][] = [[]];
  for (const word of words) {
    const bytes = bytesOfWord(word);
    if (bytes === null) runs.push([]);
    else runs.at(-1)?.push(...bytes);
  }
  // A byte or two between words are a length, a port or a baud rate, and no frame.
  const long = runs.filter((run) => run.length >= shortestFrame);
  return (long.length > 0 ? long : runs).flat();
}

/** Offset in front and characters behind, as hexdump and xxd print them. */
function withoutColumns(line: string): string {
  const plain = line.replace(/\s\|.{0,16}\|\s*$/, '');
  const dump = /^\s*[0-9a-fA-F]{4,8}:?\s+((?:[0-9a-fA-F]{2,4}\s{1,2}){1,16})(?:\s.*)?$/.exec(`${plain} `);
  const isDump = dump !== null && (plain !== line || /^\s*[0-9a-fA-F]{4,8}:/.test(line));
  return isDump ? (dump[1] ?? '') : plain;
}

const patterns = [
  // [12:00:01.123], (8 bytes), <RX>
  /\[[^\]]{0,80}\]|\([^)]{0,80}\)/g,
  /\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}T?/g,
  /\b20\d{6}(?=[ T_]\d{1,2}:)/g,
  /(?<![0-9a-fA-F:])\d{1,2}:\d{2}:\d{2}(?:[.,:]\d{3,9})?(?![0-9a-fA-F:])/g,
];

function withoutTimes(line: string): string {
  return patterns.reduce(
    (text, pattern) => text.replaceAll(pattern, (match) => (isBytes(match) ? match.slice(1, -1) : ' ')),
    line,
  );
}

/** Brackets around bytes are no remark. */
function isBytes(match: string): boolean {
  return /^[[(]\s*(?:0x)?[0-9a-fA-F]{2}(?:[\s,]+(?:0x)?[0-9a-fA-F]{2})+\s*[\])]$/.test(match);
}

/** Null: the word is none of hex. */
function bytesOfWord(word: string): number[] | null {
  const bare = word.replace(/[.:]$/, '');
  if (/^0x[0-9a-f]{1,2}$/i.test(bare)) return [Number.parseInt(bare.slice(2), 16)];
  if (/^[0-9a-f]{2}h$/i.test(bare)) return [Number.parseInt(bare.slice(0, 2), 16)];
  const together = bare.replace(/^(0x|\\x)/i, '').replaceAll(/\\x|[:-](?=[0-9a-f]{2}(?:[:-]|$))/gi, '');
  if (!/^(?:[0-9a-f]{2})+$/i.test(together)) return null;
  return [...Buffer.from(together, 'hex')];
}
