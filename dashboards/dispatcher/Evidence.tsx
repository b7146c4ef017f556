import { useState } from 'react';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { useWords } from '../words/language.ts';
import { trends } from './later-parts.ts';
import { LaterPanel } from './LaterPart.tsx';
import { Look } from './Look.tsx';
import { shotsOf } from './shots.ts';

type Face = 'picture' | 'trend';
const faces: readonly Face[] = ['picture', 'trend'];

/** What there is to see of it: the picture and the curve. A low screen has room for one of them and two buttons. */
export function Evidence({ detail, onEnlarge }: { detail: IncidentDetail; onEnlarge: () => void }) {
  const { t } = useWords();
  const [face, setFace] = useState<Face>('picture');
  const shots = shotsOf(detail.alarms);
  if (shots.length === 0) return <Curve detail={detail} />;
  return (
    <div className="evidence" data-face={face}>
      <div className="faces" role="group" aria-label={t('look.faces')}>
        {faces.map((each) => (
          <button
            key={each}
            type="button"
            className="button plain small"
            aria-pressed={each === face}
            onClick={() => setFace(each)}
          >
            {t(`look.face.${each}`)}
          </button>
        ))}
      </div>
      <section className="block look-block" aria-labelledby="look-title">
        <h3 id="look-title">{t('look.title')}</h3>
        <Look shots={shots} onEnlarge={onEnlarge} />
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
