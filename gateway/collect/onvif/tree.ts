import type { XmlTree, XmlValue } from '../../xml.ts';

/** What stands at a path of names in a tree without namespaces; of a list, the first. */
export function at(value: XmlValue | undefined, ...path: readonly string[]): XmlValue | undefined {
  let here = first(value);
  for (const name of path) here = isTree(here) && Object.hasOwn(here, name) ? first(here[name]) : undefined;
  return here;
}

/** Everything of a name below `value`: none, one or many. */
export function all(value: XmlValue | undefined, name: string): readonly XmlValue[] {
  const here = first(value);
  const found = isTree(here) && Object.hasOwn(here, name) ? here[name] : undefined;
  if (found === undefined) return [];
  return isList(found) ? found : [found];
}

/** The words of an element, with or without attributes beside them. */
export function words(value: XmlValue | undefined): string | undefined {
  const here = first(value);
  if (typeof here === 'string') return here.trim();
  const text = isTree(here) && Object.hasOwn(here, '#text') ? here['#text'] : undefined;
  return typeof text === 'string' ? text.trim() : undefined;
}

function first(value: XmlValue | undefined): XmlValue | undefined {
  return value !== undefined && isList(value) ? value[0] : value;
}

function isList(value: XmlValue): value is readonly XmlValue[] {
  return Array.isArray(value);
}

function isTree(value: XmlValue | undefined): value is XmlTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
