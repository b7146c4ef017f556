import { readMarkup } from './markup.ts';
import { checkedRow, sheetLimits, SheetProblem, type SheetRow } from './sheet.ts';
import { readWorkbook, type Workbook } from './workbook.ts';
import { openParts } from './zip.ts';

/** Rows of the first visible sheet of an xlsx workbook, read as they are inflated. @throws SheetProblem */
export async function* xlsxRows(bytes: Buffer): AsyncGenerator<SheetRow> {
  const parts = await openParts(bytes);
  try {
    if (!parts.has('xl/workbook.xml')) throw new SheetProblem('not-a-workbook');
    const workbook = await readWorkbook(parts);
    const rows: SheetRow[] = [];
    const reading = readRows(workbook, (row) => rows.push(row));
    for await (const piece of parts.text(workbook.sheet)) {
      reading.write(piece);
      yield* rows.splice(0);
    }
    reading.end();
    yield* rows.splice(0);
  } finally {
    parts.close();
  }
}

interface Cell {
  readonly column: number;
  readonly type: string;
  readonly format: number;
  value: string;
}

function readRows(workbook: Workbook, emit: (row: SheetRow) => void) {
  let number = 0;
  let count = 0;
  let cells: string[] = [];
  let cell: Cell | null = null;
  let inValue = false;
  return readMarkup({
    open: (tag, attributes) => {
      if (tag === 'row') {
        number = positive(attributes['r']) ?? number + 1;
        cells = [];
      } else if (tag === 'c') {
        const column = columnOf(attributes['r']) ?? cells.length;
        if (column >= sheetLimits.columns) throw new SheetProblem('too-many-columns', number);
        cell = { column, type: attributes['t'] ?? 'n', format: Number(attributes['s'] ?? 0), value: '' };
      }
      inValue = tag === 'v' || tag === 't';
    },
    text: (text) => {
      if (!inValue || cell === null) return;
      cell.value += text;
      if (cell.value.length > sheetLimits.cell) throw new SheetProblem('cell-too-long', number);
    },
    close: (tag) => {
      inValue = false;
      if (tag === 'c' && cell !== null) {
        while (cells.length < cell.column) cells.push('');
        cells[cell.column] = shownText(workbook, cell).trim();
        cell = null;
      } else if (tag === 'row' && cells.some((one) => one !== '')) {
        count += 1;
        if (count > sheetLimits.rows + 1) throw new SheetProblem('too-many-rows', number);
        emit(checkedRow(number, cells));
      }
    },
  });
}

function positive(text: string | undefined): number | null {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : null;
}

/** `AB12` → 27; null where there is no reference. */
export function columnOf(reference: string | undefined): number | null {
  const letters = /^([A-Z]{1,3})\d+$/.exec(reference ?? '')?.[1];
  if (letters === undefined) return reference === undefined ? null : sheetLimits.columns;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

/** What a person sees in the cell, near enough: days as `1949-12-31`, whole numbers without an exponent. */
function shownText({ texts, isDay, from1904 }: Workbook, { type, format, value }: Cell): string {
  switch (type) {
    case 's':
      return texts[Number(value)] ?? '';
    case 'b':
      return value === '1' ? '是' : '否';
    case 'e':
      return '';
    case 'n': {
      const number = Number(value);
      if (value === '' || !Number.isFinite(number)) return value;
      if (isDay[format] === true) return dayOf(number, from1904);
      // Past fifteen digits the file no longer knows the number: it is shown as spreadsheets show it, and taken for none.
      if (Math.abs(number) >= 1e15) return number.toExponential(5).toUpperCase();
      return Number.isInteger(number) ? String(number) : value;
    }
    // An ISO date carries its time behind a T.
    case 'd':
      return value.split('T', 1)[0] ?? '';
    default:
      return value;
  }
}

/**
 * A serial day (§18.17.4.1): 1 is 1900-01-01, and 60 the 29th of February 1900, which never was: files count it all the
 * same.
 */
function dayOf(serial: number, from1904: boolean): string {
  const base = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, serial < 60 ? 31 : 30);
  const day = new Date(base + Math.floor(serial) * 86_400_000);
  return Number.isNaN(day.getTime()) ? String(serial) : day.toISOString().slice(0, 10);
}
