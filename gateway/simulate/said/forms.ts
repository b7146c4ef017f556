import type { Field, Step, Steps, Struct } from '@yihu/device-profiles/vocabulary/message.ts';
import { byteCount } from '@yihu/device-profiles/library/byte-count.ts';
import { encodeBytes, encodeText, type RawValue } from '@yihu/device-profiles/library/encode.ts';

export type Tree = { [key: string]: Tree } | Tree[] | string | number | boolean | null;
type Fields = { [key: string]: Tree };
type Written = string | Buffer;

/** A message as a device writes it: the steps of a reading taken back, from the tree to its text or bytes. */
export function writeSteps(steps: Steps = 'json', tree: Tree): Written {
  const [first, ...rest] = [steps].flat();
  if (first === undefined) return wordOf(tree);
  if (typeof first === 'object') return writeForm(first, rest, tree);
  switch (first) {
    case 'json':
      return JSON.stringify(tree);
    case 'xml':
      return xmlText(tree);
    case 'form':
      return new URLSearchParams(entriesOf(tree)).toString();
    case 'pairs':
      return pairsText(tree, '\t', '=');
    case 'text':
      return wordOf(tree);
    case 'lines':
      return lines(tree, rest, '\n');
    case 'base64':
      return bytesOf(writeSteps(rest, tree)).toString('base64');
    case 'hex':
      return bytesOf(writeSteps(rest, tree)).toString('hex');
    case 'utf8':
    case 'gb18030':
    case 'ascii':
      return encodeText(String(writeSteps(rest, tree)), first);
  }
}

function writeForm(step: Exclude<Step, string>, rest: readonly Step[], tree: Tree): Written {
  if ('pairs' in step) return pairsText(tree, step.pairs.between, step.pairs.is, step.pairs.rest);
  if ('columns' in step)
    return (step.after ?? '') + step.columns.map((name) => wordOf(fieldsOf(tree)[name] ?? '')).join(step.between);
  if ('lines' in step) return lines(tree, rest, step.lines.between);
  const isLittle = step.order === 'little';
  return 'struct' in step ? structBytes(step.struct, fieldsOf(tree), isLittle) : tlvBytes(step, fieldsOf(tree));
}

function bytesOf(written: Written): Buffer {
  return typeof written === 'string' ? Buffer.from(written) : written;
}

function wordOf(tree: Tree): string {
  return typeof tree === 'object' ? (tree === null ? '' : JSON.stringify(tree)) : String(tree);
}

function fieldsOf(tree: Tree): Fields {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? tree : {};
}

function entriesOf(tree: Tree): [string, string][] {
  return Object.entries(fieldsOf(tree)).map(([key, value]) => [key, wordOf(value)]);
}

function pairsText(tree: Tree, between: string, is: string, rest?: string): string {
  const entries = entriesOf(tree);
  const last = entries.filter(([key]) => key === rest);
  return [...entries.filter(([key]) => key !== rest), ...last].map(([key, value]) => `${key}${is}${value}`).join(between);
}

function lines(tree: Tree, rest: readonly Step[], between: string): string {
  const items = Array.isArray(tree) ? tree : [tree];
  return items.map((item) => String(rest.length === 0 ? wordOf(item) : writeSteps([...rest], item))).join(between);
}

function xmlText(tree: Tree): string {
  return Object.entries(fieldsOf(tree))
    .map(([name, value]) =>
      [value]
        .flat()
        .map((each) => element(name, each))
        .join(''),
    )
    .join('');
}

