import { useEffect, useState } from 'react';
import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { useDataAge, useIsStale } from '../client/pulse.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { unheard } from '../parts/standing.ts';
import { elapsedText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { CallTile } from './CallTile.tsx';
import { chooseCanvas, designOf } from './canvas.ts';
import { DevicesTile } from './DevicesTile.tsx';
import { Header } from './Header.tsx';
import { LevelsTile, QueueTile } from './Incidents.tsx';
import { MapTile } from './MapTile.tsx';
import { openWall, useLive } from './live.ts';
import { takingOver } from './order.ts';
import { PeopleTile } from './PeopleTile.tsx';
import { RateTile } from './RateTile.tsx';
import { useContainScale } from './scale.ts';
import { Takeover } from './Takeover.tsx';

/** 大屏: one canvas, read from three metres away, with nobody at a keyboard. */
export function Wall() {
  const [design] = useState(() => designOf(chooseCanvas(location.search)));
  const scale = useContainScale(design);
  useEffect(openWall, []);
  const { t } = useWords();
  useEffect(() => {
    document.title = `${t('app.name')} · ${t('role.wall')}`;
  }, [t]);
  const canvas = { width: design.width, height: design.height, transform: `translate(-50%, -50%) scale(${scale})` };
  return (
    <div className="canvas" style={canvas} data-wide={design.wide}>
      <Header />
      <Stale />
      <Content />
    </div>
  );
}

function Content() {
  const { t, text } = useWords();
  const phase = useLive((live) => live.phase);
  const problem = useLive((live) => live.problem);
  const view = useLive((live) => live.view);
  if (view !== null && phase === 'ready') return <Board view={view} />;
  if (phase === 'loading') return <main className="wall-state" aria-busy="true" aria-label={t('app.loading')} />;
  return (
    <main className="wall-state">
      <PanelState
        mark={phase === 'forbidden' ? 'lock' : 'error'}
        title={t(phase === 'forbidden' ? 'wall.forbidden' : 'wall.failed')}
        role="alert"
      >
        <p>{phase === 'forbidden' ? t('state.forbiddenNext') : problem === null ? null : text(problem.message)}</p>
      </PanelState>
    </main>
  );
}

function Board({ view: last }: { view: WallView }) {
  const view = useIsStale() ? { ...last, areas: last.areas.map(unheard) } : last;
  const worst = takingOver(view.incidents);
  const call = view.calls[0] ?? null;
  return (
    <main className="board" data-alert={worst.length > 0} data-call={call !== null}>
      {worst.length > 0 ? <Takeover incidents={worst} /> : null}
      <LevelsTile incidents={view.incidents} />
      <QueueTile view={view} besides={worst} />
      <MapTile view={view} />
      <RateTile view={view} />
      <DevicesTile view={view} />
      <PeopleTile view={view} />
      {call === null ? null : <CallTile call={call} />}
    </main>
  );
}

function Stale() {
  const { t } = useWords();
  const { ageMs, freshness } = useDataAge();
  if (freshness !== 'stale') return null;
  return (
    <div className="wall-stale stale-banner" role="alert">
      <strong>{t('wall.stale')}</strong>
      <span aria-hidden="true">{t('wall.staleAge', { age: elapsedText(ageMs) })}</span>
    </div>
  );
}
