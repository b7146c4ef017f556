import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { Keycap } from '../parts/Keycap.tsx';
import { useWords } from '../words/language.ts';
import { type Face, turnTo, useDesk } from './desk.ts';
import { tasks } from './later-parts.ts';
import { LaterPanel } from './LaterPart.tsx';
import type { DialogName } from './shortcuts.ts';
import { Timeline } from './Timeline.tsx';

const faces: readonly Face[] = ['timeline', 'forces', 'contacts'];

interface Props {
  detail: IncidentDetail;
  stale: boolean;
  onDialog: (name: DialogName) => void;
}

/** What happened, and who is on it: one of them on a low screen, both where there is room. */
export function Proceedings({ detail, stale, onDialog }: Props) {
  const { t } = useWords();
  const face = useDesk((desk) => desk.face);
  return (
    <div className="record" data-face={face}>
      <div className="record-faces" role="group" aria-label={t('record.faces')}>
        {faces.map((each) => (
          <button
            key={each}
            type="button"
            className="button plain small"
            data-face={each}
            aria-pressed={each === face}
            onClick={() => turnTo(each)}
          >
            {t(`record.face.${each}`)}
            {each === 'forces' ? <Keycap name="T" /> : null}
            {each === 'contacts' ? (
              <LaterPanel part={tasks}>{({ NeedsMark }) => <NeedsMark incident={detail.id} />}</LaterPanel>
            ) : null}
          </button>
        ))}
        <LaterPanel part={tasks}>{({ Shortfall }) => <Shortfall incident={detail.id} />}</LaterPanel>
      </div>
      <LaterPanel part={tasks}>{({ Contacts }) => <Contacts key={detail.id} detail={detail} />}</LaterPanel>
      <Timeline lines={detail.timeline} />
      <LaterPanel part={tasks}>
        {({ ForcePanel }) => <ForcePanel key={detail.id} detail={detail} stale={stale} onDialog={onDialog} />}
      </LaterPanel>
    </div>
  );
}
