/** Whole numbers up to 2^53 in as few bytes as they need, seven bits in each, lowest first. */
export class ByteWriter {
  private buffer = new Uint8Array(1024);
  private length = 0;

  unsigned(value: number): void {
    this.room(8);
    while (value >= 128) {
      this.buffer[this.length++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    this.buffer[this.length++] = value;
  }

  /** Small negative numbers are as short as small positive ones. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -value * 2 - 1 : value * 2);
  }

  raw(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private room(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + bytes));
    grown.set(this.bytes());
    this.buffer = grown;
  }
}

/** Reads what `ByteWriter` wrote. @throws RangeError past the end */
export class ByteReader {
  private readonly buffer: Uint8Array;
  private offset = 0;

  constructor(buffer: Uint8Array) {
    this.buffer = buffer;
  }

  unsigned(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.buffer[this.offset++];
      if (byte === undefined) throw new RangeError('the bytes end inside a number');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  rest(): Uint8Array {
    return this.buffer.subarray(this.offset);
  }
}
