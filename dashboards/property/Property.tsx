import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { keepLanguageOf, useWords } from '../words/language.ts';
import { useDataAge } from '../client/pulse.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { StaleBanner } from '../parts/StaleBanner.tsx';
import { elapsedText } from '../parts/time.ts';
import { DeviceList } from './DeviceList.tsx';
import { DevicePage } from './DevicePage.tsx';
import { openEstate, useEstate } from './estate.ts';
import { OverviewScreen } from './Overview.tsx';
import { ReliabilityScreen } from './Reliability.tsx';
import { ReportScreen } from './Report.tsx';
import { mayManage } from './rights.ts';
import { useRoute } from './route.ts';
import { TopBar } from './TopBar.tsx';
import { WindowsScreen } from './Windows.tsx';

/** Pages that are opened seldom come when they are. */
const PlansScreen = lazy(() => import('./Plans.tsx'));
const PlanEditor = lazy(() => import('./PlanEditor.tsx'));
const RulesScreen = lazy(() => import('./Rules.tsx'));
const LinksScreen = lazy(() => import('./Links.tsx'));
const NoticesScreen = lazy(() => import('./Notices.tsx'));
const UsersScreen = lazy(() => import('./Users.tsx'));

/** The property manager's screens: is anything wrong, where, and since when. */
export function Property() {
  const [round, setRound] = useState(0);
  const retry = useCallback(() => setRound((before) => before + 1), []);
  useEffect(openEstate, [round]);
  const { t } = useWords();
  const phase = useEstate((estate) => estate.phase);
  const user = useEstate((estate) => estate.session?.user.id);
  useEffect(() => {
    if (user !== undefined) void keepLanguageOf(user);
  }, [user]);
  useEffect(() => {
    document.title = `${t('app.name')} · ${t('role.property')}`;
  }, [t]);
  if (phase === 'failed' || phase === 'forbidden') return <Refused forbidden={phase === 'forbidden'} onRetry={retry} />;
  return (
    <>
      <TopBar />
      <Stale />
      <main className="page">
        {phase === 'loading' ? (
          <Skeleton rows={4} height={140} label={t('app.loading')} />
        ) : (
          <Suspense fallback={<Skeleton rows={4} height={140} label={t('app.loading')} />}>
            <Screen />
          </Suspense>
        )}
      </main>
    </>
  );
}

function Screen() {
  const route = useRoute();
  const gaps = useEstate((estate) => estate.gaps);
  const isManager = useEstate((estate) => mayManage(estate.session));
  if (route.screen === 'notices' || !isManager) return <NoticesScreen id={route.screen === 'notices' ? route.id : ''} />;
  if (route.screen === 'devices') return <DeviceList key={gaps} route={route} />;
  if (route.screen === 'device')
    return <DevicePage key={`${route.gateway}/${route.device}`} gateway={route.gateway} device={route.device} />;
  if (route.screen === 'windows') return <WindowsScreen />;
  if (route.screen === 'reliability') return <ReliabilityScreen />;
  if (route.screen === 'report') return <ReportScreen />;
  if (route.screen === 'rules') return <RulesScreen route={route} />;
  if (route.screen === 'links') return <LinksScreen tab={route.tab} id={route.id} />;
  if (route.screen === 'users') return <UsersScreen />;
  if (route.screen === 'plans') return <PlansScreen />;
  if (route.screen === 'plan') return <PlanEditor key={route.id} id={route.id} />;
  return <OverviewScreen />;
}

function Stale() {
  const { t } = useWords();
  const { ageMs, freshness } = useDataAge();
  if (freshness !== 'stale') return null;
  return (
    <StaleBanner
      title={t('pulse.staleTitle')}
      detail={t('pulse.staleReading')}
      age={t('pulse.staleAge', { age: elapsedText(ageMs) })}
    />
  );
}

function Refused({ forbidden, onRetry }: { forbidden: boolean; onRetry: () => void }) {
  const { t, text } = useWords();
  const problem = useEstate((estate) => estate.problem);
  const code = problem === null ? {} : { code: t('state.code', { code: problem.code }) };
  return (
    <main className="page">
      <PanelState
        mark={forbidden ? 'lock' : 'error'}
        title={t(forbidden ? 'state.forbiddenTitle' : 'state.failedTitle')}
        role="alert"
        {...code}
      >
        <p>{forbidden ? t('state.forbiddenNext') : problem === null ? null : text(problem.message)}</p>
        <button type="button" className="button strong" onClick={onRetry}>
          {t('app.retry')}
        </button>
      </PanelState>
    </main>
  );
}
