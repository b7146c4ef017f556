import { ByteQueue } from './byte-queue.ts';
import { limits } from './limits.ts';

export interface PartHead {
  /** Media type in lower case without its parameters; '' where the part does not say. */
  readonly type: string;
  readonly charset: string;
  readonly name: string;
  readonly isFile: boolean;
  readonly length: number | null;
}

export interface Part {
  readonly head: PartHead;
  /** Null where it was not wanted, or longer than wanted: then nothing of it was kept. */
  readonly body: Uint8Array | null;
}

/** What came is no multipart, or one without end. */
export class MultipartError extends Error {}

/** How many bytes of a part are wanted; 0: none, it is skipped as it comes. */
export type Want = (head: PartHead) => number;

interface Current {
  readonly head: PartHead;
  readonly wanted: number;
  /** Bytes of its body that have been dropped already. */
  dropped: number;
  /** Where the search for the delimiter goes on. */
  searched: number;
}

/**
 * Reads multipart bodies and streams (RFC 2046 §5.1.1). A part that says its length is there with its last byte: a reader
 * that waits for the next delimiter shows an alarm when the following one begins. A delimiter inside the length ends the
 * part nevertheless, and a length that was too short makes the reader wait for delimiters from then on.
 */
export class MultipartReader {
  /** Bytes of a part behind the length it had said. */
  overruns = 0;
  readonly #want: Want;
  readonly #boundary: string | null;
  readonly #queue = new ByteQueue();
  #delimiter: Buffer | null = null;
  #state: 'between' | 'head' | 'body' = 'between';
  #part: Current | null = null;
  #skipped = 0;
  #trustsLength = true;
  #endedByLength = false;

  /** `boundary` of the content type; null where it said none: then the first line that looks like one is. */
  constructor(boundary: string | null, want: Want) {
    this.#boundary = boundary;
    this.#want = want;
  }

  /** The parts that are whole with these bytes. @throws MultipartError */
  push(bytes: Uint8Array): Part[] {
    this.#queue.push(bytes);
    const parts: Part[] = [];
    while (this.#step(parts)) {
      if (parts.length > limits.parts * 16) throw new MultipartError('more parts than anybody needs');
    }
    return parts;
  }

  /** True where the bytes broke off inside a part. */
  get isInside(): boolean {
    return this.#state !== 'between';
  }

