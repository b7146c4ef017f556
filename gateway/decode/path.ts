/** Where values are looked for: the message, one record of it, and what stood around the payload. */
export interface Place {
  readonly message: unknown;
  readonly item?: unknown;
  readonly envelope?: Readonly<Record<string, string>> | undefined;
}

export type Root = '$' | 'item' | 'envelope';

/** A key of an object, an index of a list, or the first of a list whose `key` is `value`. */
export type PathStep = string | number | { readonly key: string; readonly value: string };

export interface Path {
  readonly root: Root;
  readonly steps: readonly PathStep[];
}

/** A path of the profile's schema: `$.a.b[0]['c.d']`, `item.a`, `$.list[?@.name=='x'].value`. */
export function parsePath(text: string): Path {
  const root = text.startsWith('$') ? '$' : text.startsWith('item') ? 'item' : 'envelope';
  const steps: PathStep[] = [];
  const pattern = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']+)'\]|\[\?@\.([A-Za-z_][\w-]*)=='([^']*)'\]/g;
  for (const [, name, index, quoted, key, value] of text.slice(root.length).matchAll(pattern)) {
    if (key !== undefined) steps.push({ key, value: value ?? '' });
    else steps.push(index === undefined ? ((name ?? quoted) as string) : Number(index));
  }
  return { root, steps };
}

/** What stands at `path`; `undefined` where there is nothing. Only own keys are followed, so nothing is inherited. */
export function follow(place: Place, { root, steps }: Path): unknown {
  return followSteps(root === '$' ? place.message : place[root], steps);
}

export function followSteps(from: unknown, steps: readonly PathStep[]): unknown {
  let here = from;
  for (const step of steps) {
    if (typeof here !== 'object' || here === null) return undefined;
    if (typeof step === 'object') here = findIn(here, step);
    else if (Array.isArray(here) !== (typeof step === 'number') || !Object.hasOwn(here, step)) return undefined;
    else here = (here as Record<string | number, unknown>)[step];
  }
  return here;
}

/** A list of one is often sent as the one itself (XML has no other way). */
function findIn(list: object, { key, value }: { key: string; value: string }): unknown {
  const items: readonly unknown[] = Array.isArray(list) ? list : [list];
  return items.find((item) => {
    if (typeof item !== 'object' || item === null || !Object.hasOwn(item, key)) return false;
    const found = (item as Record<string, unknown>)[key];
    return wordOf(found) === value;
  });
}

/** A scalar as its text; `undefined` for everything else. */
export function wordOf(found: unknown): string | undefined {
  if (typeof found === 'string') return found;
  return typeof found === 'number' || typeof found === 'boolean' || typeof found === 'bigint' ? String(found) : undefined;
}

/** True where `path` leads into what stands at `outer`, or to it. */
export function isInside(path: Path, outer: Path): boolean {
  if (path.root !== outer.root || path.steps.length < outer.steps.length) return false;
  return outer.steps.every((step, i) => JSON.stringify(step) === JSON.stringify(path.steps[i]));
}

/** The tree with another value at a place of it that is there; everything beside it is shared. */
export function replaced(tree: unknown, steps: readonly PathStep[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof tree !== 'object' || tree === null) return tree;
  const key = typeof step === 'object' ? keyOf(tree, step) : step;
  if (key === undefined) return replaced(tree, rest, value);
  const inner = replaced((tree as Record<string | number, unknown>)[key], rest, value);
  if (Array.isArray(tree)) return tree.with(Number(key), inner);
  return Object.assign(Object.create(null) as object, tree, { [key]: inner });
}

/** The index of what `findIn` finds; none where the list is the one itself. */
function keyOf(list: object, step: { key: string; value: string }): number | undefined {
  return Array.isArray(list) ? list.indexOf(findIn(list, step)) : undefined;
}
