import { type Document, type LineCounter, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { z } from 'zod';

/** 问题: something in a file that has to be mended before anything starts. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly path: string;
  readonly zh: string;
  readonly en: string;
}

/** Collects problems and finds the line of each path in the file. */
export class Report {
  readonly problems: Problem[] = [];
  readonly #file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(file: string, document: Document, lines: LineCounter) {
    this.#file = file;
    this.#document = document;
    this.#lines = lines;
  }

  addAt(line: number, path: string, zh: string, en: string): void {
    this.problems.push({ file: this.#file, line, path, zh, en });
  }

  add(path: readonly PropertyKey[], zh: string, en: string): void {
    const text = path
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('')
      .replace(/^\./, '');
    this.addAt(this.#lineOf(path), text, zh, en);
  }

  issues(path: readonly PropertyKey[], error: z.ZodError): void {
    for (const issue of error.issues) {
      const where = [...path, ...issue.path];
      if (where.length === 0 && issue.code === 'invalid_type') {
        this.add(
          where,
          '整个文件应是“键: 值”的形式，第一行写 schema: yihu-site/1。',
          'The file must be made of “key: value” lines; begin it with schema: yihu-site/1.',
        );
        continue;
      }
      if (this.#document.hasIn(where) || issue.code === 'unrecognized_keys') this.add(where, ...sentences(issue));
      else this.add(where, `缺少 ${String(where.at(-1))}。`, `${String(where.at(-1))} is missing.`);
    }
  }

  sorted(): Problem[] {
    return this.problems.toSorted((a, b) => a.line - b.line);
  }

  #lineOf(path: readonly PropertyKey[]): number {
    for (let depth = path.length; depth > 0; depth--) {
      const node = this.#document.getIn(path.slice(0, depth), true);
      if (isNode(node) && (isScalar(node) || isMap(node) || isSeq(node)) && node.range)
        return this.#lines.linePos(node.range[0]).line;
    }
    return 1;
  }
}

/** Our own schemas say it in both languages, `中文 / English`. */
function sentences(issue: z.core.$ZodIssue): [zh: string, en: string] {
  const { message } = issue;
  const [zh, en] = message.split(' / ');
  if (en !== undefined && /\p{Script=Han}/u.test(zh ?? '')) return [`${zh}。`, en];
  return [chineseOf(issue), message];
}

function chineseOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `不认识的字段 ${issue.keys.join('、')}。`;
    case 'invalid_type':
      return `这里应为${kinds[issue.expected] ?? ` ${issue.expected}`}。`;
    case 'invalid_union':
      return '与任何一种写法都不符。';
    case 'too_big':
      return `太大：最多 ${String(issue.maximum)}${units[issue.origin] ?? ''}。`;
    case 'too_small':
      return `太小：至少 ${String(issue.minimum)}${units[issue.origin] ?? ''}。`;
    case 'invalid_value':
      return `可以是 ${issue.values.map(String).join('、')}。`;
    case 'not_multiple_of':
      return `应是 ${issue.divisor} 的倍数。`;
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    default:
      return `值不符合要求（${issue.message}）`;
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: '文字',
  number: '数',
  int: '整数',
  boolean: ' true 或 false',
  array: '列表（每项前写 - ）',
  object: '“键: 值”的形式',
  record: '“键: 值”的形式',
};

const units: Readonly<Record<string, string>> = { string: ' 个字符', array: ' 项', set: ' 项' };
