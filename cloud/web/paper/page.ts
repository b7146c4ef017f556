/** A4, in points. */
export const paper = { width: 595, height: 842, side: 60, top: 66, foot: 62 } as const;
export const room = paper.width - 2 * paper.side;

/** A line of letters: its left end and baseline in points from the lower left corner of the page. */
export interface Mark {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly bold: boolean;
}

/** A filled box, as a rule or behind a row of heads; `shade` is 0 for black and 1 for white. */
export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly shade: number;
}

export interface Page {
  readonly marks: Mark[];
  readonly bars: Bar[];
}

/** What is not cut by the end of a page. */
export interface Piece {
  readonly height: number;
  /** Space above, which falls away at the top of a page. */
  readonly gap: number;
  /** Not the last on its page: the next piece comes with it. */
  readonly keep: boolean;
  /** Stands above it again where it begins a page. */
  readonly head?: Piece;
  /** `top` is its upper edge. */
  readonly draw: (page: Page, top: number) => void;
}
