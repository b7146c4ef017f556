import { useEffect, useRef } from 'react';
import { speak, useWords } from '../words/language.ts';
import { useDataAge } from '../client/pulse.ts';
import { goSignIn, signOut } from '../client/session.ts';
import { useEstate } from './estate.ts';
import { Link } from './Link.tsx';
import { mayManage, maySeeKeys, maySeeNotices, maySeeUsers } from './rights.ts';
import { useRoute } from './route.ts';

export function TopBar() {
  const { t } = useWords();
  const { screen } = useRoute();
  const session = useEstate((estate) => estate.session);
  const nav = useRef<HTMLElement>(null);
  // On a phone the row is wider than the screen.
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
  const here = (is: boolean) => (is ? { 'aria-current': 'page' as const } : {});
  return (
    <header className="top-bar">
      <div className="top-inner">
        <img src="/yihu.svg" alt={t('app.name')} width="28" height="28" />
        <strong className="estate-name">{session?.grants[0]?.areaName ?? ''}</strong>
        <nav ref={nav} aria-label={t('nav.label')}>
          {mayManage(session) ? (
            <>
              <Link to={{ screen: 'overview' }} {...here(screen === 'overview')}>
                {t('nav.overview')}
              </Link>
              <Link
                to={{ screen: 'devices', area: '', availability: '', q: '' }}
                {...here(screen === 'devices' || screen === 'device')}
              >
                {t('nav.devices')}
              </Link>
              <Link to={{ screen: 'plans' }} {...here(screen === 'plans' || screen === 'plan')}>
                {t('nav.plans')}
              </Link>
              <Link to={{ screen: 'rules', device: '' }} {...here(screen === 'rules')}>
                {t('nav.rules')}
              </Link>
              <Link to={{ screen: 'windows' }} {...here(screen === 'windows')}>
                {t('nav.windows')}
              </Link>
              <Link to={{ screen: 'reliability' }} {...here(screen === 'reliability')}>
                {t('nav.reliability')}
              </Link>
              <Link to={{ screen: 'report' }} {...here(screen === 'report')}>
                {t('nav.report')}
              </Link>
            </>
          ) : null}
          {maySeeNotices(session) ? (
            <Link to={{ screen: 'notices', id: '' }} {...here(screen === 'notices')}>
              {t('nav.notices')}
            </Link>
          ) : null}
          {maySeeUsers(session) ? (
            <Link to={{ screen: 'users' }} {...here(screen === 'users')}>
              {t('nav.users')}
            </Link>
          ) : null}
          {mayManage(session) ? (
            <Link to={{ screen: 'links', tab: maySeeKeys(session) ? 'keys' : 'warnings', id: '' }} {...here(screen === 'links')}>
              {t('nav.links')}
            </Link>
          ) : null}
        </nav>
        <Age />
        <UserMenu name={session?.user.name ?? ''} />
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

function UserMenu({ name }: { name: string }) {
  const { t, language } = useWords();
  return (
    <details className="menu">
      <summary aria-label={`${t('nav.user')} ${name}`}>{name}</summary>
      <div className="menu-body">
        <button type="button" className="button plain" onClick={() => void speak(language === 'zh' ? 'en' : 'zh')}>
          {t('app.language')}
        </button>
        <button type="button" className="button plain" onClick={() => void signOut().then(goSignIn, goSignIn)}>
          {t('app.signOut')}
        </button>
      </div>
    </details>
  );
}
