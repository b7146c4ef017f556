import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { useWords } from '../words/language.ts';

export function Refused({ problem }: { problem: Problem | null }) {
  const { t, text } = useWords();
  if (problem === null) return null;
  return (
    <p className="refused" role="alert">
      {text(problem.message)} <code>{t('state.code', { code: problem.code })}</code>
    </p>
  );
}
