import { ZipFile } from 'yazl';

/** A table to hand out: a row of column names and the rows below. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** What a spreadsheet would take for a formula, at the beginning of a cell. */
const formula = /^[=+\-@\t\r]/;

/**
 * Text that no spreadsheet runs: a cell that begins like a formula gets an apostrophe in front. The importer takes the
 * apostrophe away again.
 */
export function harmless(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

/** The other direction: what `harmless` put in front. */
export function withoutApostrophe(text: string): string {
  return text.startsWith("'") && formula.test(text.slice(1)) ? text.slice(1) : text;
}

/** RFC 4180 with the mark that makes spreadsheets read UTF-8. */
export function writeCsv({ columns, rows }: Table): string {
  const line = (cells: readonly (string | number | null)[]) => cells.map((cell) => csvCell(cell)).join(',');
  return `\ufeff${[columns, ...rows].map((cells) => line(cells)).join('\r\n')}\r\n`;
}

function csvCell(cell: string | number | null): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = harmless(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** An xlsx workbook (ECMA-376 part 1), a sheet per table. Every text is a text cell, so a number stays as it is written. */
export async function writeXlsx(tables: readonly Table[]): Promise<Buffer> {
  const zip = new ZipFile();
  const add = (path: string, body: string): void => zip.addBuffer(Buffer.from(declaration + body), path);
  const ids = tables.map((_, nth) => nth + 1);
  add('[Content_Types].xml', contentTypes(ids));
  add(
    '_rels/.rels',
    `<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  );
  const sheets = tables.map(
    ({ name }, nth) => `<sheet name="${escaped(sheetName(name))}" sheetId="${nth + 1}" r:id="rId${nth + 1}"/>`,
  );
  add('xl/workbook.xml', `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${sheets.join('')}</sheets></workbook>`);
  const targets = ids.map(
    (id) => `<Relationship Id="rId${id}" Type="${relations}/worksheet" Target="worksheets/sheet${id}.xml"/>`,
  );
  add('xl/_rels/workbook.xml.rels', `<Relationships xmlns="${packages}/relationships">${targets.join('')}</Relationships>`);
  tables.forEach((table, nth) => add(`xl/worksheets/sheet${nth + 1}.xml`, sheetOf(table)));
  zip.end();
  const pieces: Buffer[] = [];
  for await (const piece of zip.outputStream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

function contentTypes(ids: readonly number[]): string {
  const sheets = ids.map((id) => `<Override PartName="/xl/worksheets/sheet${id}.xml" ContentType="${types}.worksheet+xml"/>`);
  return `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/>${sheets.join('')}</Types>`;
}

function sheetOf({ columns, rows }: Table): string {
  const lines = [columns, ...rows].map((cells, nth) => {
    return `<row r="${nth + 1}">${cells.map((cell, column) => xlsxCell(cell, `${lettersOf(column)}${nth + 1}`)).join('')}</row>`;
  });
  return `<worksheet xmlns="${main}"><sheetData>${lines.join('')}</sheetData></worksheet>`;
}

function xlsxCell(cell: string | number | null, reference: string): string {
  if (cell === null || cell === '') return '';
  if (typeof cell === 'number') return `<c r="${reference}"><v>${cell}</v></c>`;
  return `<c r="${reference}" t="inlineStr"><is><t xml:space="preserve">${escaped(harmless(cell))}</t></is></c>`;
}

export function lettersOf(column: number): string {
  const rest = column % 26;
  const letter = String.fromCharCode(65 + rest);
  return column < 26 ? letter : lettersOf((column - rest) / 26 - 1) + letter;
}

/** Control characters have no place in XML 1.0, not even escaped. */
function escaped(text: string): string {
  const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  const plain = text.toWellFormed().replace(/\p{Cc}|[\ufffe\uffff]/gu, (letter) => ('\t\n\r'.includes(letter) ? letter : ''));
  return plain.replace(/[&<>"]/g, (mark) => marks[mark] ?? mark);
}

function sheetName(name: string): string {
  return name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31) || '1';
}
