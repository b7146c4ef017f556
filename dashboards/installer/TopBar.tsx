import { useDataAge } from '../client/pulse.ts';
import { speak, useWords } from '../words/language.ts';
import { signOut, useDesk } from './desk.ts';
import { Link } from './Link.tsx';
import { type Route, useRoute } from './route.ts';

const places: readonly { to: Route; word: 'overview' | 'devices' | 'scan' | 'decode' | 'profiles' | 'handover'; key: string }[] =
  [
    { to: { screen: 'overview' }, word: 'overview', key: 'g' },
    { to: { screen: 'devices', q: '', port: '' }, word: 'devices', key: 'd' },
    { to: { screen: 'scan' }, word: 'scan', key: 's' },
    { to: { screen: 'profiles', q: '', protocol: '' }, word: 'profiles', key: '' },
    { to: { screen: 'decode', text: '' }, word: 'decode', key: 'f' },
    { to: { screen: 'handover' }, word: 'handover', key: 'h' },
  ];

export function TopBar() {
  const { t, text } = useWords();
  const { screen } = useRoute();
  const gateway = useDesk((desk) => desk.session?.gateway);
  const isHere = (to: Route) =>
    to.screen === screen ||
    (to.screen === 'devices' && (screen === 'device' || screen === 'settings')) ||
    (to.screen === 'scan' && (screen === 'probe' || screen === 'survey'));
  return (
    <header className="top-bar">
      <div className="top-inner">
        <img src="/yihu.svg" alt={t('app.name')} width="28" height="28" />
        <strong className="gateway-name">{gateway === undefined ? '' : text(gateway.name)}</strong>
        <nav aria-label={t('local.nav.label')}>
          {places.map(({ to, word, key }) => (
            <Link
              key={word}
              to={to}
              {...(isHere(to) ? { 'aria-current': 'page' as const } : {})}
              {...(key === '' ? {} : { 'aria-keyshortcuts': key })}
            >
              {word === 'handover' ? t('work.handover.nav') : t(`local.nav.${word}`)}
            </Link>
          ))}
        </nav>
        <Age />
        <More />
      </div>
    </header>
  );
}

function Age() {
  const { t } = useWords();
  const { ageMs, freshness, isKnown } = useDataAge();
  if (!isKnown) return <p className="age" />;
  return (
    <p className={`age age-${freshness}`} data-freshness={freshness}>
      {t('pulse.age', { seconds: Math.floor(ageMs / 1000) })}
    </p>
  );
}

function More() {
  const { t, language } = useWords();
  return (
    <details className="menu">
      <summary>{t('local.nav.more')}</summary>
      <div className="menu-body">
        <button type="button" className="button plain" onClick={() => void speak(language === 'zh' ? 'en' : 'zh')}>
          {t('app.language')}
        </button>
        <button type="button" className="button plain" onClick={() => void signOut()}>
          {t('app.signOut')}
        </button>
        <p className="quiet keys-help">{t('local.keys')}</p>
      </div>
    </details>
  );
}
