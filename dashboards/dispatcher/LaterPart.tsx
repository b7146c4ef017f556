import { type ReactNode, useEffect, useState } from 'react';
import { after } from '../client/clock.ts';
import { type Later, useStanding } from '../client/later.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { PanelState } from '../parts/PanelState.tsx';
import { useWords } from '../words/language.ts';

const skeletonAfterMs = 300;

interface Props<T> {
  part: Later<T>;
  children: (part: T) => ReactNode;
}

/** A panel of a part that comes later: `waiting` until it is here, and a plain word where it did not come. */
export function LaterPanel<T>({ part, children, waiting = null }: Props<T> & { waiting?: ReactNode }) {
  const standing = useStanding(part);
  if (standing.state === 'here') return children(standing.part);
  return standing.state === 'failed' ? <Missing part={part} /> : waiting;
}

/** A dialog of such a part. It opens also where the part is missing, and says so. */
export function LaterDialog<T>({ part, children, onClose }: Props<T> & { onClose: () => void }) {
  const { t } = useWords();
  const standing = useStanding(part);
  const slow = useSlow();
  useEffect(() => void part.fetch(), [part]);
  if (standing.state === 'here') return children(standing.part);
  if (standing.state === 'coming' && !slow) return null;
  return (
    <Dialog title={t(standing.state === 'failed' ? 'later.failed' : 'app.loading')} onClose={onClose}>
      {standing.state === 'failed' ? <p role="alert">{t('later.failedNext')}</p> : null}
      <div className="answers">
        <button type="button" className="button" onClick={onClose}>
          {t('app.close')}
        </button>
        {standing.state === 'failed' ? (
          <button type="button" className="button strong" data-first="" onClick={() => void part.fetch()}>
            {t('app.retry')}
          </button>
        ) : null}
      </div>
    </Dialog>
  );
}

function Missing<T>({ part }: { part: Later<T> }) {
  const { t } = useWords();
  return (
    <PanelState mark="error" title={t('later.failed')} role="alert">
      <p>{t('later.failedNext')}</p>
      <button type="button" className="button small" onClick={() => void part.fetch()}>
        {t('app.retry')}
      </button>
    </PanelState>
  );
}

/** True once something has been awaited long enough to say so. */
function useSlow(): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => after(skeletonAfterMs, () => setSlow(true)), []);
  return slow;
}
