import { useEffect, useMemo } from 'react';
import { useShortcuts } from '../client/keys.ts';
import { useDataAge } from '../client/pulse.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { StaleBanner } from '../parts/StaleBanner.tsx';
import { elapsedText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { Change } from './Change.tsx';
import { Decode } from './Decode.tsx';
import { openDesk, useDesk, useOverview } from './desk.ts';
import { DevicePage } from './DevicePage.tsx';
import { DeviceList } from './DeviceList.tsx';
import { Door } from './Door.tsx';
import { Handover } from './Handover.tsx';
import { Overview } from './Overview.tsx';
import { Probe } from './Probe.tsx';
import { Profiles } from './Profiles.tsx';
import { go, useRoute } from './route.ts';
import { Scan, scanNow } from './Scan.tsx';
import { Settings } from './Settings.tsx';
import { Survey } from './Survey.tsx';
import { TopBar } from './TopBar.tsx';

/** The installer's screens, on a roof or in a basement: everything comes from the gateway itself. */
export function Installer() {
  const { t } = useWords();
  const phase = useDesk((desk) => desk.phase);
  useEffect(() => void openDesk(), []);
  useEffect(() => {
    document.title = `${t('app.name')} · ${t('local.title')}`;
  }, [t]);
  if (phase === 'loading') return <Skeleton rows={4} height={120} label={t('app.loading')} />;
  if (phase === 'failed') return <Failed />;
  if (phase !== 'ready') return <Door isSetup={phase === 'setup'} />;
  return <Inside />;
}

function Inside() {
  useOverview();
  const shortcuts = useMemo(
    () => ({
      '/': search,
      g: () => go({ screen: 'overview' }),
      d: () => go({ screen: 'devices', q: '', port: '' }),
      s: () => scanNow(),
      h: () => go({ screen: 'handover' }),
      f: () => go({ screen: 'decode', text: '' }),
    }),
    [],
  );
  useShortcuts(shortcuts, true);
  return (
    <>
      <TopBar />
      <Stale />
      <main className="page">
        <Screen />
      </main>
    </>
  );
}

/** To the search of this screen, or to that of the devices. */
function search(): void {
  const field = document.querySelector<HTMLInputElement>('.search input');
  if (field !== null) return field.focus();
  go({ screen: 'devices', q: '', port: '' });
  requestAnimationFrame(() => document.querySelector<HTMLInputElement>('.search input')?.focus());
}

function Screen() {
  const route = useRoute();
  if (route.screen === 'devices') return <DeviceList route={route} />;
  if (route.screen === 'device') return <DevicePage key={route.id} id={route.id} />;
  if (route.screen === 'settings') return <Settings key={route.id} id={route.id} />;
  if (route.screen === 'scan') return <Scan />;
  if (route.screen === 'handover') return <Handover />;
  if (route.screen === 'survey') return <Survey key={route.kind} kind={route.kind} />;
  if (route.screen === 'change') return <Change key={JSON.stringify(route)} given={route} />;
  if (route.screen === 'probe') return <Probe key={`${route.place} ${route.unit}`} place={route.place} unit={route.unit} />;
  if (route.screen === 'decode') return <Decode key={route.text} given={route.text} />;
  if (route.screen === 'profiles') return <Profiles route={route} />;
  return <Overview />;
}

function Stale() {
  const { t } = useWords();
  const { ageMs, freshness } = useDataAge();
  if (freshness !== 'stale') return null;
  return (
    <StaleBanner
      title={t('local.staleTitle')}
      detail={t('local.staleDetail')}
      age={t('pulse.staleAge', { age: elapsedText(ageMs) })}
    />
  );
}

function Failed() {
  const { t, text } = useWords();
  const problem = useDesk((desk) => desk.problem);
  return (
    <main className="page">
      <PanelState
        mark="error"
        title={t('state.failedTitle')}
        role="alert"
        {...(problem === null ? {} : { code: t('state.code', { code: problem.code }) })}
      >
        <p>{problem === null ? null : text(problem.message)}</p>
        <button type="button" className="button strong" onClick={() => void openDesk()}>
          {t('app.retry')}
        </button>
      </PanelState>
    </main>
  );
}
