import { readXml } from '../../xml.ts';
import { limits } from './limits.ts';

const tag = /<(\/?)([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)((?:\s[^<>]*?)?)(\/?)>/g;

/**
 * The reference parameters of an answer, to be sent back with every call to what it refers to (WS-Addressing 1.0 SOAP
 * Binding §2.1). They are kept as they stand, with the namespaces they need: a camera finds its subscription by them.
 * Empty where there are none, or none that could be sent back whole.
 */
export function referenceParameters(answer: string): string {
  const start = /<(?:[A-Za-z_][\w.-]*:)?ReferenceParameters(?:\s[^<>]*)?>/.exec(answer);
  if (start === null) return '';
  const rest = answer.slice(start.index + start[0].length).slice(0, limits.referenceChars);
  const end = /<\/(?:[A-Za-z_][\w.-]*:)?ReferenceParameters\s*>/.exec(rest);
  const inside = end === null ? '' : rest.slice(0, end.index).trim();
  if (inside === '' || 'fault' in readXml(`<x>${inside}</x>`)) return '';
  return declared(inside, answer);
}

/** Each outermost element declares the prefixes it and its children use and do not declare themselves. */
function declared(inside: string, answer: string): string {
  const missing = [...prefixesIn(inside)].filter((prefix) => !inside.includes(`xmlns:${prefix}=`));
  // Each is looked for in the whole answer.
  if (missing.length > limits.referencePrefixes) return '';
  const declarations = missing.flatMap((prefix) => {
    const uri = new RegExp(`xmlns:${prefix.replaceAll('.', '\\.')}=("[^"<]{0,300}"|'[^'<]{0,300}')`).exec(answer)?.[1];
    return uri === undefined ? [] : [` xmlns:${prefix}=${uri}`];
  });
  let depth = 0;
  return inside.replaceAll(tag, (whole, closing: string, prefix = '', name: string, rest: string, empty: string) => {
    if (closing !== '') {
      depth -= 1;
      return whole;
    }
    const isOutermost = depth === 0;
    if (empty === '') depth += 1;
    return isOutermost ? `<${prefix}${name}${declarations.join('')}${rest}${empty}>` : whole;
  });
}

function prefixesIn(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, , prefix, , rest = ''] of text.matchAll(tag)) {
    if (prefix !== undefined) found.add(prefix.slice(0, -1));
    for (const [, own] of rest.matchAll(/\s([A-Za-z_][\w.-]*):[\w.-]+\s*=/g))
      if (own !== undefined && own !== 'xmlns') found.add(own);
  }
  return found;
}
