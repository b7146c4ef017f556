import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { Skeleton } from '../parts/Skeleton.tsx';
import { useWords } from '../words/language.ts';

interface Props {
  /** Why it could not be read; null while it is on its way. */
  problem: Problem | null;
  onRetry: () => void;
  /** Of when what stands there is, where something does. */
  at?: string;
}

/** Stands where something has not been read: never a none and never a zero, which would be news. */
export function Unread({ problem, onRetry, at }: Props) {
  const { t, text } = useWords();
  if (problem === null) return <Skeleton rows={1} height={32} label={t('app.loading')} />;
  return (
    <p className="wrong" role="alert">
      <strong>{at === undefined ? t('state.failedTitle') : t('state.kept', { at })}</strong> {text(problem.message)}{' '}
      <button type="button" className="button small" onClick={onRetry}>
        {t('app.retry')}
      </button>
    </p>
  );
}