  #step(parts: Part[]): boolean {
    switch (this.#state) {
      case 'between':
        return this.#findDelimiter();
      case 'head':
        return this.#readHead();
      case 'body':
        return this.#readBody(parts);
    }
  }

  /** Up to and including the line of a delimiter. */
  #findDelimiter(): boolean {
    const view = this.#queue.view();
    const end = view.indexOf(0x0a);
    if (end === -1) {
      if (view.length > limits.partHeadBytes) this.#skip(view.length - (this.#delimiter?.length ?? 0) - 2);
      return false;
    }
    const line = trimmed(view.subarray(0, end));
    if (this.#isDelimiter(line)) {
      this.#queue.drop(end + 1);
      this.#skipped = 0;
      this.#endedByLength = false;
      this.#state = 'head';
      return true;
    }
    // What follows a part of known length up to the next delimiter is nothing but a line end, unless the length was wrong.
    if (this.#endedByLength && line.length > 0 && !this.#isClosing(line)) {
      this.overruns++;
      this.#trustsLength = false;
      this.#endedByLength = false;
    }
    this.#skip(end + 1);
    return true;
  }

  #skip(count: number): void {
    this.#queue.drop(count);
    this.#skipped += count;
    if (this.#skipped > limits.preambleBytes) throw new MultipartError('no delimiter in sight');
  }

  /** Some devices write the dashes of the delimiter into the boundary itself, some name another one than they use. */
  #isDelimiter(line: Buffer): boolean {
    if (this.#delimiter !== null) return line.equals(this.#delimiter);
    const text = line.toString('latin1');
    if (!/^--[\x21-\x7e]{1,200}$/.test(text)) return false;
    const isDeclared = text === `--${this.#boundary}` || text === this.#boundary;
    if (this.#boundary !== null && !isDeclared) return false;
    this.#delimiter = Buffer.from(line);
    return true;
  }

  #isClosing(line: Buffer): boolean {
    return this.#delimiter !== null && line.equals(Buffer.concat([this.#delimiter, dashes]));
  }

  #readHead(): boolean {
    const view = this.#queue.view();
    const end = endOfHead(view);
    if ((end === null && view.length > limits.partHeadBytes) || (end !== null && end > limits.partHeadBytes))
      throw new MultipartError('a part’s head without end');
    if (end === null) return false;
    const head = partHead(view.toString('latin1', 0, end));
    if (head.length !== null && head.length > limits.partBytes) throw new MultipartError('a part of an absurd length');
    this.#queue.drop(end);
    this.#part = { head, wanted: this.#want(head), dropped: 0, searched: 0 };
    this.#state = 'body';
    return true;
  }

  #readBody(parts: Part[]): boolean {
    const part = this.#part as Current;
    const view = this.#queue.view();
    const { length } = part.head;
    const known = length !== null && this.#trustsLength ? length - part.dropped : Infinity;
    const found = this.#delimiterIn(view, part, known);
    if (found !== null) return this.#finish(parts, found);
    if (view.length >= known) {
      this.#endedByLength = true;
      return this.#finish(parts, known);
    }
    part.searched = Math.max(0, view.length - (this.#delimiter as Buffer).length - 4);
    this.#dropUnwanted(part);
    return false;
  }

  #finish(parts: Part[], bytes: number): true {
    const { head, wanted, dropped } = this.#part as Current;
    const isWhole = wanted > 0 && dropped === 0 && bytes <= wanted;
    parts.push({ head, body: isWhole ? new Uint8Array(this.#queue.view().subarray(0, bytes)) : null });
    this.#queue.drop(bytes);
    this.#part = null;
    this.#state = 'between';
    return true;
  }

  /** Bytes of the body where a delimiter ends it before its length does; the line end in front belongs to the delimiter. */
  #delimiterIn(view: Buffer, part: Current, known: number): number | null {
    const delimiter = this.#delimiter as Buffer;
    for (let from = part.searched; ;) {
      const place = view.indexOf(delimiter, from);
      if (place === -1 || place >= known) return null;
      const after = view[place + delimiter.length];
      const isLineStart = place === 0 ? part.dropped === 0 : view[place - 1] === 0x0a;
      if (isLineStart && after === undefined) return null;
      if (isLineStart && (after === 0x0d || after === 0x0a || after === 0x2d || after === 0x20)) {
        const lineEnd = place === 0 ? 0 : place >= 2 && view[place - 2] === 0x0d ? 2 : 1;
        return place - lineEnd;
      }
      from = place + 1;
    }
  }

  #dropUnwanted(part: Current): void {
    const held = this.#queue.length;
    if (part.dropped === 0 && part.wanted > 0 && held <= part.wanted + (this.#delimiter as Buffer).length + 4) return;
    const count = part.searched;
    if (count === 0) return;
    // The byte in front of a delimiter says whether it begins a line.
    const gone = count - 1;
    this.#queue.drop(gone);
    part.dropped += gone;
    part.searched -= gone;
    if (part.dropped > limits.partBytes) throw new MultipartError('a part without end');
  }
}

const dashes = Buffer.from('--');

function trimmed(line: Buffer): Buffer {
  let end = line.length;
  while (end > 0 && (line[end - 1] === 0x0d || line[end - 1] === 0x20)) end--;
  return line.subarray(0, end);
}

/** Behind the empty line; devices end lines with CR LF or LF alone. */
function endOfHead(view: Buffer): number | null {
  if (view[0] === 0x0a) return 1;
  if (view[0] === 0x0d && view[1] === 0x0a) return 2;
  const [strict, loose] = [view.indexOf('\r\n\r\n'), view.indexOf('\n\n')];
  if (strict === -1 && loose === -1) return null;
  if (strict === -1 || (loose !== -1 && loose < strict)) return loose + 2;
  return strict + 4;
}

function partHead(text: string): PartHead {
  const headers = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const type = headers.get('content-type') ?? '';
  const disposition = headers.get('content-disposition') ?? '';
  const length = headers.get('content-length') ?? '';
  return {
    type: (type.split(';')[0] ?? '').trim().toLowerCase(),
    charset: parameterOf(type, 'charset') ?? '',
    name: (parameterOf(disposition, 'name') ?? '').slice(0, 64),
    isFile: parameterOf(disposition, 'filename') !== undefined,
    length: /^\d{1,15}$/.test(length) ? Number(length) : null,
  };
}

/** `boundary` of `multipart/mixed; boundary="x"`. */
export function parameterOf(header: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|[;\\s])${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]*))`, 'i').exec(header.slice(0, 1_000));
  return found?.[1] ?? found?.[2];
}
