/**
 * XML as devices send it: elements, attributes, text, CDATA. Names lose their namespace. No DTD, no entities of its own, so
 * nothing unfolds and nothing is fetched. A raw `&` is taken as it stands: cameras send it. What is cut off or does not nest is
 * refused: half a message is none. One pass, no recursion.
 */
export type XmlTree = { readonly [name: string]: XmlValue };
export type XmlValue = string | XmlTree | readonly XmlValue[];

export interface XmlLimits {
  readonly depth: number;
  readonly elements: number;
}

const xmlLimits: XmlLimits = { depth: 32, elements: 10_000 };

export type XmlFault = 'malformed' | 'too-deep' | 'too-many' | 'dtd';

interface Open {
  readonly name: string;
  readonly children: Map<string, XmlValue[]>;
  text: string;
}

/**
 * The tree of one document: `{root: …}`. An element is its text; with attributes or children it is an object of them, whose
 * text is `#text`. The same name several times gives a list. An attribute gives way to a child of its name.
 */
export function readXml(text: string, limits = xmlLimits): { tree: XmlTree } | { fault: XmlFault } {
  const document: Open = { name: '', children: new Map(), text: '' };
  const open: Open[] = [document];
  let elements = 0;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    const here = open.at(-1) as Open;
    const next = text.indexOf('<', at);
    const words = text.slice(at, next === -1 ? text.length : next);
    if (open.length > 1) here.text += plain(words);
    else if (words.trim() !== '') return { fault: 'malformed' };
    if (next === -1) break;
    const end = endOf(text, next);
    if (end === undefined) return { fault: text.startsWith('<!DOCTYPE', next) ? 'dtd' : 'malformed' };
    const tag = text.slice(next, end);
    at = end;
    if (tag.startsWith('<?') || tag.startsWith('<!--')) continue;
    if (tag.startsWith('<![CDATA[')) here.text += tag.slice(9, -3);
    else if (tag.startsWith('</')) {
      if (open.length === 1 || here.name !== tag.slice(2, -1).trim()) return { fault: 'malformed' };
      close(open);
    } else {
      const isEmpty = tag.endsWith('/>');
      const started = start(tag.slice(1, isEmpty ? -2 : -1));
      if (started === undefined || (open.length === 1 && document.children.size > 0)) return { fault: 'malformed' };
      if (++elements > limits.elements) return { fault: 'too-many' };
      if (open.length > limits.depth) return { fault: 'too-deep' };
      open.push(started);
      if (isEmpty) close(open);
    }
  }
  if (open.length > 1 || document.children.size === 0) return { fault: 'malformed' };
  return { tree: treeOf(document.children) };
}

/** The offset behind the tag, comment, instruction or CDATA section that begins at `from`; `undefined`: it does not end, or is a DTD. */
function endOf(text: string, from: number): number | undefined {
  const until = (mark: string): number | undefined => {
    const end = text.indexOf(mark, from + 2);
    return end === -1 ? undefined : end + mark.length;
  };
  if (text.startsWith('<!--', from)) return until('-->');
  if (text.startsWith('<![CDATA[', from)) return until(']]>');
  if (text.startsWith('<?', from)) return until('?>');
  if (text.startsWith('<!', from)) return undefined;
  let quote = '';
  for (let at = from + 1; at < text.length; at++) {
    const char = text[at] as string;
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '>') return at + 1;
    else if (char === '<') return undefined;
  }
  return undefined;
}

const nameStart = /^[\p{L}_:][\p{L}\p{N}_:.-]*/u;

/** `ns:name a="1" b='2'` as an element with its attributes. */
function start(inside: string): Open | undefined {
  const name = nameStart.exec(inside)?.[0];
  if (name === undefined) return undefined;
  const children = new Map<string, XmlValue[]>();
  const attribute = /\s+([^\s=<>"'/]{1,128})\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
  attribute.lastIndex = name.length;
  let read = name.length;
  for (let match = attribute.exec(inside); match !== null; match = attribute.exec(inside)) {
    read = attribute.lastIndex;
    const key = match[1] as string;
    if (key !== 'xmlns' && !key.startsWith('xmlns:')) children.set(`@${local(key)}`, [plain(match[2] ?? match[3] ?? '')]);
  }
  if (inside.slice(read).trim() !== '') return undefined;
  return { name, children, text: '' };
}

function close(open: Open[]): void {
  const { name, children, text } = open.pop() as Open;
  const parent = open.at(-1) as Open;
  const words = text.trim();
  const value = children.size === 0 ? words : withText(treeOf(children), words);
  const key = local(name);
  const known = parent.children.get(key);
  if (known === undefined) parent.children.set(key, [value]);
  else known.push(value);
}

function withText(tree: XmlTree, words: string): XmlTree {
  return words === '' ? tree : Object.assign(Object.create(null) as object, tree, { '#text': words });
}

function treeOf(children: ReadonlyMap<string, XmlValue[]>): XmlTree {
  const tree = Object.create(null) as Record<string, XmlValue>;
  for (const [key, values] of children) {
    const name = key.startsWith('@') ? key.slice(1) : key;
    if (key.startsWith('@') && children.has(name)) continue;
    tree[name] = values.length === 1 ? (values[0] as XmlValue) : values;
  }
  return tree;
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text with the five entities of XML and character numbers read; every other `&` stays what it is. */
function plain(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(
    /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g,
    (whole, name?: string, ten?: string, hex?: string) => {
      if (name !== undefined) return named[name] as string;
      const code = ten === undefined ? Number.parseInt(hex ?? '0', 16) : Number(ten);
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole;
    },
  );
}
