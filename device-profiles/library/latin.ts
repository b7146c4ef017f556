import { pinyin } from './pinyin.ts';

/** 拼音: a text in Latin letters, its Chinese words spelt without tones: 正泰 → Zhengtai. What is Latin already stays. */
export function latin(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/\p{Script=Han}+/gu, (word, at: number) => {
      const spelt = pinyin()(word, { toneType: 'none', type: 'array', v: true }).join('');
      const before = at === 0 ? '' : (text[at - 1] ?? '');
      return `${/[A-Za-z0-9]/.test(before) ? ' ' : ''}${spelt.charAt(0).toUpperCase()}${spelt.slice(1)}`;
    })
    .replaceAll(/[^\x20-\x7E]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Of a text, what may stand in an id; `between` joins the words. Empty where nothing of it may. */
export function idWord(text: string, between: '-' | '_'): string {
  return latin(text)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, between)
    .replaceAll(/^[-_]+|[-_]+$/g, '');
}
