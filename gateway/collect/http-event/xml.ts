import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import { limits } from './limits.ts';

interface Element {
  readonly name: string;
  readonly children: Map<string, Json[]>;
  text: string;
}

/**
 * XML as devices write it, as plain JSON: an element is its text, or an object of its children (a list where there are
 * several of a name), attributes as `@name`, text beside them as `#text`. Prefixes and namespaces are left out; a bare `&`
 * is taken as it stands, because Hikvision writes it. The root's name is left out. Undefined: not well-formed, nested too
 * deep, or with a document type (XML 1.0 §2.8), whose entities no device needs.
 */
export function parseXml(text: string): { readonly root: string; readonly content: Json } | undefined {
  const open: Element[] = [];
  let nodes = 0;
  let place = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (place < text.length) {
    const start = text.indexOf('<', place);
    const between = text.slice(place, start === -1 ? text.length : start);
    const top = open.at(-1);
    if (top) top.text += unescaped(between);
    else if (between.trim() !== '') return undefined;
    if (start === -1) return undefined;
    const markup = markupAt(text, start);
    if (markup === undefined) return undefined;
    place = markup.end;
    if (markup.kind === 'text') {
      if (!top) return undefined;
      top.text += markup.text;
    } else if (markup.kind === 'open') {
      if (open.length >= limits.depth || ++nodes > limits.nodes) return undefined;
      const element: Element = { name: markup.name, children: markup.attributes, text: '' };
      if (!markup.isEmpty) open.push(element);
      else if (top) put(top, element);
      else return rest(text, place, element);
    } else if (markup.kind === 'close') {
      const closed = open.pop();
      if (closed?.name !== markup.name) return undefined;
      const parent = open.at(-1);
      if (!parent) return rest(text, place, closed);
      put(parent, closed);
    }
  }
  return undefined;
}

/** Behind the root there may be comments, blanks and the NUL of a careless firmware, and no second root. */
function rest(text: string, place: number, root: Element): { root: string; content: Json } | undefined {
  const after = text.slice(place).replaceAll('\0', ' ').trim();
  for (let behind = after; behind !== '';) {
    const end = behind.startsWith('<!--') ? behind.indexOf('-->', 4) : -1;
    if (end === -1) return undefined;
    behind = behind.slice(end + 3).trimStart();
  }
  return { root: root.name, content: valueOf(root) };
}

type Markup = { readonly end: number } & (
  | { readonly kind: 'open'; readonly name: string; readonly attributes: Map<string, Json[]>; readonly isEmpty: boolean }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'nothing' }
);

function markupAt(text: string, start: number): Markup | undefined {
  if (text.startsWith('<!--', start)) return skipped(text, start + 4, '-->');
  if (text.startsWith('<?', start)) return skipped(text, start + 2, '?>');
  if (text.startsWith('<![CDATA[', start)) {
    const end = text.indexOf(']]>', start);
    return end === -1 ? undefined : { kind: 'text', text: text.slice(start + 9, end), end: end + 3 };
  }
  if (text.startsWith('</', start)) {
    const end = text.indexOf('>', start);
    return end === -1 ? undefined : { kind: 'close', name: localName(text.slice(start + 2, end).trim()), end: end + 1 };
  }
  return openTag(text, start);
}

function skipped(text: string, from: number, terminator: string): Markup | undefined {
  const end = text.indexOf(terminator, from);
  return end === -1 ? undefined : { kind: 'nothing', end: end + terminator.length };
}

const tagName = /<([A-Za-z_][\w.:-]{0,127})/y;
const attribute = /\s{1,256}([A-Za-z_][\w.:-]{0,127})\s{0,16}=\s{0,16}(?:"([^"<]{0,4096})"|'([^'<]{0,4096})')/y;
const tagEnd = /\s{0,256}(\/?)>/y;

function openTag(text: string, start: number): Markup | undefined {
  const name = matchAt(tagName, text, start)?.[1];
  if (name === undefined) return undefined;
  const attributes = new Map<string, Json[]>();
  let place = tagName.lastIndex;
  for (let found = matchAt(attribute, text, place); found; found = matchAt(attribute, text, place)) {
    const [, key = '', double, single] = found;
    place = attribute.lastIndex;
    if (attributes.size >= limits.fields) return undefined;
    if (!/^xmlns(:|$)|^xsi:/.test(key)) attributes.set(`@${localName(key)}`, [unescaped(double ?? single ?? '')]);
  }
  const end = matchAt(tagEnd, text, place);
  return end ? { kind: 'open', name: localName(name), attributes, isEmpty: end[1] === '/', end: tagEnd.lastIndex } : undefined;
}

function matchAt(pattern: RegExp, text: string, place: number): RegExpExecArray | null {
  pattern.lastIndex = place;
  return pattern.exec(text);
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function put(parent: Element, child: Element): void {
  const there = parent.children.get(child.name);
  if (there) there.push(valueOf(child));
  else parent.children.set(child.name, [valueOf(child)]);
}

function valueOf({ children, text }: Element): Json {
  const bare = text.trim();
  if (children.size === 0) return bare;
  const fields = [...children].map(([name, values]): [string, Json] => [
    name,
    values.length === 1 ? (values[0] as Json) : values,
  ]);
  // An object made so has its keys for its own, `__proto__` too.
  return Object.fromEntries(bare === '' ? fields : [...fields, ['#text', bare]]);
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (whole, name, decimal, hex) => {
    if (typeof name === 'string') return named[name] ?? whole;
    const code = Number.parseInt(String(decimal ?? hex), decimal === undefined ? 16 : 10);
    return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}
