import type { Words } from '../words/language.ts';

/** How long ago, in one unit: 12 秒前, 3 分钟前, 5 小时前, 2 天前. */
export function agoText(at: number | null, now: number, { t }: Pick<Words, 't'>): string {
  if (at === null) return t('devices.never');
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  const age = () => {
    if (seconds < 60) return t('devices.seconds', { count: seconds });
    if (seconds < 3600) return t('devices.minutes', { count: Math.floor(seconds / 60) });
    if (seconds < 48 * 3600) return t('devices.hours', { count: Math.floor(seconds / 3600) });
    return t('devices.days', { count: Math.floor(seconds / 86_400) });
  };
  return t('devices.ago', { age: age() });
}
