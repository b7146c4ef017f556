import { z } from 'zod';
import { findingsOf } from './sentences.ts';
import type { Finding, ProblemPath } from './source.ts';

/**
 * 阵列: what a device has several of, written once. `arrays: {port: {from: 1, to: 10, stride: 16}}`; every key with `{port}`
 * in it stands for ten, `{port}`, `{port+1}` and `{port-1}` in its texts are numbers, and a numeric address moves on by
 * `stride`.
 */
const ArrayRule = z.strictObject({
  from: z.number().int().min(0).max(9999),
  to: z.number().int().min(0).max(9999),
  /** Added to `at` (or, where that is a key, to `skip`) for each one. */
  stride: z.number().int().min(0).max(4096).default(0),
});
const Arrays = z.record(z.string().regex(/^[a-z][a-z0-9_]{0,15}$/, 'must be letters, digits and _'), ArrayRule);
type ArrayRules = z.output<typeof Arrays>;

const mostOfOne = 256;
/** All entries that unfolding makes, so that arrays in arrays end. */
const mostEntries = 8192;

export interface Unfolded {
  readonly data: unknown;
  readonly findings: Finding[];
  /** The path as the author wrote it. */
  readonly written: (path: ProblemPath) => ProblemPath;
}

/** The data of a profile with its arrays written out. Vectors are left as they are: they speak of what a device said. */
export function unfold(data: unknown): Unfolded {
  const asWritten = new Map<string, string>();
  const written = (path: ProblemPath): ProblemPath => path.map((step) => asWritten.get(String(step)) ?? step);
  if (typeof data !== 'object' || data === null || !('arrays' in data)) return { data, findings: [], written };
  const { arrays, ...rest } = data;
  const parsed = Arrays.safeParse(arrays, { reportInput: true });
  if (!parsed.success) {
    const findings = findingsOf(parsed.error).map((each) => ({ ...each, path: ['arrays', ...each.path] }));
    return { data: rest, findings, written };
  }
  const findings = checkArrays(parsed.data);
  if (findings.length > 0) return { data: rest, findings, written };
  const unfolding = new Unfolding(parsed.data, asWritten);
  const unfolded = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, key === 'vectors' ? value : unfolding.value(value)]),
  );
  return { data: unfolded, findings: unfolding.findings(), written };
}

function checkArrays(arrays: ArrayRules): Finding[] {
  return Object.entries(arrays).flatMap(([name, { from, to }]): Finding[] => {
    if (to >= from && to - from < mostOfOne) return [];
    return [
      {
        path: ['arrays', name],
        zh: `from 不得大于 to，且最多 ${mostOfOne} 个。`,
        en: `from must not be above to, and there are at most ${mostOfOne}.`,
      },
    ];
  });
}

class Unfolding {
  readonly #arrays: ArrayRules;
  readonly #asWritten: Map<string, string>;
  readonly #used = new Set<string>();
  #entries = 0;

  constructor(arrays: ArrayRules, asWritten: Map<string, string>) {
    this.#arrays = arrays;
    this.#asWritten = asWritten;
  }

  findings(): Finding[] {
    const unused = Object.keys(this.#arrays).filter((name) => !this.#used.has(name));
    const findings: Finding[] = unused.map((name) => ({
      path: ['arrays', name],
      zh: `没有任何键含有 {${name}}。`,
      en: `No key has {${name}} in it.`,
    }));
    if (this.#entries <= mostEntries) return findings;
    const zh = `展开后超过 ${mostEntries} 项。`;
    return [...findings, { path: ['arrays'], zh, en: `More than ${mostEntries} entries when unfolded.` }];
  }

  value(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => this.#entry(key, inner, key)));
  }

  #entry(key: string, value: unknown, writtenKey: string): [string, unknown][] {
    const name = Object.keys(this.#arrays).find((each) => key.includes(`{${each}`));
    const rule = name === undefined ? undefined : this.#arrays[name];
    if (name === undefined || rule === undefined || this.#entries > mostEntries) {
      if (key !== writtenKey) this.#asWritten.set(key, writtenKey);
      return [[key, this.value(value)]];
    }
    this.#used.add(name);
    const count = rule.to - rule.from + 1;
    this.#entries += count;
    return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
      const numbered = numberTexts(value, name, rule.from + index);
      return this.#entry(numberText(key, name, rule.from + index), moved(numbered, rule.stride * index), writtenKey);
    });
  }
}

function numberText(text: string, name: string, n: number): string {
  return text.replaceAll(new RegExp(`\\{${name}([+-]\\d{1,4})?\\}`, 'g'), (_, more?: string) => String(n + Number(more ?? 0)));
}

function numberTexts(value: unknown, name: string, n: number): unknown {
  if (typeof value === 'string') return numberText(value, name, n);
  if (Array.isArray(value)) return value.map((item) => numberTexts(item, name, n));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [numberText(key, name, n), numberTexts(inner, name, n)]));
}

/** A point's address moved on: its register, or its place in an item. */
function moved(value: unknown, by: number): unknown {
  if (by === 0 || typeof value !== 'object' || value === null) return value;
  const { at, skip } = value as { at?: unknown; skip?: unknown };
  if (typeof at === 'number') return { ...value, at: at + by };
  return typeof at === 'string' ? { ...value, skip: Number(skip ?? 0) + by } : value;
}
