import { type FormEvent, useCallback, useEffect, useState } from 'react';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { isApiError } from '../client/api.ts';
import { type Enrolling, enrolOwn, isEnrolled } from '../client/factor.ts';
import { useWords } from '../words/language.ts';
import { CodeField } from './CodeField.tsx';
import { Refused } from './Refused.tsx';
import { written } from './written.ts';

interface Props {
  onBegun: (enrolling: Enrolling) => void;
  onBack: () => void;
}

/** For somebody who is signed in: the password again, and the code of now where there is a factor already. */
export function OwnFactor({ onBegun, onBack }: Props) {
  const { t } = useWords();
  const [enrolled, setEnrolled] = useState<boolean | null>(null);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const refuse = useCallback((error: unknown) => {
    if (!isApiError(error)) throw error;
    setSending(false);
    setProblem(error.problem);
  }, []);
  useEffect(() => void isEnrolled().then(setEnrolled, refuse), [refuse]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    setSending(true);
    enrolOwn(written(form, 'password'), enrolled === true ? written(form, 'code') : undefined).then(onBegun, refuse);
  };
  return (
    <>
      <h1>{t('factor.enrolTitle')}</h1>
      <p className="lead">{t(enrolled === true ? 'factor.replace' : 'factor.enrolOwn')}</p>
      <form onSubmit={submit}>
        <div className="field">
          <label htmlFor="password">{t('factor.again')}</label>
          <input
            id="password"
            name="password"
            type="password"
            className="input"
            autoComplete="current-password"
            required
            autoFocus
          />
        </div>
        {enrolled === true ? <CodeField label={t('factor.againCode')} sending /> : null}
        <Refused problem={problem} />
        <button type="submit" className="button strong" disabled={sending || enrolled === null}>
          {t('factor.begin')}
        </button>
      </form>
      <div className="other-ways">
        <button type="button" className="button plain small" onClick={onBack}>
          {t('factor.done')}
        </button>
      </div>
    </>
  );
}
