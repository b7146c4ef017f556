import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { headingOf } from '../../parts/heading.ts';
import { useWords } from '../../words/language.ts';
import { Look } from '../Look.tsx';
import { shotsOf } from '../shots.ts';

/** The picture as large as the screen lets it be. */
export function PictureDialog({ detail, onClose }: { detail: IncidentDetail; onClose: () => void }) {
  const { t, text } = useWords();
  const title = `${t('look.title')} · ${headingOf(text(detail.title), detail.place)}`;
  return (
    <Dialog title={title} lead={detail.place} className="picture-dialog" onClose={onClose}>
      <Look shots={shotsOf(detail.alarms)} />
      <div className="answers">
        <button type="button" className="button strong" data-first="" onClick={onClose}>
          {t('app.close')}
        </button>
      </div>
    </Dialog>
  );
}
