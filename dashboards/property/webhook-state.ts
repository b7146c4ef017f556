import type { Webhook } from '@yihu/device-profiles/vocabulary/webhook.ts';

export type HookState = 'well' | 'failing' | 'paused';

export function hookStateOf({ pausedAt, failingSince }: Webhook): HookState {
  if (pausedAt !== null) return 'paused';
  return failingSince === null ? 'well' : 'failing';
}
