import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { useWords } from '../words/language.ts';

interface Props {
  /** What is not filled in; null where all is. */
  missing: string | null;
  /** What the other side said to it. */
  problem: Problem | null;
}

/** What is wrong with a form, right above its answers. */
export function Wrongs({ missing, problem }: Props) {
  const { text } = useWords();
  return (
    <>
      {missing === null ? null : (
        <p className="wrong" role="alert">
          {missing}
        </p>
      )}
      {problem === null ? null : (
        <p className="wrong" role="alert">
          {text(problem.message)}
        </p>
      )}
    </>
  );
}
