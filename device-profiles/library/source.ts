import { type Document, isCollection, isMap, isPair, isScalar, LineCounter, parseDocument } from 'yaml';

/** Where in a file: keys and indexes from the top. */
export type ProblemPath = readonly (string | number)[];

/** Something wrong in a profile, said to its author. */
export interface Finding {
  readonly path: ProblemPath;
  readonly zh: string;
  readonly en: string;
}

/** A YAML file as plain data, and the way back from a path to its line. */
export interface Source {
  readonly data: unknown;
  lineOf(path: ProblemPath): number;
}

export interface SyntaxProblem {
  readonly line: number;
  readonly zh: string;
  readonly en: string;
}

export const maxFileBytes = 1024 * 1024;
export const maxDepth = 32;
const maxTextLength = 2000;

/** Keys that mean something to JavaScript objects; no profile needs them. */
const reservedKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads YAML 1.2 core without anchors, aliases, merges and tags: what stands there is what is meant, and nothing unfolds.
 * Never throws, whatever the text.
 */
export function readSource(text: string): Source | { syntax: SyntaxProblem[] } {
  const deepLine = deepBracketLine(text);
  if (deepLine !== undefined) return { syntax: [tooDeep(deepLine)] };
  const lines = new LineCounter();
  const parsed = parse(text, lines);
  if ('syntax' in parsed) return parsed;
  const { document } = parsed;
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const syntax = [...document.errors, ...document.warnings].map(({ pos, message }) => said(lineAt(pos[0]), message));
  if (syntax.length === 0) syntax.push(...refuseOddities(document, lineAt));
  if (syntax.length > 0) return { syntax };
  return { data: document.toJS({ maxAliasCount: 0 }) as unknown, lineOf: (path) => lineAt(offsetOf(document, path)) };
}

function parse(text: string, lineCounter: LineCounter): { document: Document } | { syntax: SyntaxProblem[] } {
  try {
    return {
      document: parseDocument(text, { version: '1.2', schema: 'core', lineCounter, prettyErrors: false, uniqueKeys: true }),
    };
  } catch (error) {
    if (error instanceof RangeError) return { syntax: [tooDeep(1)] };
    throw error;
  }
}

function said(line: number, detail: string): SyntaxProblem {
  // The parser's own limit, which it reports like any other mistake.
  if (detail.includes('call stack')) return tooDeep(line);
  return { line, zh: `YAML 写法有误：${detail}。`, en: `This is not valid YAML: ${detail}.` };
}

function tooDeep(line: number): SyntaxProblem {
  return {
    line,
    zh: `嵌套超过 ${maxDepth} 层；档案不需要这么深。`,
    en: `Nested deeper than ${maxDepth} levels; no profile needs that.`,
  };
}

/** A flood of opening brackets is refused before the parser sees it: it takes seconds on a megabyte of them. */
function deepBracketLine(text: string): number | undefined {
  let depth = 0;
  let line = 1;
  for (const char of text) {
    if (char === '\n') line++;
    else if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1);
    if (depth > maxDepth * 4) return line;
  }
  return undefined;
}

interface Visit {
  readonly node: unknown;
  readonly depth: number;
}

/** Aliases, tags, reserved keys and depth, walked without recursion. */
function refuseOddities(document: Document, lineAt: (offset: number) => number): SyntaxProblem[] {
  const found: SyntaxProblem[] = [];
  const open: Visit[] = [{ node: document.contents, depth: 0 }];
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const { node, depth } = visit;
    if (isPair(node)) {
      open.push({ node: node.value, depth }, { node: node.key, depth });
      continue;
    }
    const line = lineAt(startOf(node));
    if (depth > maxDepth) return [tooDeep(line)];
    const odd = oddity(node);
    if (odd !== undefined) found.push({ line, ...odd });
    if (isCollection(node)) open.push(...node.items.map((item) => ({ node: item, depth: depth + 1 })));
  }
  return found.sort((a, b) => a.line - b.line);
}

function oddity(node: unknown): { zh: string; en: string } | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  const { anchor, source, tag } = node as { anchor?: unknown; source?: unknown; tag?: unknown };
  const isAlias = !isScalar(node) && !isCollection(node) && typeof source === 'string';
  if (isAlias || anchor !== undefined) {
    return {
      zh: '档案不使用 YAML 的锚点和别名（& 和 *）；请把内容写出来。',
      en: 'Profiles use no YAML anchors or aliases (& and *); write it out.',
    };
  }
  if (typeof tag === 'string' && !tag.startsWith('tag:yaml.org,2002:')) {
    return { zh: `档案不使用 YAML 标签（${tag}）。`, en: `Profiles use no YAML tags (${tag}).` };
  }
  if (isScalar(node) && typeof node.value === 'string') return oddText(node.value);
  if (isMap(node)) {
    const reserved = node.items
      .map((pair) => (isScalar(pair.key) ? String(pair.key.value) : ''))
      .find((key) => reservedKeys.has(key));
    if (reserved !== undefined) return { zh: `"${reserved}" 不能作为键名。`, en: `"${reserved}" cannot be a key.` };
  }
  return undefined;
}

/** Text that some store, topic or screen behind us could not carry. */
function oddText(text: string): { zh: string; en: string } | undefined {
  if (text.length > maxTextLength)
    return { zh: `文字超过 ${maxTextLength} 个字符。`, en: `The text is longer than ${maxTextLength} characters.` };
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)) return undefined;
  return { zh: '文字里有控制字符或残缺的字符。', en: 'The text has a control character or half a character in it.' };
}

function startOf(node: unknown): number {
  const range =
    typeof node === 'object' && node !== null && 'range' in node ? (node.range as number[] | null | undefined) : undefined;
  return range?.[0] ?? 0;
}

/** Offset of the key (or list item) at `path`, or of the deepest part of the path that is there. */
function offsetOf(document: Document, path: ProblemPath): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const step of path) {
    if (!isCollection(node)) break;
    const pair = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
      : undefined;
    const next = pair === undefined ? (isMap(node) ? undefined : node.items[Number(step)]) : pair.value;
    if (next === undefined && pair === undefined) break;
    offset = pair === undefined ? startOf(next) : startOf(pair.key);
    node = next;
  }
  return offset;
}
