/** Throws a sentence where what is there is not what the story expects. */
export function same(what: string, found: unknown, expected: unknown): void {
  if (String(found) !== String(expected)) throw new Error(`${what}: expected ${String(expected)}, found ${String(found)}`);
}
