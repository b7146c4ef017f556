import type { ReactNode } from 'react';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { clockText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { Failure } from './Failure.tsx';
import type { Reading } from './reading.ts';

interface Props<T> {
  reading: Reading<T>;
  /** What the role may see; the cloud decides again. */
  allowed: boolean;
  children: (value: T) => ReactNode;
}

/** A list as far as it could be read: not allowed, on its way, failed, kept from before with its time, or there. */
export function Listed<T>({ reading, allowed, children }: Props<T>) {
  const { t } = useWords();
  const { value, problem, again } = reading;
  if (!allowed || (value === null && problem !== null && isForbidden(problem))) return <NotAllowed />;
  if (value === null) {
    if (problem !== null) return <Failure problem={problem} onRetry={again} />;
    return <Skeleton rows={5} height={84} label={t('app.loading')} />;
  }
  return (
    <>
      <Kept reading={reading} />
      {children(value)}
    </>
  );
}

/** What stands below was read before, and since then could not be: of when it is. */
export function Kept({ reading: { value, problem, at, again } }: { reading: Reading<unknown> }) {
  const { t, text } = useWords();
  if (value === null || problem === null) return null;
  return (
    <div className="band kept" role="alert">
      <strong>{t('state.kept', { at: clockText(at ?? 0) })}</strong>
      <span>{text(problem.message)}</span>
      <button type="button" className="button small" onClick={again}>
        {t('app.retry')}
      </button>
    </div>
  );
}

/** What a role may not see is not there for it. */
function isForbidden({ code }: Problem): boolean {
  return code === 'forbidden' || code === 'not-found';
}

function NotAllowed() {
  const { t } = useWords();
  return (
    <div className="sheet">
      <PanelState mark="lock" title={t('state.forbiddenTitle')} role="alert">
        <p>{t('state.forbiddenNext')}</p>
      </PanelState>
    </div>
  );
}
