/** A parsed `$.a.b[0]['c.d']`: the keys to follow. Only an object's own keys are followed, so nothing is inherited. */
export type Path = readonly (string | number)[];

export function parsePath(text: string): Path {
  const keys: (string | number)[] = [];
  for (const [, name, index, quoted] of text.matchAll(/\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']+)'\]/g)) {
    keys.push(index === undefined ? ((name ?? quoted) as string) : Number(index));
  }
  return keys;
}

/** What stands at `path`; `undefined` where there is nothing. */
export function follow(json: unknown, path: Path): unknown {
  let here = json;
  for (const key of path) {
    if (typeof here !== 'object' || here === null || Array.isArray(here) !== (typeof key === 'number')) return undefined;
    if (!Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string | number, unknown>)[key];
  }
  return here;
}
