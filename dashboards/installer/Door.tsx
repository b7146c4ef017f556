import type { LocalSession } from '@yihu/device-profiles/vocabulary/local.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { type FormEvent, useState } from 'react';
import { call, isApiError } from '../client/api.ts';
import { speak, useWords } from '../words/language.ts';
import { enter, openDesk, useDesk } from './desk.ts';

function written(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** The first start with the setup code, and signing in ever after. */
export function Door({ isSetup }: { isSetup: boolean }) {
  const { t, text, language } = useWords();
  const name = useDesk((desk) => desk.session?.gateway.name);
  const words = isSetup ? 'local.setup' : 'local.signIn';
  return (
    <main className="door">
      <div className="door-card">
        <img src="/yihu.svg" alt="" width="48" height="48" />
        <h1>{t(`${words}.title`)}</h1>
        <p className="lead">{t(`${words}.lead`, { name: name === undefined ? '' : text(name) })}</p>
        <DoorForm key={words} isSetup={isSetup} />
      </div>
      <button type="button" className="button plain small" onClick={() => void speak(language === 'zh' ? 'en' : 'zh')}>
        {t('app.language')}
      </button>
    </main>
  );
}

function DoorForm({ isSetup }: { isSetup: boolean }) {
  const { t } = useWords();
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = written(form, 'password');
    setSending(true);
    setProblem(null);
    const asked = isSetup
      ? call<LocalSession>('POST', '/api/setup', { code: written(form, 'code'), password })
      : call<LocalSession>('POST', '/api/session', { password });
    asked.then(enter, (error: unknown) => {
      if (!isApiError(error)) throw error;
      setSending(false);
      setProblem(error.problem);
      // Somebody else was quicker, or reset it: the other form is wanted.
      if (error.status === 409) void openDesk();
    });
  };
  return (
    <form onSubmit={submit}>
      {isSetup ? <CodeField /> : null}
      <div className="field">
        <label htmlFor="password">{t(isSetup ? 'local.setup.password' : 'local.signIn.password')}</label>
        <input
          id="password"
          name="password"
          type="password"
          className="input"
          autoComplete={isSetup ? 'new-password' : 'current-password'}
          required
          autoFocus={!isSetup}
          aria-describedby={isSetup ? 'password-hint' : undefined}
        />
        {isSetup ? (
          <p id="password-hint" className="hint">
            {t('local.setup.passwordHint')}
          </p>
        ) : null}
      </div>
      <Refused problem={problem} />
      <button type="submit" className="button strong" disabled={sending}>
        {t(sending ? 'local.signIn.busy' : isSetup ? 'local.setup.submit' : 'local.signIn.submit')}
      </button>
    </form>
  );
}

function CodeField() {
  const { t } = useWords();
  return (
    <div className="field">
      <label htmlFor="code">{t('local.setup.code')}</label>
      <input
        id="code"
        name="code"
        className="input code-input"
        autoComplete="one-time-code"
        autoCapitalize="characters"
        spellCheck={false}
        placeholder="XXXXX-XXXXX"
        required
        autoFocus
        aria-describedby="code-hint"
      />
      <p id="code-hint" className="hint">
        {t('local.setup.codeHint')}
      </p>
    </div>
  );
}

function Refused({ problem }: { problem: Problem | null }) {
  const { text } = useWords();
  if (problem === null) return null;
  return (
    <p className="refused" role="alert">
      {text(problem.message)}
    </p>
  );
}
