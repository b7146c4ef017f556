import type { Condition } from '@yihu/device-profiles/protocols/http-event.ts';
import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';

/** The keys of `$.a.b[0]['c.d']`. */
export type Path = readonly (string | number)[];

export function pathOf(text: string): Path {
  return [...text.matchAll(/\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']+)'\]/g)].map(([, name, index, quoted]) =>
    index === undefined ? ((name ?? quoted) as string) : Number(index),
  );
}

/** What stands there; only an object's own keys are followed. */
export function at(json: Json, path: Path): Json | undefined {
  let here: Json | undefined = json;
  for (const key of path) {
    if (typeof here !== 'object' || here === null || Array.isArray(here) !== (typeof key === 'number')) return undefined;
    if (!Object.hasOwn(here, key)) return undefined;
    here = (here as Readonly<Record<string | number, Json>>)[key];
  }
  return here;
}

/** Text or number as a word; undefined for everything else, and for nothing. */
export function wordAt(json: Json, path: Path): string | undefined {
  const found = at(json, path);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? String(found) : undefined;
}

export type Holds = (json: Json) => boolean;

/** One of the alternatives, in all it asks for. Numbers and their digits are the same: XML knows only text. */
export function compileConditions(alternatives: readonly (readonly Condition[])[]): Holds {
  const tests = alternatives.map((all) => all.map(compileCondition));
  return (json) => tests.some((all) => all.every((holds) => holds(json)));
}

export function compileCondition(condition: Condition): Holds {
  const path = pathOf(condition.path);
  if ('exists' in condition) return (json) => ((at(json, path) ?? null) !== null) === condition.exists;
  const wanted = String(condition.equals);
  return (json) => wordAt(json, path) === wanted;
}
