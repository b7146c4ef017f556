import { useCallback, useEffect, useMemo, useState } from 'react';
import { keepLanguageOf, useWords } from '../words/language.ts';
import { useDataAge } from '../client/pulse.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { StaleBanner } from '../parts/StaleBanner.tsx';
import { elapsedText } from '../parts/time.ts';
import { Announcer } from './Announcer.tsx';
import { queueOf } from './board.ts';
import { DeskDialog } from './DeskDialog.tsx';
import { FloodStrip } from './FloodStrip.tsx';
import { Header } from './Header.tsx';
import { IncidentPane } from './IncidentPane.tsx';
import { KeyBar } from './KeyBar.tsx';
import { Loading } from './Loading.tsx';
import { People } from './People.tsx';
import { Queue } from './Queue.tsx';
import { TestStrip } from './TestStrip.tsx';
import { openDesk, useDesk } from './desk.ts';
import { type DialogName, useDeskKeys } from './shortcuts.ts';
import { runSound, soundQueue, useSound } from './sound/sound.ts';

function useOpenDesk(): () => void {
  const [round, setRound] = useState(0);
  useEffect(openDesk, [round]);
  return useCallback(() => setRound((before) => before + 1), []);
}

function useDeskSound(): void {
  const incidents = useDesk((desk) => desk.board?.incidents);
  useEffect(() => {
    const { board } = useDesk.getState();
    if (incidents !== undefined && board !== null) soundQueue(queueOf(board));
  }, [incidents]);
  useEffect(() => runSound(() => queueOf(useDesk.getState().board ?? noBoard)), []);
}

const noBoard = {
  incidents: {},
  gateways: {},
  responders: {},
  devices: { total: 0, online: 0, late: 0, offline: 0, unknown: 0 },
  shelved: 0,
  shelves: null,
  lastClosedAt: null,
  floods: {},
  tests: {},
};

/** The dispatcher's one screen: queue, incident, people. */
export function Dispatcher() {
  const retry = useOpenDesk();
  const { t } = useWords();
  const phase = useDesk((desk) => desk.phase);
  const user = useDesk((desk) => desk.session?.user.id);
  useEffect(() => {
    if (user !== undefined) void keepLanguageOf(user);
  }, [user]);
  useEffect(() => {
    document.title = `${t('app.name')} · ${t('header.title')}`;
  }, [t]);
  if (phase === 'loading') return <Loading />;
  if (phase === 'ready') return <DeskScreen />;
  return <Refused forbidden={phase === 'forbidden'} onRetry={retry} />;
}

function Refused({ forbidden, onRetry }: { forbidden: boolean; onRetry: () => void }) {
  const { t, text } = useWords();
  const problem = useDesk((desk) => desk.problem);
  const code = problem === null ? {} : { code: t('state.code', { code: problem.code }) };
  return (
    <main className="desk-refused">
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

function DeskScreen() {
  useDeskSound();
  const [dialog, setDialog] = useState<DialogName | null>(() => (useSound.getState().testedAt === null ? 'sound' : null));
  const close = useCallback(() => setDialog(null), []);
  const keys = useDeskKeys(setDialog);
  const { ageMs, freshness } = useDataAge();
  const stale = freshness === 'stale';
  const { t } = useWords();
  const banner = useMemo(() => ({ title: t('pulse.staleTitle'), detail: t('pulse.staleDetail') }), [t]);
  return (
    <div className={`desk ${stale ? 'is-stale' : ''}`}>
      <Header onSoundTest={() => setDialog('sound')} />
      {stale ? <StaleBanner {...banner} age={t('pulse.staleAge', { age: elapsedText(ageMs) })} /> : null}
      <FloodStrip />
      <TestStrip />
      <main className="desk-columns">
        <Queue />
        <IncidentPane onDialog={setDialog} stale={stale} />
        <People />
      </main>
      <KeyBar enabled={keys.enabled} onToggle={keys.toggle} onHelp={() => setDialog('help')} />
      <Announcer />
      {dialog === null ? null : (
        <DeskDialog name={dialog} onClose={close} keysEnabled={keys.enabled} onToggleKeys={keys.toggle} />
      )}
    </div>
  );
}
