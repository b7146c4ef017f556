import { useState } from 'react';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { useWords } from '../words/language.ts';
import { trends } from './later-parts.ts';
import { LaterPanel } from './LaterPart.tsx';
import { Look } from './Look.tsx';
import { PhotoLook } from './PhotoLook.tsx';
import { shotsOf } from './shots.ts';
import { usePlanOf } from './where.ts';
import { Where } from './Where.tsx';

type View = 'picture' | 'place' | 'photos';
type Face = View | 'trend';

/**
 * What there is to see of it: what the camera saw, where it is, what people on the spot photographed; and the curve beside
 * that. A low screen has room for one of them and their buttons.
 */
export function Evidence({ detail, onEnlarge }: { detail: IncidentDetail; onEnlarge: () => void }) {
  const { t } = useWords();
  const [face, setFace] = useState<Face | null>(null);
  const shots = shotsOf(detail.alarms);
  const photos = detail.photos ?? [];
  const where = usePlanOf(detail);
  const has: Record<View, boolean> = { picture: shots.length > 0, place: where !== null, photos: photos.length > 0 };
  const views = (['picture', 'place', 'photos'] as const).filter((view) => has[view]);
  const view = views.find((each) => each === face) ?? views[0];
  if (view === undefined) return <Curve detail={detail} />;
  const shown = face === 'trend' ? 'trend' : view;
  const faces: readonly Face[] = [...views, 'trend'];
  return (
    <div className="evidence" data-face={shown === 'trend' ? 'trend' : 'picture'} data-many={views.length > 1 || undefined}>
      <div className="faces" role="group" aria-label={t('look.faces')}>
        {faces.map((each) => (
          <button
            key={each}
            type="button"
            className="button plain small"
            data-face={each}
            aria-pressed={each === shown}
            onClick={() => setFace(each)}
          >
            {each === 'photos' ? t('look.photos', { count: photos.length }) : t(`look.face.${each}`)}
          </button>
        ))}
      </div>
      <section className="block look-block" aria-labelledby="look-title">
        <h3 id="look-title">{t(`look.titleOf.${view}`)}</h3>
        {view === 'picture' ? <Look shots={shots} onEnlarge={onEnlarge} /> : null}
        {view === 'place' && where !== null ? <Where where={where} place={detail.place} /> : null}
        {view === 'photos' ? <PhotoLook photos={photos} /> : null}
      </section>
      <Curve detail={detail} />
    </div>
  );
}

/** The chart is the largest part of the page, and comes after the incident itself. */
function Curve({ detail }: { detail: IncidentDetail }) {
  const { t } = useWords();
  const waiting = (
    <section className="block trend-block">
      <h3>{t('pane.trend')}</h3>
    </section>
  );
  return (
    <LaterPanel part={trends} waiting={waiting}>
      {(Trend) => <Trend key={detail.id} alarms={detail.alarms} />}
    </LaterPanel>
  );
}
