import { type FormEvent, useEffect, useState } from 'react';
import type { PostCheck } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { useTimersNow } from '../../client/pulse.ts';
import { Keycap } from '../../parts/Keycap.tsx';
import { elapsedText } from '../../parts/time.ts';
import { useWords } from '../../words/language.ts';
import { chimeOnce } from '../sound/sound.ts';
import { answerCheck, useShift, watchShift } from './read.ts';

/** 查岗: asked across the whole screen until somebody types the number. Q goes to the field. */
export function PostCheckStrip() {
  const checks = useShift((shift) => shift.checks);
  useEffect(watchShift, []);
  const first = [...checks].sort((a, b) => a.answerBy - b.answerBy)[0];
  return first === undefined ? null : <Check key={first.id} check={first} />;
}

function Check({ check }: { check: PostCheck }) {
  const { t, text } = useWords();
  const [answer, setAnswer] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const left = check.answerBy - useTimersNow();
  useEffect(chimeOnce, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void answerCheck(check.id, answer).then((refused) => {
      setProblem(refused);
      setAnswer('');
    });
  };
  return (
    <form className="post-check" onSubmit={submit} aria-label={t('post.title')}>
      <strong role="alert">
        {t('post.title')} · {t('post.ask', { name: check.askedByName, area: check.areaName })} {check.question}
      </strong>
      <input
        id="post-answer"
        className="input"
        inputMode="numeric"
        autoComplete="off"
        maxLength={4}
        aria-label={t('post.field')}
        value={answer}
        onChange={(event) => setAnswer(event.target.value)}
      />
      <Keycap name="Q" />
      <button type="submit" className="button strong">
        {t('post.answer')}
      </button>
      {problem === null ? null : <span role="alert">{text(problem.message)}</span>}
      <span className="left">{left > 0 ? t('post.left', { left: elapsedText(left) }) : t('post.missed')}</span>
    </form>
  );
}
