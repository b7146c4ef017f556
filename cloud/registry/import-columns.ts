import { type ImportField, importFields } from '@yihu/device-profiles/vocabulary/registry-import.ts';

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[(（【[].*?[)）】\]]/g, '')
    .replace(/[\s*＊:：]/g, '')
    .toLowerCase();

const fields = Object.keys(importFields) as ImportField[];

/**
 * Which field a column most likely is, by its name: the whole name first, then the longest word it holds. Each field is
 * given to one column, the first that fits best.
 */
export function guessColumns(titles: readonly string[]): (ImportField | null)[] {
  const guesses: (ImportField | null)[] = titles.map(() => null);
  const scores = titles.flatMap((title, index) => fields.map((field) => ({ index, field, score: scoreOf(title, field) })));
  for (const { index, field, score } of scores.toSorted((a, b) => b.score - a.score)) {
    if (score > 0 && guesses[index] === null && !guesses.includes(field)) guesses[index] = field;
  }
  return guesses;
}

function scoreOf(title: string, field: ImportField): number {
  const name = plain(title);
  const words: readonly string[] = importFields[field].words;
  if (words.some((word) => plain(word) === name)) return 1000;
  return Math.max(0, ...words.filter((word) => word.length > 1 && name.includes(plain(word))).map((word) => word.length));
}
