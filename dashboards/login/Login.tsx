import { type FormEvent, useCallback, useEffect, useState } from 'react';
import type { Problem, Session } from '@yihu/device-profiles/vocabulary/view.ts';
import { isApiError } from '../client/api.ts';
import { speak, useWords } from '../words/language.ts';
import { currentSession, homeOf, signIn } from '../client/session.ts';

/** Only a path of this site: a link may not send somebody elsewhere after signing in. */
function wayBack(): string | null {
  const back = new URLSearchParams(location.search).get('back');
  return back !== null && /^\/(dispatcher|phone|property)\//.test(back) ? back : null;
}

type Outcome = 'checking' | 'form' | 'sending' | 'no-screen';

function written(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

export function Login() {
  const { t } = useWords();
  const [outcome, setOutcome] = useState<Outcome>('checking');
  const [problem, setProblem] = useState<Problem | null>(null);
  const enter = useCallback((session: Session) => {
    const home = homeOf(session);
    if (home === null) return setOutcome('no-screen');
    return location.assign(wayBack() ?? home);
  }, []);
  const refuse = useCallback((error: unknown) => {
    if (!isApiError(error)) throw error;
    setProblem(error.problem);
    setOutcome('form');
  }, []);
  useEffect(() => {
    currentSession().then((session) => (session === null ? setOutcome('form') : enter(session)), refuse);
  }, [enter, refuse]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setOutcome('sending');
    setProblem(null);
    signIn(written(form, 'account'), written(form, 'password')).then(enter, refuse);
  };
  useEffect(() => {
    document.title = `${t('app.name')} · ${t('login.submit')}`;
  }, [t]);
  if (outcome === 'checking') return null;
  return (
    <main className="login">
      <div className="login-card">
        <img src="/yihu.svg" alt="" width="48" height="48" />
        <h1>{t('login.title')}</h1>
        <p className="lead">{t('login.lead')}</p>
        {outcome === 'no-screen' ? (
          <p role="alert">{t('login.noScreen')}</p>
        ) : (
          <Form sending={outcome === 'sending'} problem={problem} onSubmit={submit} />
        )}
      </div>
      <LanguageSwitch />
    </main>
  );
}

function Form({
  sending,
  problem,
  onSubmit,
}: {
  sending: boolean;
  problem: Problem | null;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}) {
  const { t, text } = useWords();
  return (
    <form onSubmit={onSubmit}>
      <div className="field">
        <label htmlFor="account">{t('login.account')}</label>
        <input id="account" name="account" className="input" autoComplete="username" required autoFocus />
      </div>
      <div className="field">
        <label htmlFor="password">{t('login.password')}</label>
        <input id="password" name="password" type="password" className="input" autoComplete="current-password" required />
      </div>
      {problem === null ? null : (
        <p className="refused" role="alert">
          {text(problem.message)} <code>{t('state.code', { code: problem.code })}</code>
        </p>
      )}
      <button type="submit" className="button strong" disabled={sending}>
        {t(sending ? 'login.busy' : 'login.submit')}
      </button>
    </form>
  );
}

function LanguageSwitch() {
  const { t, language } = useWords();
  return (
    <button type="button" className="button plain small" onClick={() => void speak(language === 'zh' ? 'en' : 'zh')}>
      {t('app.language')}
    </button>
  );
}
