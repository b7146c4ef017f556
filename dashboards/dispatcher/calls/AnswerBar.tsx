import type { CallCount } from '@yihu/device-profiles/vocabulary/call.ts';
import { useWords } from '../../words/language.ts';

const parts = ['help', 'safe', 'away', 'refused', 'silent', 'unreachable'] as const;

/** One bar of everybody who was called; its words stand beside it for those who do not see it. */
export function AnswerBar({ count }: { count: CallCount }) {
  const { t } = useWords();
  const said = parts.filter((part) => count[part] > 0).map((part) => `${t(`calls.${part}`)} ${count[part]}`);
  return (
    <span className="answer-bar" role="img" aria-label={said.join('，')}>
      {parts.map((part) => (count[part] === 0 ? null : <Part key={part} part={part} weight={count[part]} />))}
    </span>
  );
}

function Part({ part, weight }: { part: (typeof parts)[number]; weight: number }) {
  return <span className={part} ref={(element) => element?.style.setProperty('flex-grow', String(weight))} />;
}
