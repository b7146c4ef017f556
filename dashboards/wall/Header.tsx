import { cloudNow } from '../client/clock.ts';
import { useDataAge, useSecond } from '../client/pulse.ts';
import { clockText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { useLive } from './live.ts';

export function Header() {
  const { t, language } = useWords();
  useSecond();
  const session = useLive((live) => live.session);
  const area = session?.grants[0]?.areaName ?? '';
  const day = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    month: 'long',
    day: 'numeric',
    weekday: 'long',
  });
  return (
    <header className="wall-header">
      <img src="/yihu.svg" alt={t('app.name')} width="56" height="56" />
      <h1>{area === '' ? t('wall.plain') : t('wall.title', { area })}</h1>
      <Age />
      <span className="wall-day">{day.format(cloudNow())}</span>
      <span className="wall-clock">{clockText(cloudNow())}</span>
    </header>
  );
}

function Age() {
  const { t } = useWords();
  const { ageMs, freshness, isKnown } = useDataAge();
  if (!isKnown) return <span className="wall-age" />;
  return (
    <span className={`wall-age age-${freshness}`} data-freshness={freshness}>
      {t('wall.age', { seconds: Math.floor(ageMs / 1000) })}
    </span>
  );
}
