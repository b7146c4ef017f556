import { parse } from 'csv-parse';
import { pipeline, Readable } from 'node:stream';
import { checkedRow, sheetLimits, SheetProblem, type SheetRow } from './sheet.ts';

const pieceBytes = 64 * 1024;
const separators = [',', '\t', ';'];

/**
 * Rows of a csv file, in UTF-8 (with or without its mark), UTF-16 with a mark, or GB 18030, separated by comma, tab or
 * semicolon. Read piece by piece. @throws SheetProblem
 */
export async function* csvRows(bytes: Buffer): AsyncGenerator<SheetRow> {
  const encoding = encodingOf(bytes);
  if (encoding === null) throw new SheetProblem('encoding');
  // Not `pipe`: bytes that are not of their encoding must end this reading, and not the process.
  const parser = pipeline(
    Readable.from(decoded(bytes, encoding)),
    parse({
      delimiter: separatorOf(firstLine(bytes, encoding)),
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: sheetLimits.columns * sheetLimits.cell,
      info: true,
    }),
    () => undefined,
  );
  let number = 0;
  try {
    for await (const { record } of parser as AsyncIterable<{ record: string[] }>) {
      number += 1;
      if (number > sheetLimits.rows + 1) throw new SheetProblem('too-many-rows', number);
      yield checkedRow(
        number,
        record.map((cell) => cell.trim()),
      );
    }
  } catch (error) {
    if (error instanceof SheetProblem) throw error;
    throw new SheetProblem(isTooLong(error) ? 'cell-too-long' : 'broken', number + 1);
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'CSV_MAX_RECORD_SIZE';
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030';

/**
 * By its mark, and where it has none by what the bytes can be; null where they are no text.
 * @throws SheetProblem where it is UTF-8 that was cut in the middle of a character: as GB 18030 it would be nonsense.
 */
function encodingOf(bytes: Buffer): Encoding | null {
  if (bytes.length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes.length >= 2 && bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes.includes(0)) return null;
  const utf8 = howFar(bytes, 'utf-8');
  if (utf8 === 'all') return 'utf-8';
  if (utf8 === 'cut' && bytes.subarray(0, -3).some((byte) => byte > 0x7f)) throw new SheetProblem('broken');
  return howFar(bytes, 'gb18030') === 'all' ? 'gb18030' : null;
}

/** `cut`: right to the last character, which is not whole. */
function howFar(bytes: Buffer, encoding: Encoding): 'all' | 'cut' | 'wrong' {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const isText = (run: () => string): boolean => {
    try {
      run();
      return true;
    } catch {
      // Bytes that are none of this encoding.
      return false;
    }
  };
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    if (!isText(() => decoder.decode(bytes.subarray(at, at + pieceBytes), { stream: true }))) return 'wrong';
  }
  return isText(() => decoder.decode()) ? 'all' : 'cut';
}

/** @throws TypeError where the bytes are not of the encoding. */
function* decoded(bytes: Buffer, encoding: Encoding): Generator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const text = decoder.decode(bytes.subarray(at, at + pieceBytes), { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

function firstLine(bytes: Buffer, encoding: Encoding): string {
  const text = new TextDecoder(encoding).decode(bytes.subarray(0, pieceBytes));
  return text.split(/\r?\n/, 1)[0] ?? '';
}

/** The separator that parts the column names most often. */
function separatorOf(line: string): string {
  const counts = separators.map((separator) => line.split(separator).length);
  return separators[counts.indexOf(Math.max(...counts))] ?? ',';
}
