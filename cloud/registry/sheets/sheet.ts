import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** A row as it stands in the file: `number` is what the spreadsheet shows beside it, from 1. Cells are trimmed text. */
export interface SheetRow {
  readonly number: number;
  readonly cells: readonly string[];
}

/** What a file may hold. Everything a stranger's file can grow has an end here. */
export const sheetLimits = {
  bytes: 16 * 1024 * 1024,
  /** All parts of a workbook together, inflated. */
  inflatedBytes: 256 * 1024 * 1024,
  entries: 2_000,
  rows: 50_000,
  columns: 100,
  /** Characters of one cell. */
  cell: 2_000,
  /** Different texts of a workbook, and their characters in all. */
  texts: 1_000_000,
  textCharacters: 64 * 1024 * 1024,
  /** Characters of a part without a tag in them: no honest workbook has a text this long. */
  tagless: 1024 * 1024,
} as const;

export type SheetFault =
  | 'empty'
  | 'too-large'
  | 'not-a-workbook'
  | 'broken'
  | 'encoding'
  | 'too-many-rows'
  | 'too-many-columns'
  | 'cell-too-long'
  | 'encrypted'
  | 'old-format';

/** The file cannot be read as a table; the sentence says what to do with it. */
export class SheetProblem extends Error {
  readonly fault: SheetFault;
  readonly row: number | null;

  constructor(fault: SheetFault, row: number | null = null) {
    super(fault);
    this.fault = fault;
    this.row = row;
  }
}

export const sheetSentences: Readonly<Record<SheetFault, Text>> = {
  empty: {
    zh: '表格是空的：第一行应是列名，下面是数据。',
    en: 'The table is empty: its first row names the columns, the data is below.',
  },
  'too-large': {
    zh: '文件太大（最多 16 MB，展开后 256 MB）。请分成几份导入。',
    en: 'The file is too large (16 MB, 256 MB unpacked). Import it in parts.',
  },
  'not-a-workbook': {
    zh: '这不是 xlsx 表格或 csv 文件。请另存为 xlsx 或 csv 后重试。',
    en: 'This is no xlsx workbook and no csv file. Save it as one of them and try again.',
  },
  broken: { zh: '文件不完整或已损坏。请重新另存一份再试。', en: 'The file is cut short or damaged. Save it again and retry.' },
  encoding: {
    zh: '文字编码认不出。请另存为 UTF-8 或 GB 18030 的 csv，或用 xlsx。',
    en: 'The text’s encoding is not known. Save it as UTF-8 or GB 18030, or as xlsx.',
  },
  'too-many-rows': { zh: '超过 50,000 行。请分成几份导入。', en: 'There are more than 50,000 rows. Import it in parts.' },
  'too-many-columns': {
    zh: '超过 100 列。请只留需要的列。',
    en: 'There are more than 100 columns. Keep only those that are needed.',
  },
  'cell-too-long': {
    zh: '有单元格超过 2,000 个字。请缩短后重试。',
    en: 'A cell holds more than 2,000 characters. Shorten it and try again.',
  },
  encrypted: {
    zh: '文件有打开密码。请去掉密码另存后重试。',
    en: 'The file is protected by a password. Save it without one and try again.',
  },
  'old-format': {
    zh: '这是旧的 xls 格式。请另存为 xlsx 后重试。',
    en: 'This is the old xls format. Save it as xlsx and try again.',
  },
};

/** Holds a row to the limits; trailing empty cells are cut. @throws SheetProblem */
export function checkedRow(number: number, cells: readonly string[]): SheetRow {
  let end = cells.length;
  while (end > 0 && (cells[end - 1] ?? '') === '') end -= 1;
  if (end > sheetLimits.columns) throw new SheetProblem('too-many-columns', number);
  const kept = cells.slice(0, end);
  if (kept.some((cell) => cell.length > sheetLimits.cell)) throw new SheetProblem('cell-too-long', number);
  return { number, cells: kept };
}
