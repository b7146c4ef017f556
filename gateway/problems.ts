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
      if (this.#document.hasIn(where) || issue.code === 'unrecognized_keys')
        this.add(where, `${sentence(issue)}（${issue.message}）`, issue.message);
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

function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `不认识的字段 ${issue.keys.join('、')}`;
    case 'invalid_type':
      return `这里应为 ${issue.expected}`;
    case 'invalid_union':
      return '与任何一种写法都不符';
    case 'too_big':
    case 'too_small':
      return '超出允许范围';
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_value':
    case 'not_multiple_of':
    default:
      return '值不符合要求';
  }
}
