import type { CallTemplate } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { filled } from './words.ts';

export interface OwnWords {
  readonly title: string | undefined;
  readonly text: string | undefined;
  readonly lifeSafety: boolean | undefined;
}

export interface DraftWords {
  readonly template: { readonly id: string; readonly version: number } | null;
  readonly title: string;
  readonly text: string;
  readonly lifeSafety: boolean;
}

type Issue = { readonly issue: { readonly path: string; readonly message: string } };

const issue = (path: string, message: string): Issue => ({ issue: { path, message } });

/** What a draft says: a template with every placeholder filled, its version frozen, or own words. Own words win field by field. */
export function draftWords(
  template: CallTemplate | null,
  values: Readonly<Record<string, string>>,
  own: OwnWords,
): DraftWords | Issue {
  const [title, text] = [own.title ?? template?.title, own.text ?? template?.text];
  if (title === undefined) return issue('/title', 'is needed where there is no template');
  if (text === undefined) return issue('/text', 'is needed where there is no template');
  const [fullTitle, fullText] = [filled(title, values), filled(text, values)];
  const missing = [fullTitle, fullText].flatMap((each) => ('missing' in each ? each.missing : []));
  if (missing.length > 0 || 'missing' in fullTitle || 'missing' in fullText) {
    return issue('/template/values', `needs a value for ${[...new Set(missing)].map((name) => `{${name}}`).join(' ')}`);
  }
  return {
    template: template && { id: template.id, version: template.version },
    title: fullTitle.text,
    text: fullText.text,
    lifeSafety: own.lifeSafety ?? template?.lifeSafety ?? false,
  };
}
