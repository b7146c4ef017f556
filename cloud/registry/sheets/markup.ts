import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { sheetLimits, SheetProblem } from './sheet.ts';

export interface Handlers {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/** Markup as it comes in: each piece is given to the handlers, and after each the caller has its turn. */
export interface Markup {
  /** @throws SheetProblem */
  write(piece: string): void;
  end(): void;
}

/**
 * XML of a workbook's part. Names come without their prefix. The parser knows no entities but XML's own five, so nothing
 * unfolds; what never ends is cut off before it fills the memory.
 */
export function readMarkup(handlers: Handlers): Markup {
  const parser = new SaxesParser({ xmlns: false, position: false });
  let tagless = 0;
  const plain = (name: string): string => name.slice(name.indexOf(':') + 1);
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => {
    tagless = 0;
    handlers.open(plain(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    tagless = 0;
    handlers.close?.(plain(name));
  });
  parser.on('text', (text) => handlers.text?.(text));
  parser.on('cdata', (text) => handlers.text?.(text));
  // No honest writer puts one there, and everything that is wrong with XML begins in it.
  parser.on('doctype', () => {
    throw new SheetProblem('broken');
  });
  parser.on('error', () => {
    throw new SheetProblem('broken');
  });
  return {
    write: (piece) => {
      tagless += piece.length;
      parser.write(piece);
      if (tagless > sheetLimits.tagless) throw new SheetProblem('cell-too-long');
    },
    end: () => void parser.close(),
  };
}

/** Reads a whole part that is small by nature. */
export async function readAll(pieces: AsyncIterable<string>, handlers: Handlers): Promise<void> {
  const markup = readMarkup(handlers);
  for await (const piece of pieces) markup.write(piece);
  markup.end();
}
