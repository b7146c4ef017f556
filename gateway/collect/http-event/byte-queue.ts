/** Bytes that come in pieces and leave in order. Appending is cheap however small the pieces are. */
export class ByteQueue {
  #buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** All of it, without a copy; valid until the next `push`. */
  view(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  push(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  drop(count: number): void {
    this.#start += Math.min(count, this.length);
    if (this.#start === this.#end) this.clear();
  }

  /** The first `count` bytes as a copy of their own. */
  take(count: number): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(this.#start, this.#start + count));
    this.drop(count);
    return taken;
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
    // One large part must not hold its memory for as long as a stream lives.
    if (this.#buffer.length > 64 * 1024) this.#buffer = Buffer.alloc(0);
  }

  #makeRoom(count: number): void {
    if (this.#end + count <= this.#buffer.length) return;
    const size = Math.max(1024, (this.length + count) * 2);
    const larger = size > this.#buffer.length ? Buffer.allocUnsafe(size) : this.#buffer;
    this.#buffer.copy(larger, 0, this.#start, this.#end);
    this.#end = this.length;
    this.#start = 0;
    this.#buffer = larger;
  }
}
