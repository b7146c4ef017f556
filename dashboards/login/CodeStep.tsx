import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { Problem, Session } from '@yihu/device-profiles/vocabulary/view.ts';
import { isApiError } from '../client/api.ts';
import { giveCode } from '../client/factor.ts';
import { useWords } from '../words/language.ts';
import { CodeField } from './CodeField.tsx';
import { Refused } from './Refused.tsx';
import { written } from './written.ts';

interface Props {
  onSession: (session: Session) => void;
  /** The half-signed session is over, or another account is wanted. */
  onOver: (late: boolean) => void;
}

/** The second step of signing in: the app's code, or one of the recovery codes. */
export function CodeStep({ onSession, onOver }: Props) {
  const { t } = useWords();
  const [way, setWay] = useState<'app' | 'recovery'>('app');
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const form = useRef<HTMLFormElement>(null);
  // A wrong code is of no more use: the field is empty and in hand again.
  useEffect(() => {
    if (problem === null) return;
    form.current?.reset();
    form.current?.querySelector('input')?.focus();
  }, [problem]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (sending) return;
    setSending(true);
    giveCode(written(event.currentTarget, 'code')).then(onSession, (error: unknown) => {
      if (!isApiError(error)) throw error;
      if (error.problem.code === 'no-session') return onOver(true);
      setSending(false);
      return setProblem(error.problem);
    });
  };
  const turn = () => {
    setProblem(null);
    setWay(way === 'app' ? 'recovery' : 'app');
  };
  return (
    <>
      <h1>{t(way === 'app' ? 'factor.codeTitle' : 'factor.recoveryTitle')}</h1>
      <p className="lead">{t(way === 'app' ? 'factor.codeLead' : 'factor.recoveryLead')}</p>
      <form ref={form} onSubmit={submit}>
        {way === 'app' ? <CodeField label={t('factor.code')} sending={sending} /> : <RecoveryField />}
        <Refused problem={problem} />
        <button type="submit" className="button strong" disabled={sending}>
          {t(sending ? 'factor.confirming' : 'factor.confirm')}
        </button>
      </form>
      <div className="other-ways">
        <button type="button" className="button plain small" onClick={turn}>
          {t(way === 'app' ? 'factor.useRecovery' : 'factor.useCode')}
        </button>
        <button type="button" className="button plain small" onClick={() => onOver(false)}>
          {t('factor.back')}
        </button>
      </div>
      {way === 'recovery' ? <p className="note">{t('factor.lost')}</p> : null}
    </>
  );
}

function RecoveryField() {
  const { t } = useWords();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{t('factor.recovery')}</label>
      <input
        id={id}
        name="code"
        className="input code"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={32}
        minLength={16}
        placeholder="xxxx-xxxx-xxxx-xxxx"
        required
        autoFocus
      />
    </div>
  );
}
