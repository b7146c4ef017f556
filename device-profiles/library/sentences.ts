import { z } from 'zod';
import type { Finding } from './source.ts';

type Issue = z.core.$ZodIssue;

const english = z.locales.en().localeError;
const chinese = z.locales.zhCN().localeError;

/** What the schema's own messages say in Chinese, by their English text. */
const translated: readonly [start: string, zh: string][] = [
  ['must be a duration', '必须是时长，例如 500ms、60s、10m、25h 或 7d'],
  ['must be a path', "必须是 JSON 路径，例如 $.a.b[0]['c.d']"],
  ['must be 1–64 of', '必须是 1–64 个字符：小写字母、数字、. _ -，并以字母或数字开头'],
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

function sentence(issue: Issue): { zh: string; en: string } {
  if (issue.code === 'invalid_type' && issue.input === undefined && /received undefined/.test(issue.message)) {
    return { zh: '缺少这一项，请补上。', en: 'This is missing; add it.' };
  }
  const known = translated.find(([start]) => issue.message.startsWith(start));
  if (known !== undefined) return { zh: `${known[1]}。`, en: `${capital(issue.message)}.` };
  const raw = issue as z.core.$ZodRawIssue;
  return { zh: `${words(chinese(raw), issue)}。`, en: `${words(english(raw), issue)}.` };
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
