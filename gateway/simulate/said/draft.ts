import type { Tree } from './forms.ts';

type Step = string | number | { readonly key: string; readonly value: string };

/** A message while it is made: values put at the paths where a profile will look for them. */
export class Draft {
  #root: Tree | undefined;
  #record: readonly Step[] = [];
  readonly #bits = new Map<string, bigint>();
  readonly #words = new Map<string, string[]>();

  tree(): Tree {
    return this.#root ?? {};
  }

  /** A list with one record; paths that begin with `item` are in it. */
  beginRecord(list: string): void {
    this.#record = [...this.#steps(list), 0];
  }

  place(path: string, value: Tree): void {
    if (!path.startsWith('envelope')) this.#root = put(this.#root, this.#steps(path), value);
  }

  /** Something, unless there is something already. */
  exist(path: string): void {
    if (!path.startsWith('envelope')) this.#root = put(this.#root, this.#steps(path), {});
  }

  /** Bits of an integer that several points share. */
  bits(path: string, bits: bigint, base: number | undefined): void {
    const whole = (this.#bits.get(path) ?? 0n) | bits;
    this.#bits.set(path, whole);
    const text = whole.toString(base ?? 10);
    this.place(path, base === undefined ? Number(whole) : base === 2 ? text.padStart(8, '0') : text);
  }

  /** A word of a set that several points share. */
  word(path: string, word: string, between: string, isThere: boolean): void {
    const words = [...(this.#words.get(path) ?? []), ...(isThere ? [word] : [])];
    this.#words.set(path, words);
    this.place(path, words.join(between));
  }

  /** What stands at a path written as the text it is inside of its message. */
  close(path: string, write: (inner: Tree) => string): void {
    const inner = this.#steps(path).reduce<Tree | undefined>(step, this.#root);
    if (inner !== undefined) this.#root = put(this.#root, this.#steps(path), write(inner), true);
  }

  #steps(path: string): readonly Step[] {
    return path.startsWith('item') ? [...this.#record, ...stepsOf(path.slice('item'.length))] : stepsOf(path.slice(1));
  }
}

function stepsOf(path: string): Step[] {
  const pattern = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']+)'\]|\[\?@\.([A-Za-z_][\w-]*)=='([^']*)'\]/g;
  return [...path.matchAll(pattern)].map(([, name, index, quoted, key, value]) =>
    key === undefined ? (name ?? quoted ?? Number(index)) : { key, value: value ?? '' },
  );
}

function step(tree: Tree | undefined, to: Step): Tree | undefined {
  if (typeof tree !== 'object' || tree === null) return undefined;
  if (typeof to === 'object') return Array.isArray(tree) ? tree.find((item) => isNamed(item, to)) : undefined;
  return (tree as Record<string | number, Tree>)[to];
}

function isNamed(item: Tree, { key, value }: { key: string; value: string }): boolean {
  return typeof item === 'object' && item !== null && !Array.isArray(item) && item[key] === value;
}

/** The tree with a value at a place, making what is missing on the way. Nothing gives way to an empty object unless it `replaces`. */
function put(tree: Tree | undefined, [to, ...rest]: readonly Step[], value: Tree, replaces = false): Tree {
  if (to === undefined) return !replaces && isEmpty(value) && tree !== undefined ? tree : value;
  if (typeof to === 'string') {
    const object = typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? tree : {};
    return { ...object, [to]: put(object[to], rest, value, replaces) };
  }
  const list = Array.isArray(tree) ? [...tree] : [];
  const found = typeof to === 'number' ? to : list.findIndex((item) => isNamed(item, to));
  const at = found === -1 ? list.length : found;
  const there = list[at] ?? (typeof to === 'number' ? undefined : { [to.key]: to.value });
  while (list.length < at) list.push(null);
  list[at] = put(there, rest, value, replaces);
  return list;
}

function isEmpty(value: Tree): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
