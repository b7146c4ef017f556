import { csvRows } from './csv.ts';
import { sheetLimits, SheetProblem, type SheetRow } from './sheet.ts';
import { xlsxRows } from './xlsx.ts';

/** Rows of a table, by what the file is and not by what it is called. The first is the one that names the columns. */
export function sheetRows(bytes: Buffer): AsyncGenerator<SheetRow> {
  if (bytes.length > sheetLimits.bytes) throw new SheetProblem('too-large');
  if (bytes.length === 0) throw new SheetProblem('empty');
  const head = bytes.subarray(0, 8).toString('hex');
  if (head.startsWith('504b0304')) return xlsxRows(bytes);
  // An OLE container: the old xls, or a workbook with a password.
  if (head === 'd0cf11e0a1b11ae1')
    throw new SheetProblem(bytes.includes(Buffer.from('EncryptedPackage', 'utf16le')) ? 'encrypted' : 'old-format');
  return csvRows(bytes);
}
