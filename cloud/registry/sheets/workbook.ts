import { readAll } from './markup.ts';
import { sheetLimits, SheetProblem } from './sheet.ts';
import type { Parts } from './zip.ts';

/** What the cells of a workbook refer to (ECMA-376 part 1, §18). */
export interface Workbook {
  /** Path of the first sheet that is not hidden. */
  readonly sheet: string;
  /** The texts cells point at, in order. */
  readonly texts: readonly string[];
  /** By cell format: whether its numbers are days. */
  readonly isDay: readonly boolean[];
  /** Days count from 1904, as old Macintosh files do. */
  readonly from1904: boolean;
}

/** @throws SheetProblem */
export async function readWorkbook(parts: Parts): Promise<Workbook> {
  const { id, from1904 } = await readSheets(parts);
  const relations = await readRelations(parts);
  const sheet = id === null ? undefined : relations.get(id)?.target;
  if (sheet === undefined) throw new SheetProblem('not-a-workbook');
  const named = (type: string) => [...relations.values()].find((one) => one.type.endsWith(`/${type}`))?.target;
  const texts = named('sharedStrings');
  const styles = named('styles');
  return {
    sheet,
    texts: texts !== undefined && parts.has(texts) ? await readTexts(parts, texts) : [],
    isDay: styles !== undefined && parts.has(styles) ? await readDayFormats(parts, styles) : [],
    from1904,
  };
}

async function readSheets(parts: Parts): Promise<{ id: string | null; from1904: boolean }> {
  const found: { id: string | null; from1904: boolean } = { id: null, from1904: false };
  await readAll(parts.text('xl/workbook.xml'), {
    open: (name, attributes) => {
      if (name === 'workbookPr') found.from1904 = attributes['date1904'] === '1' || attributes['date1904'] === 'true';
      if (name !== 'sheet' || found.id !== null || (attributes['state'] ?? 'visible') !== 'visible') return;
      found.id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? null;
    },
  });
  return found;
}

async function readRelations(parts: Parts): Promise<Map<string, { type: string; target: string }>> {
  const relations = new Map<string, { type: string; target: string }>();
  await readAll(parts.text('xl/_rels/workbook.xml.rels'), {
    open: (name, attributes) => {
      const { Id: id, Type: type = '', Target: target } = attributes;
      if (name !== 'Relationship' || id === undefined || target === undefined) return;
      relations.set(id, { type, target: target.startsWith('/') ? target.slice(1) : `xl/${target}` });
    },
  });
  return relations;
}

/** Shared strings: the runs of a rich text joined, the reading aids of Japanese left out. */
async function readTexts(parts: Parts, name: string): Promise<string[]> {
  const texts: string[] = [];
  let characters = 0;
  let current = '';
  let inText = false;
  let inReading = 0;
  await readAll(parts.text(name), {
    open: (tag) => {
      if (tag === 'si') current = '';
      if (tag === 'rPh') inReading += 1;
      inText = tag === 't' && inReading === 0;
    },
    text: (text) => {
      if (inText) current += text;
    },
    close: (tag) => {
      inText = false;
      if (tag === 'rPh') inReading -= 1;
      if (tag !== 'si') return;
      characters += current.length;
      if (texts.length >= sheetLimits.texts || characters > sheetLimits.textCharacters) throw new SheetProblem('too-large');
      texts.push(current);
    },
  });
  return texts;
}

/** Number formats that are built in and show days (§18.8.30), those of the Chinese edition among them. */
const builtInDays = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58]);

async function readDayFormats(parts: Parts, name: string): Promise<boolean[]> {
  const custom = new Set<number>();
  const formats: boolean[] = [];
  let inCells = false;
  await readAll(parts.text(name), {
    open: (tag, attributes) => {
      if (tag === 'numFmt' && showsDay(attributes['formatCode'] ?? '')) custom.add(Number(attributes['numFmtId']));
      if (tag === 'cellXfs') inCells = true;
      if (tag !== 'xf' || !inCells) return;
      const id = Number(attributes['numFmtId'] ?? 0);
      formats.push(builtInDays.has(id) || custom.has(id));
    },
    close: (tag) => {
      if (tag === 'cellXfs') inCells = false;
    },
  });
  return formats;
}

/** A year and a day in a format, words in quotes and brackets left out. */
function showsDay(code: string): boolean {
  const bare = code.replace(/"[^"]*"|\[[^\]]*\]|\\./g, '').toLowerCase();
  return bare.includes('y') && (bare.includes('d') || bare.includes('m'));
}
