import { readXml, type XmlFault } from '../xml.ts';
import { isJsonDeeper, maxPayloadDepth, parseJson } from './json.ts';
import type { Refusal } from './value.ts';

/** A reading's result: a tree, or why there is none. `left`: why a part of it was left unread. */
export type Read = { readonly tree: unknown; readonly left?: Refusal } | { readonly refused: Refusal };
export type ReadText = (text: string) => Read;

/** Most records, pairs and fields one message may have. */
export const maxRecords = 1024;

const tooMany: Refusal = {
  code: 'too-many',
  zh: `消息里的记录超过 ${maxRecords} 条，未解析；请让设备分批发送。`,
  en: `The message has more than ${maxRecords} records and was not read; let the device send fewer at once.`,
};

export function readJson(text: string): Read {
  if (isJsonDeeper(text, maxPayloadDepth)) return { refused: tooDeep };
  const json = parseJson(text);
  return json === undefined ? { refused: notJson } : { tree: json.value };
}

const notJson: Refusal = {
  code: 'not-json',
  zh: '消息不是有效的 JSON；请检查设备的消息格式。',
  en: 'The message is not valid JSON; check the message format set on the device.',
};

const tooDeep: Refusal = {
  code: 'too-deep',
  zh: `消息嵌套超过 ${maxPayloadDepth} 层，未解析。`,
  en: `The message is nested deeper than ${maxPayloadDepth} levels and was not parsed.`,
};

const xmlFaults: Readonly<Record<XmlFault, Refusal>> = {
  malformed: {
    code: 'not-xml',
    zh: '消息不是完整的 XML；请检查设备的消息格式。',
    en: 'The message is not whole XML; check the message format set on the device.',
  },
  'too-deep': tooDeep,
  'too-many': {
    code: 'too-many',
    zh: '消息的 XML 元素太多，未解析。',
    en: 'The message has too many XML elements and was not read.',
  },
  dtd: { code: 'xml-dtd', zh: '消息带有 DTD，拒绝解析。', en: 'The message has a DTD and is refused.' },
};

export function readXmlText(text: string): Read {
  const read = readXml(text);
  return 'tree' in read ? read : { refused: xmlFaults[read.fault] };
}

/** `application/x-www-form-urlencoded`; a field that comes twice is a list. */
export function readForm(text: string): Read {
  const tree = Object.create(null) as Record<string, string | string[]>;
  let count = 0;
  for (const [key, value] of new URLSearchParams(text.trim())) {
    if (++count > maxRecords) return { refused: tooMany };
    const known = Object.hasOwn(tree, key) ? tree[key] : undefined;
    tree[key] = known === undefined ? value : [known, value].flat();
  }
  return { tree };
}

/** `k=v` between separators. A value may hold the sign that follows the key; `rest` may hold everything. */
export function readPairs({ between, is, rest }: { between: string; is: string; rest?: string | undefined }): ReadText {
  return (text) => {
    const tree = Object.create(null) as Record<string, string>;
    const [pairs, last] = rest === undefined ? [text, undefined] : splitRest(text, between, `${rest}${is}`);
    const parts = pairs.split(between, maxRecords + 1);
    if (parts.length > maxRecords) return { refused: tooMany };
    for (const part of parts) {
      const at = part.indexOf(is);
      if (at > 0) tree[part.slice(0, at).trim()] = part.slice(at + is.length).trim();
    }
    if (rest !== undefined && last !== undefined) tree[rest] = last.trim();
    return { tree };
  };
}

function splitRest(text: string, between: string, key: string): [pairs: string, rest: string | undefined] {
  if (text.startsWith(key)) return ['', text.slice(key.length)];
  const at = text.indexOf(between + key);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + between.length + key.length)];
}

/** Values by their position. A column that is not there is missing. */
export function readColumns({
  columns,
  between,
  after,
}: {
  columns: readonly string[];
  between: string;
  after?: string | undefined;
}): ReadText {
  return (text) => {
    const line = text.trim();
    const whole = after !== undefined && line.startsWith(after) ? line.slice(after.length) : line;
    const tree = Object.create(null) as Record<string, string>;
    whole.split(between, columns.length).forEach((value, index) => {
      const name = columns[index] as string;
      if (name !== '_') tree[name] = value.trim();
    });
    return { tree };
  };
}

/** Each line read by what follows; empty ones are none. A line that cannot be read makes the whole unreadable. */
export function readLines(between: string | undefined, next: ReadText): ReadText {
  return (text) => {
    const lines = text.split(between ?? /\r?\n/, maxRecords + 64).filter((line) => line.trim() !== '');
    if (lines.length > maxRecords) return { refused: tooMany };
    const tree: unknown[] = [];
    for (const line of lines) {
      const read = next(line);
      if ('refused' in read) return read;
      tree.push(read.tree);
    }
    return { tree };
  };
}
