import type { LocalProfile, LocalProfiles } from '@yihu/device-profiles/vocabulary/local.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { useWords } from '../words/language.ts';
import { useLive } from './desk.ts';
import { Failure } from './Failure.tsx';
import { go, type Route } from './route.ts';

type ProfilesRoute = Extract<Route, { screen: 'profiles' }>;

/** The library by what is printed on a device. */
export function Profiles({ route }: { route: ProfilesRoute }) {
  const { t } = useWords();
  const asked = new URLSearchParams({ q: route.q, protocol: route.protocol });
  const { data, problem, read } = useLive<LocalProfiles>(`/api/profiles?${asked}`);
  return (
    <div className="list-page">
      <div className="list-head">
        <h1>{t('local.profiles.title')}</h1>
        <p className="quiet" aria-live="polite">
          {data === null ? '' : t('local.profiles.count', { count: data.matching })}
        </p>
      </div>
      <div className="filters">
        <label className="search">
          <span className="unseen">{t('local.profiles.search')}</span>
          <input
            type="search"
            value={route.q}
            placeholder={t('local.profiles.hint')}
            aria-keyshortcuts="/"
            onChange={(event) => go({ ...route, q: event.target.value }, true)}
          />
        </label>
      </div>
      {data === null && problem !== null ? <Failure problem={problem} onRetry={read} /> : <Cards data={data} />}
    </div>
  );
}

function Cards({ data }: { data: LocalProfiles | null }) {
  const { t } = useWords();
  if (data === null) return <Skeleton rows={6} height={88} label={t('app.loading')} />;
  if (data.profiles.length === 0)
    return (
      <PanelState mark="filter" title={t('local.profiles.emptyFilter', { total: data.total })}>
        <p>{t('local.profiles.emptyNext')}</p>
      </PanelState>
    );
  return (
    <ul className="cards">
      {data.profiles.map((profile) => (
        <li key={profile.id} className="sheet card">
          <Card profile={profile} />
        </li>
      ))}
    </ul>
  );
}

function Card({ profile }: { profile: LocalProfile }) {
  const { t, text } = useWords();
  const { id, name, maker, model, protocol, tier, points, alarms } = profile;
  return (
    <>
      <h2>{text(name)}</h2>
      <p>
        {text(maker)} · {model}
      </p>
      <p className="quiet">
        {protocol} · {t('local.profiles.facts', { points, alarms })}
      </p>
      <p className={`tier tier-${tier}`}>{t(`local.profiles.tier.${tier}`)}</p>
      <code className="quiet">{id}</code>
    </>
  );
}
