import type { ApiScope } from '@yihu/device-profiles/vocabulary/api-key.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import type { WebhookKind } from '@yihu/device-profiles/vocabulary/webhook.ts';
import { useWords } from '../words/language.ts';
import { useReading } from './reading.ts';

type Dashed<Word extends string, Mark extends string> = Word extends `${infer A}${Mark}${infer B}` ? `${A}-${B}` : Word;

/** The key of a scope's or an event's words: a colon and a dot mean something else there. */
export const scopeWord = (scope: ApiScope) => scope.replace(':', '-') as Dashed<ApiScope, ':'>;
export const kindWord = (kind: WebhookKind | 'test' | 'gap') =>
  kind.replace('.', '-') as Dashed<WebhookKind, '.'> | 'test' | 'gap';

/** Names of areas by their paths: "幸福里 第一网格" for one that every community has. */
export function useAreaName(): (path: string) => string {
  const { t } = useWords();
  const { value } = useReading<Area[]>('/api/areas');
  return (path) => {
    if (path === '') return t('lists.everywhere');
    const own = value?.find((one) => one.path === path);
    if (own === undefined) return path;
    const community = value?.find(({ kind, path: outer }) => kind === 'community' && path.startsWith(`${outer}/`));
    return community === undefined ? own.name : `${community.name} ${own.name}`;
  };
}
