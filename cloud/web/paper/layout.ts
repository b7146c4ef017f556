import { drawable, widthOf, wrap } from './letters.ts';
import { type Bar, type Page, paper, type Piece, room } from './page.ts';
import { type Column, tablePieces } from './table.ts';

/** What a document is made of. */
export type Block =
  | { readonly kind: 'title' | 'lead' | 'heading' | 'text' | 'note'; readonly text: string }
  | { readonly kind: 'rule' }
  /** Lines to sign on, side by side. */
  | { readonly kind: 'signatures'; readonly names: readonly string[] }
  /** Names and their values, two to a line. */
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [string, string])[] }
  | {
      readonly kind: 'table';
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly string[])[];
      /** Stands there where there are no rows. */
      readonly none: string;
    };

const styles = {
  title: { size: 20, gap: 0, bold: true },
  lead: { size: 12.5, gap: 2, bold: false },
  heading: { size: 13, gap: 16, bold: true },
  text: { size: 10.5, gap: 5, bold: false },
  note: { size: 9, gap: 3, bold: false },
} as const;

/** Lays blocks onto pages. `running` stands above every page but the first, `made` and the number below each. */
export function layOut(blocks: readonly Block[], { running, made }: { running: string; made: string }): Page[] {
  const pieces = blocks.flatMap((block, nth) => {
    const own = piecesOf(block);
    // A note belongs to what it stands under.
    return blocks[nth + 1]?.kind === 'note'
      ? own.map((piece, at) => (at === own.length - 1 ? { ...piece, keep: true } : piece))
      : own;
  });
  const pages = paginate(pieces);
  pages.forEach((page, nth) => {
    const mark = (text: string, y: number, end = false) => {
      const x = end ? paper.width - paper.side - widthOf(text, 9) : paper.side;
      page.marks.push({ text, x, y, size: 9, bold: false });
    };
    if (nth > 0) {
      page.marks.unshift({ text: shortened(running, 9, room), x: paper.side, y: paper.height - 44, size: 9, bold: false });
      page.bars.push(ruleAt(paper.height - 50, 0.5, 0.6));
    }
    mark(shortened(made, 9, room - 60), 36);
    mark(`${nth + 1} / ${pages.length}`, 36, true);
  });
  return pages;
}

function ruleAt(y: number, height: number, shade: number): Bar {
  return { x: paper.side, y, width: room, height, shade };
}

/** One line of a text, with the sign of something left out where it is longer. */
function shortened(text: string, size: number, width: number): string {
  const [line = '', ...more] = wrap(text, size, width);
  return more.length === 0 ? line : `${wrap(text, size, width - size)[0] ?? ''}…`;
}

function piecesOf(block: Block): Piece[] {
  if (block.kind === 'rule') {
    return [{ height: 4, gap: 6, keep: false, draw: (page, top) => page.bars.push(ruleAt(top - 2, 1, 0)) }];
  }
  if (block.kind === 'signatures') return [signaturePiece(block.names)];
  if (block.kind === 'facts') return factPieces(block.facts);
  if (block.kind === 'table') {
    return block.rows.length === 0 ? piecesOf({ kind: 'text', text: block.none }) : tablePieces(block.columns, block.rows);
  }
  const { size, gap, bold } = styles[block.kind];
  const lines = wrap(block.text, size, room);
  return lines.map((text, nth) => ({
    height: size * 1.45,
    gap: nth === 0 ? gap : 0,
    // A first or a last line is not left alone, nor a heading.
    keep: block.kind === 'heading' || block.kind === 'note' || (lines.length > 1 && (nth === 0 || nth === lines.length - 2)),
    draw: (page, top) => page.marks.push({ text, x: paper.side, y: top - size * 1.1, size, bold }),
  }));
}

function signaturePiece(names: readonly string[]): Piece {
  const [size, each] = [10.5, room / names.length] as const;
  const draw = (page: Page, top: number) => {
    names.forEach((name, nth) => {
      const [x, width] = [paper.side + nth * each, widthOf(name, size)] as const;
      page.marks.push({ text: name, x, y: top - 12, size, bold: false });
      page.bars.push({ x: x + width + 4, y: top - 14, width: each - width - 24, height: 0.5, shade: 0 });
    });
  };
  return { height: 18, gap: 28, keep: false, draw };
}

function factPieces(facts: readonly (readonly [string, string])[]): Piece[] {
  const [size, half] = [10.5, room / 2] as const;
  const names = Math.min(half / 2, Math.max(...facts.map(([name]) => widthOf(drawable(name), size))) + 12);
  const cells = facts.map(([name, value]) => ({
    names: wrap(name, size, names - 8),
    values: wrap(value, size, half - names - 8),
  }));
  const pairs = cells.flatMap((cell, nth) => (nth % 2 === 0 ? [[cell, ...cells.slice(nth + 1, nth + 2)]] : []));
  const lines = pairs.flatMap((pair) => {
    const most = Math.max(...pair.map((cell) => Math.max(cell.names.length, cell.values.length)));
    return Array.from({ length: most }, (_none, at) =>
      pair.map((cell) => [cell.names[at] ?? '', cell.values[at] ?? ''] as const),
    );
  });
  return lines.map((line, nth) => ({
    height: 16,
    gap: nth === 0 ? 6 : 0,
    keep: true,
    draw: (page, top) =>
      line.forEach(([name, value], side) => {
        const x = paper.side + side * half;
        if (name !== '') page.marks.push({ text: name, x, y: top - 12, size, bold: false });
        if (value !== '') page.marks.push({ text: value, x: x + names, y: top - 12, size, bold: false });
      }),
  }));
}

function paginate(pieces: readonly Piece[]): Page[] {
  const [top, foot] = [paper.height - paper.top, paper.foot];
  const pages: Page[] = [{ marks: [], bars: [] }];
  let y = top;
  const put = (piece: Piece) => {
    if (y < top) y -= piece.gap;
    piece.draw(pages.at(-1) as Page, y);
    y -= piece.height;
  };
  let from = 0;
  while (from < pieces.length) {
    const unit = unitAt(pieces, from, top - foot);
    const need = unit.reduce((sum, { gap, height }) => sum + gap + height, 0);
    if (y < top && y - need < foot) {
      pages.push({ marks: [], bars: [] });
      y = top;
      if (unit[0]?.head) put(unit[0].head);
    }
    unit.forEach(put);
    from += unit.length;
  }
  return pages;
}

/** The pieces from one on that go onto the same page; of more than a page there is nothing to keep together. */
function unitAt(pieces: readonly Piece[], from: number, height: number): Piece[] {
  const [first, ...rest] = pieces.slice(from, from + 40) as [Piece, ...Piece[]];
  const unit = [first];
  let need = first.height + (first.head?.height ?? 0);
  for (const piece of rest) {
    need += piece.gap + piece.height;
    if (unit.at(-1)?.keep !== true || need > height) break;
    unit.push(piece);
  }
  return unit;
}
