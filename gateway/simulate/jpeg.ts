/** The eight-by-eight squares of a picture as a simulated camera sees it: grey values from 0 to 255. */
export type Mosaic = (column: number, row: number) => number;

export interface JpegShape {
  /** In squares of eight by eight. */
  readonly columns: number;
  readonly rows: number;
  /** Bytes of a comment in front of the picture: pictures of any length. */
  readonly comment?: Uint8Array;
}

/** ITU-T T.81 table K.3: how many codes there are of each length, and the categories they stand for. */
const dcCodes = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const dcCategories = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/** Squares without detail need one code: "no more of this block". */
const acCodes = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/**
 * A baseline JPEG (ITU-T T.81 §B.2.2, one grey component) of squares without detail: small, made by nobody's encoder but
 * this one, and read by all.
 */
export function mosaicJpeg({ columns, rows, comment }: JpegShape, mosaic: Mosaic): Buffer {
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')),
    ...(comment ? commentSegments(comment) : []),
    // Every coefficient in steps of eight: a square's mean then is its grey value itself.
    segment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 8)])),
    segment(0xc0, frameHeader(columns * 8, rows * 8)),
    segment(0xc4, Buffer.from([0x00, ...dcCodes, ...dcCategories])),
    segment(0xc4, Buffer.from([0x10, ...acCodes, 0x00])),
    segment(0xda, Buffer.from([1, 1, 0x00, 0, 63, 0])),
    scan(columns, rows, mosaic),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function segment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

function commentSegments(comment: Uint8Array): Buffer[] {
  const most = 65_533;
  const parts: Buffer[] = [];
  for (let at = 0; at < comment.length; at += most) parts.push(segment(0xfe, Buffer.from(comment.subarray(at, at + most))));
  return parts;
}

function frameHeader(width: number, height: number): Buffer {
  const header = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  header.writeUInt16BE(height, 1);
  header.writeUInt16BE(width, 3);
  return header;
}

function scan(columns: number, rows: number, mosaic: Mosaic): Buffer {
  const bits = new Bits();
  let before = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const level = Math.max(0, Math.min(255, Math.round(mosaic(column, row)))) - 128;
      putDifference(bits, level - before);
      bits.put(0, 1);
      before = level;
    }
  return bits.end();
}

const dcTable = canonical(dcCodes, dcCategories);

/** §F.1.2.1: the category's code, then as many bits; a negative number is one less in them. */
function putDifference(bits: Bits, difference: number): void {
  const category = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
  const code = dcTable.get(category);
  if (!code) throw new Error(`no code for a difference of ${difference}`);
  bits.put(code.bits, code.length);
  if (category > 0) bits.put(difference > 0 ? difference : difference + 2 ** category - 1, category);
}

/** §C.2: codes of one length follow one another, and the first of the next length is twice the next of them. */
function canonical(counts: readonly number[], values: readonly number[]): Map<number, { bits: number; length: number }> {
  const table = new Map<number, { bits: number; length: number }>();
  let code = 0;
  let nth = 0;
  counts.forEach((count, index) => {
    for (let i = 0; i < count; i++) table.set(values[nth++] ?? 0, { bits: code++, length: index + 1 });
    code *= 2;
  });
  return table;
}

class Bits {
  readonly #bytes: number[] = [];
  #held = 0;
  #count = 0;

  put(value: number, length: number): void {
    for (let bit = length - 1; bit >= 0; bit--) {
      this.#held = this.#held * 2 + ((value >> bit) & 1);
      if (++this.#count === 8) this.#flush();
    }
  }

  /** Filled up with ones (§F.1.2.3). */
  end(): Buffer {
    while (this.#count !== 0) this.put(1, 1);
    return Buffer.from(this.#bytes);
  }

  /** A byte of ones is followed by a zero, so that it is no marker (§F.1.2.3). */
  #flush(): void {
    this.#bytes.push(this.#held);
    if (this.#held === 0xff) this.#bytes.push(0);
    this.#held = 0;
    this.#count = 0;
  }
}

/** 走廊: what a simulated camera sees: a corridor with a lamp at its end, and somebody who walks through as time goes on. */
export function corridor(columns: number, rows: number, at: number): Mosaic {
  const [middle, horizon] = [columns / 2, rows * 0.42];
  const phase = (at / 1000) % 24;
  const near = phase / 24;
  const person = { x: middle + Math.sin(phase) * 3, top: horizon - 2 - near * rows * 0.22, foot: horizon + near * rows * 0.5 };
  return (column, row) => {
    const [x, y] = [column - middle, row - horizon];
    if (Math.abs(column - person.x) <= 0.6 + near * 1.8 && row >= person.top && row <= person.foot) return 34;
    const depth = Math.max(Math.abs(x) / middle, Math.abs(y) / (y > 0 ? rows - horizon : horizon));
    if (depth < 0.12) return 235;
    const isFloor = y > 0 && Math.abs(y) / (rows - horizon) >= Math.abs(x) / middle;
    const isDoor = !isFloor && y > -horizon * 0.55 && Math.floor(depth * 9) % 3 === 1;
    return isFloor ? 150 - depth * 70 + (Math.floor(depth * 14) % 2) * 8 : isDoor ? 70 : 190 - depth * 70;
  };
}
