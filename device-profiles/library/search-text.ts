import { pinyin } from './pinyin.ts';

/** What people may type to find something: words as written, in pinyin, and by pinyin initials (xfl → 幸福里). Lower case. */
export function searchText(words: readonly (string | undefined)[]): string {
  const plain = words.filter(Boolean).join(' ').toLowerCase();
  const squeezed = plain.replace(/\s+/g, '');
  const spell = (pattern: 'pinyin' | 'first') =>
    pinyin()(squeezed, { toneType: 'none', type: 'array', pattern, nonZh: 'consecutive' }).join('');
  return [...new Set([plain, squeezed, spell('pinyin'), spell('first')])].join('\n').slice(0, 2000);
}
