import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { useWords } from '../words/language.ts';

/** What could not be read: why, and the way to try again. */
export function Failure({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const { t, text } = useWords();
  const isForbidden = problem.code === 'forbidden';
  return (
    <PanelState
      mark={isForbidden ? 'lock' : 'error'}
      title={t(isForbidden ? 'state.forbiddenTitle' : 'state.failedTitle')}
      code={t('state.code', { code: problem.code })}
      role="alert"
    >
      <p>{text(problem.message)}</p>
      <button type="button" className="button strong" onClick={onRetry}>
        {t('app.retry')}
      </button>
    </PanelState>
  );
}
