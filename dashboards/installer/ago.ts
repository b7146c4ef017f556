import type { Words } from '../words/language.ts';

/** How long ago, in one unit: 12 秒前, 3 分钟前. */
export function agoText(at: number | null, now: number, { t }: Pick<Words, 't'>): string {
  if (at === null) return t('local.ago.never');
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  if (seconds < 2) return t('local.ago.now');
  if (seconds < 60) return t('local.ago.seconds', { count: seconds });
  if (seconds < 3600) return t('local.ago.minutes', { count: Math.floor(seconds / 60) });
  if (seconds < 48 * 3600) return t('local.ago.hours', { count: Math.floor(seconds / 3600) });
  return t('local.ago.days', { count: Math.floor(seconds / 86_400) });
}

export function spanText(ms: number, { t }: Pick<Words, 't'>): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 120) return t('local.span.minutes', { count: minutes });
  if (minutes < 48 * 60) return t('local.span.hours', { count: Math.floor(minutes / 60) });
  return t('local.span.days', { count: Math.floor(minutes / 1440) });
}
