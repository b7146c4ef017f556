import { drawable, widthOf, wrap } from './letters.ts';
import { type Page, paper, type Piece, room } from './page.ts';

/** A column: its head, and at which end its cells stand. */
export interface Column {
  readonly head: string;
  /** Numbers stand right, so that their digits are below each other. */
  readonly end?: 'left' | 'right';
  /** Takes the room that is left over; where none does, all share it. */
  readonly fill?: boolean;
}

const [size, line, inset] = [10, 14, 5] as const;
/** A row of more lines may be cut by the end of a page. */
const wholeLines = 16;
/** A table of no more points than this is not cut at all. */
const smallTable = 170;

/** A head and its rows with rules between them, as wide as the page. */
export function tablePieces(columns: readonly Column[], rows: readonly (readonly string[])[]): Piece[] {
  const widths = widthsOf(columns, rows);
  const heads = columns.map(({ head }) => head);
  const lay = (cells: readonly string[]) => widths.map((width, nth) => wrap(cells[nth] ?? '', size, width - 2 * inset));
  const head: Piece = { ...rowPiece(columns, widths, lay(heads), true), gap: 6, keep: true };
  const slices = rows.flatMap((cells) =>
    slicesOf(lay(cells)).map((slice, nth, all) => rowPiece(columns, widths, slice, false, nth === all.length - 1)),
  );
  const small = slices.reduce((sum, { height }) => sum + height, 0) <= smallTable;
  // Neither the first row nor the last is left alone.
  const keep = (nth: number) => nth < slices.length - 1 && (small || nth === 0 || nth === slices.length - 2);
  return [head, ...slices.map((slice, nth) => ({ ...slice, gap: 0, keep: keep(nth), head }))];
}

/** As wide as the widest cell of each; where that is more than the page has, the widest give way first. */
function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  const natural = columns.map(({ head }, nth) => {
    const cells = [head, ...rows.map((cells) => cells[nth] ?? '')];
    return cells.reduce((most, cell) => Math.max(most, widthOf(drawable(cell), size)), 0) + 2 * inset;
  });
  const spare = room - natural.reduce((sum, width) => sum + width, 0);
  if (spare < 0) {
    const cap = capOf(natural);
    return natural.map((width) => Math.min(width, cap));
  }
  const takers = columns.some(({ fill }) => fill) ? columns.filter(({ fill }) => fill).length : columns.length;
  return natural.map((width, nth) => (takers === columns.length || columns[nth]?.fill ? width + spare / takers : width));
}

/** The width that, as the most a column may have, lets all of them fit. */
function capOf(natural: readonly number[]): number {
  const sorted = natural.toSorted((a, b) => a - b);
  let left = room;
  for (const [nth, width] of sorted.entries()) {
    const share = left / (sorted.length - nth);
    if (width > share) return share;
    left -= width;
  }
  return room;
}

/** A row as parts of at most `wholeLines` lines. */
function slicesOf(cells: readonly (readonly string[])[]): string[][][] {
  const lines = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: Math.ceil(lines / wholeLines) }, (_none, nth) =>
    cells.map((cell) => cell.slice(nth * wholeLines, (nth + 1) * wholeLines)),
  );
}

function rowPiece(
  columns: readonly Column[],
  widths: readonly number[],
  cells: readonly (readonly string[])[],
  bold: boolean,
  ruled = true,
): Pick<Piece, 'height' | 'draw'> {
  const height = Math.max(...cells.map((cell) => cell.length)) * line + (ruled ? 6 : 0);
  const draw = (page: Page, top: number) => {
    if (bold) page.bars.push({ x: paper.side, y: top - height, width: room, height, shade: 0.92 });
    let x = paper.side;
    cells.forEach((cell, nth) => {
      const width = widths[nth] ?? 0;
      cell.forEach((text, at) => {
        const left = columns[nth]?.end === 'right' ? x + width - inset - widthOf(text, size) : x + inset;
        if (text !== '') page.marks.push({ text, x: left, y: top - 3 - line * at - 10.5, size, bold });
      });
      x += width;
    });
    if (ruled) page.bars.push({ x: paper.side, y: top - height, width: room, height: bold ? 0.8 : 0.4, shade: bold ? 0.2 : 0.6 });
  };
  return { height, draw };
}
