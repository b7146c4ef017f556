import { Keycap } from '../../parts/Keycap.tsx';
import { useWords } from '../../words/language.ts';
import { show, useDesk } from '../desk.ts';
import { openHandOver, useShift, waitsFor } from './read.ts';

/** The shift in a line: a hand-over that waits, who will be missing within a day, what is announced. B opens it. */
export function ShiftStrip() {
  const { t } = useWords();
  const known = useShift((shift) => shift.known);
  const failed = useShift((shift) => shift.unread);
  const gaps = useShift((shift) => shift.gaps.length);
  const checksUnread = useShift((shift) => shift.checksUnread);
  const windows = useShift((shift) => shift.windows.length);
  const handOver = useShift(openHandOver);
  const me = useDesk((desk) => desk.session?.user.id);
  const front = useDesk((desk) => desk.front.kind === 'shift');
  const mine = waitsFor(handOver, me);
  return (
    <button
      type="button"
      className={`shift-strip ${mine ? 'waits' : ''}`}
      aria-current={front ? 'true' : undefined}
      aria-keyshortcuts="B"
      onClick={() => show({ kind: 'shift' })}
    >
      <span>
        {t('shift.open')} <Keycap name="B" />
      </span>
      {mine ? <strong className="late">{t('shift.waitsForYou')}</strong> : null}
      {handOver?.state === 'offered' && !mine ? <span className="quiet">{t('shift.waitsForOther')}</span> : null}
      {gaps > 0 ? <strong className="late">{t('shift.gaps', { count: gaps })}</strong> : null}
      {windows > 0 ? <span>{t('shift.windows', { count: windows })}</span> : null}
      {failed ? <strong className="late">{t('shift.failed')}</strong> : null}
      {checksUnread ? <strong className="late">{t('post.unread')}</strong> : null}
      {known && !failed && gaps === 0 && windows === 0 && handOver === undefined ? (
        <span className="quiet">{t('shift.noGaps')}</span>
      ) : null}
    </button>
  );
}
