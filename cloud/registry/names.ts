import { pinyin } from 'pinyin-pro';

/** Longest run of characters that is looked for as one. */
const longestRun = 6;
const mostTokens = 64;

const han = /\p{Script=Han}/u;

/** One spelling per name: NFKC, no spaces between Chinese characters, one kind of middle dot, lower case. */
export function plainName(name: string): string {
  const plain = name
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/[・•‧∙⋅]/g, '·')
    .replace(/\s+/g, ' ');
  return han.test(plain) ? plain.replace(/ /g, '') : plain;
}

/**
 * Everything a name may be looked for by: runs of two and more of its characters (建国), its pinyin from the second
 * syllable on (wangj…), its initials (wj, wjg), its given name in pinyin. A single character or a bare surname is no
 * token: what half the street shares would tell a thief of the database more than it helps anybody who searches.
 */
export function nameTokens(name: string): string[] {
  const plain = plainName(name);
  const tokens = new Set([plain]);
  if (han.test(plain)) {
    for (const run of runsOf(Array.from(plain.replaceAll('·', '')))) tokens.add(run);
    for (const spelled of spellings(plain)) tokens.add(spelled);
  } else {
    for (const word of [plain.replace(/[^\p{L}\p{N}]/gu, ''), ...plain.split(/[^\p{L}\p{N}]+/u)]) {
      for (let end = 3; end <= word.length; end += 1) tokens.add(word.slice(0, end));
    }
  }
  return [...tokens].filter((token) => Array.from(token).length >= 2 || token === plain).slice(0, mostTokens);
}

function runsOf(letters: readonly string[]): string[] {
  return letters.flatMap((_, from) => {
    const most = Math.min(letters.length, from + longestRun);
    return Array.from({ length: Math.max(0, most - from - 1) }, (__, nth) => letters.slice(from, from + nth + 2).join(''));
  });
}

function spellings(plain: string): string[] {
  const syllables = spell(plain);
  const whole = syllables.join('');
  const initials = syllables.map((syllable) => syllable[0] ?? '').join('');
  const surname = syllables[0]?.length ?? 0;
  const prefixes = (text: string, from: number) =>
    Array.from({ length: Math.max(0, text.length - from + 1) }, (_, nth) => text.slice(0, from + nth));
  return [...prefixes(initials, 2), ...prefixes(whole, surname + 1), syllables.slice(1).join('')];
}

/** `surname: 'head'`: 单 at the head of a name is shàn, and not dān. */
function spell(plain: string): string[] {
  const letters = pinyin(plain.replaceAll('·', ''), {
    toneType: 'none',
    type: 'array',
    surname: 'head',
    v: true,
    nonZh: 'consecutive',
  });
  return letters.map((syllable) => syllable.replace(/[^a-z0-9]/g, '')).filter(Boolean);
}

/** The token that finds what was typed, or null where too little was typed to look for. */
export function tokenOf(typed: string): string | null {
  const plain = plainName(typed);
  const token = han.test(plain) ? plain.replaceAll('·', '') : plain.replace(/[^\p{L}\p{N}]/gu, '');
  const letters = Array.from(token);
  return letters.length >= 2 ? letters.slice(0, 40).join('') : null;
}
