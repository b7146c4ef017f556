import { z } from 'zod';
import type { Finding } from './source.ts';

type Issue = z.core.$ZodIssue;

interface Sentence {
  readonly zh: string;
  readonly en: string;
}

const english = z.locales.en().localeError;
const chinese = z.locales.zhCN().localeError;

/** What the schema's own messages say in Chinese, by their English text. */
const translated: readonly [start: string, zh: string][] = [
  ['must be a duration', '必须是时长，例如 500ms、60s、10m、25h 或 7d'],
  ['must be a path', "必须是路径，例如 $.a.b[0]['c.d']、item.a 或 envelope.a"],
  ['must be rfc3339', '必须是 rfc3339、unix-s、unix-ms，或 YYYY-MM-DD HH:mm:ss 这样的格式'],
  ['must be a time zone', '必须是时区，例如 +08:00 或 Asia/Shanghai'],
  ['must begin with a letter', '必须以字母开头，只能有字母、数字、_ 和 -'],
  ['must be letters, digits and _', '只能用小写字母、数字和 _，以字母开头'],
  ['must be 1–64 of', '必须是 1–64 个字符：小写字母、数字、. _ -，并以字母或数字开头'],
  ['must be a version', '必须是版本号，例如 1.0.0'],
  ['a profile needs at least one vector', '档案至少需要一个测试向量'],
];

/** Every issue of the schema as a finding; of the alternatives of a union, the one that is nearly right is spoken of. */
export function findingsOf(error: z.ZodError): Finding[] {
  return error.issues.flatMap((issue) => findingOf(issue, []));
}

function findingOf(issue: Issue, above: PropertyKey[]): Finding[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    const nearest = nearestOf(issue.errors);
    if (nearest !== undefined) return nearest.flatMap((inner) => findingOf(inner, path));
  }
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], key));
  if (issue.code === 'invalid_key') return issue.issues.flatMap((inner) => findingOf({ ...inner, path: [] }, path));
  return [{ path: plain(path), ...sentence(issue) }];
}

/** The alternative with the fewest problems, those at keys it does not know counting most. */
function nearestOf(alternatives: readonly Issue[][]): Issue[] | undefined {
  const isOnlyType = (issues: Issue[]): boolean =>
    issues.every((issue) => issue.code === 'invalid_type' && issue.path.length === 0);
  const candidates = alternatives.filter((issues) => issues.length > 0 && !isOnlyType(issues));
  return candidates.sort((a, b) => weight(a) - weight(b))[0];
}

function weight(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1), 0);
}

function unknownKey(path: PropertyKey[], key: string): Finding {
  return {
    path: plain(path),
    zh: `不认识 "${key}"；请检查拼写，或查看 device-profiles/README.md。`,
    en: `"${key}" is not known here; check the spelling or see device-profiles/README.md.`,
  };
}

function sentence(issue: Issue): Sentence {
  if (issue.input === undefined && issue.code === 'invalid_type')
    return { zh: '缺少这一项，请补上。', en: 'This is missing; add it.' };
  const known = translated.find(([start]) => issue.message.startsWith(start));
  if (known !== undefined) return { zh: `${known[1]}。`, en: `${capital(issue.message)}.` };
  if (issue.code === 'invalid_value') return notOneOf(issue.input, issue.values.map(String));
  if (issue.code === 'too_small') return bound(issue.origin, Number(issue.minimum), { zh: '至少', en: 'at least' });
  if (issue.code === 'too_big') return bound(issue.origin, Number(issue.maximum), { zh: '至多', en: 'at most' });
  return inZodsWords(issue);
}

/** Short lists are said whole; of long ones the nearest spelling. */
function notOneOf(input: unknown, values: readonly string[]): Sentence {
  const seen = typeof input === 'string' || typeof input === 'number' ? String(input) : JSON.stringify(input);
  if (input === undefined)
    return { zh: `缺少这一项（${values.slice(0, 8).join('、')}）。`, en: `This is missing (${values.slice(0, 8).join(', ')}).` };
  if (values.length <= 8)
    return { zh: `"${seen}" 不在其中：${values.join('、')}。`, en: `"${seen}" is none of ${values.join(', ')}.` };
  const nearest = nearestWord(seen, values);
  return { zh: `不认识 "${seen}"；是指 "${nearest}" 吗？`, en: `"${seen}" is not known; is "${nearest}" meant?` };
}

function bound(origin: string, limit: number, word: Sentence): Sentence {
  if (origin === 'array') return { zh: `${word.zh} ${limit} 项。`, en: `There must be ${word.en} ${limit} item(s).` };
  if (origin === 'string') return { zh: `${word.zh} ${limit} 个字符。`, en: `Must be ${word.en} ${limit} character(s).` };
  return { zh: `${word.zh}为 ${limit}。`, en: `Must be ${word.en} ${limit}.` };
}

/** The word that is nearest in spelling. */
export function nearestWord(seen: string, words: readonly string[]): string {
  const ranked = words.map((word) => ({ word, far: distance(seen.toLowerCase(), word.toLowerCase()) }));
  return ranked.sort((a, b) => a.far - b.far)[0]?.word ?? '';
}

/** Levenshtein distance, with a word that begins the other counted as near. */
function distance(a: string, b: string): number {
  if (a.startsWith(b) || b.startsWith(a)) return 0.5 + Math.abs(a.length - b.length) / 100;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, char] of a.slice(0, 64).split('').entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const swap = (row[j] ?? 0) + (char === b[j] ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function inZodsWords(issue: Issue): Sentence {
  const raw = issue as z.core.$ZodRawIssue;
  const own = words(english(raw), issue);
  // A sentence of the schema's own says more than zod's.
  return { zh: `${words(chinese(raw), issue)}。`, en: `${own === issue.message ? own : capital(issue.message)}.` };
}

function words(said: string | { message: string } | undefined | null, issue: Issue): string {
  return typeof said === 'string' ? said : (said?.message ?? issue.message);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function plain(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((key) => (typeof key === 'number' ? key : String(key)));
}