function element(name: string, value: Tree): string {
  if (typeof value !== 'object' || value === null) return `<${name}>${escaped(wordOf(value))}</${name}>`;
  const { '#text': text, ...children } = fieldsOf(value);
  return `<${name}>${escaped(wordOf(text ?? ''))}${xmlText(children)}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Records of which the tree has something, in the order of the profile. */
function tlvBytes({ tlv, order, length }: Extract<Step, { tlv: unknown }>, tree: Fields): Buffer {
  const isLittle = order === 'little';
  const records = Object.entries(tlv).flatMap(([id, struct]) => {
    const names = namesOf(struct);
    if (!names.some((name) => tree[name] !== undefined)) return [];
    return contents(struct, tree).map((own) => {
      const bytes = structBytes(struct, own, isLittle);
      return Buffer.concat([Buffer.from(id.replaceAll(/\s/g, ''), 'hex'), lengthBytes(bytes.length, length, isLittle), bytes]);
    });
  });
  return Buffer.concat(records);
}

/** A list under an id is one record for each of its items. */
function contents(struct: Struct, tree: Fields): Fields[] {
  const list = Object.entries(struct).find(([, field]) => typeof field === 'object' && 'list' in field)?.[0];
  const items = list === undefined ? undefined : tree[list];
  return list === undefined || !Array.isArray(items) ? [tree] : items.map((item) => ({ ...tree, [list]: [item] }));
}

function lengthBytes(count: number, size: 1 | 2 | undefined, isLittle: boolean): Buffer {
  return size === undefined ? Buffer.alloc(0) : encodeBytes({ type: size === 1 ? 'u8' : 'u16' }, isLittle, count);
}

function namesOf(struct: Struct): string[] {
  return Object.entries(struct).flatMap(([name, field]) => {
    if (typeof field === 'number') return [];
    return typeof field === 'object' && 'type' in field && field.parts !== undefined ? Object.keys(field.parts) : [name];
  });
}

function structBytes(struct: Struct, tree: Fields, isLittle: boolean): Buffer {
  const whole = { ...kindsOf(struct), ...tree };
  return Buffer.concat(Object.entries(struct).map(([name, field]) => fieldBytes(name, field, whole, isLittle)));
}

/** Of the fields that others depend on: the first value that has a case. */
function kindsOf(struct: Struct): Fields {
  return Object.fromEntries(
    Object.values(struct).flatMap((field): [string, Tree][] => {
      const first = typeof field === 'object' && 'by' in field ? Object.keys(field.cases)[0] : undefined;
      if (first === undefined || typeof field !== 'object' || !('by' in field)) return [];
      return [[field.by, /^-?\d+$/.test(first) ? Number(first) : first]];
    }),
  );
}

function fieldBytes(name: string, field: Field, tree: Fields, isLittle: boolean): Buffer {
  if (typeof field === 'number') return Buffer.alloc(field);
  if (typeof field === 'string') return valueBytes({ type: field }, tree[name], isLittle);
  if ('list' in field) {
    const items = [tree[name] ?? []].flat();
    return Buffer.concat(items.map((item) => structBytes(field.list, fieldsOf(item), isLittle)));
  }
  if ('by' in field) {
    const one = field.cases[wordOf(tree[field.by] ?? '')];
    return one === undefined ? Buffer.alloc(0) : fieldBytes(name, one, tree, isLittle);
  }
  const value = field.parts === undefined ? tree[name] : wholeOf(field.parts, tree);
  return valueBytes(field, value, field.order === undefined ? isLittle : field.order === 'little');
}

type ValueField = Pick<Extract<Field, { type: unknown }>, 'type' | 'length' | 'encoding' | 'signed'>;

function valueBytes({ type, length, encoding, signed }: ValueField, value: Tree | bigint | undefined, isLittle: boolean): Buffer {
  if (type === 'string' && length === 'rest') return encodeText(wordOf((value ?? '') as Tree), encoding ?? 'ascii');
  const shape = { type, encoding, signed, length: length === 'rest' ? undefined : length };
  if (value === undefined || value === null) return Buffer.alloc(byteCount(shape));
  const raw = typeof value === 'string' && /^[us]64$/.test(type) ? BigInt(value) : value;
  return encodeBytes(shape, isLittle, raw as RawValue);
}

function wholeOf(parts: Readonly<Record<string, number | readonly [number, number]>>, tree: Fields): bigint {
  return Object.entries(parts).reduce((whole, [name, range]) => {
    const shift = typeof range === 'number' ? range : range[0];
    return whole | (BigInt(Number(tree[name] ?? 0)) << BigInt(shift));
  }, 0n);
}
