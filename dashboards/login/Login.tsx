import { type FormEvent, useCallback, useEffect, useState } from 'react';
import type { Problem, Session } from '@yihu/device-profiles/vocabulary/view.ts';
import { isApiError } from '../client/api.ts';
import { type Enrolled, type Enrolling, enrolAtSignIn, owes } from '../client/factor.ts';
import { currentSession, homeOf, signIn } from '../client/session.ts';
import { speak, useWords } from '../words/language.ts';
import { CodeStep } from './CodeStep.tsx';
import { Enrol } from './Enrol.tsx';
import { OwnFactor } from './OwnFactor.tsx';
import { Recovery } from './Recovery.tsx';
import { Refused } from './Refused.tsx';
import { written } from './written.ts';

/** Only a path of this site: a link may not send somebody elsewhere after signing in. */
function wayBack(): string | null {
  const back = new URLSearchParams(location.search).get('back');
  return back !== null && /^\/(dispatcher|phone|property)\//.test(back) ? back : null;
}

/** Somebody came to set up a second factor of their own. */
function wantsFactor(): boolean {
  return new URLSearchParams(location.search).has('factor');
}

/** Where somebody stands on the way in. */
type Step =
  | { at: 'checking' | 'no-screen' | 'code' }
  | { at: 'password'; late?: boolean; sending?: boolean; problem?: Problem }
  | { at: 'own'; session: Session }
  | { at: 'enrol'; enrolling: Enrolling; session: Session | null }
  | { at: 'recovery'; codes: readonly string[]; session: Session | null };

export function Login() {
  const { t } = useWords();
  const [step, setStep] = useState<Step>({ at: 'checking' });
  const enter = useCallback((session: Session | null) => {
    const home = session === null ? null : homeOf(session);
    if (home === null) return setStep({ at: 'no-screen' });
    return location.assign(wayBack() ?? home);
  }, []);
  const arrive = useCallback((session: Session) => (wantsFactor() ? setStep({ at: 'own', session }) : enter(session)), [enter]);
  const refuse = useCallback((error: unknown) => {
    if (!isApiError(error)) throw error;
    setStep({ at: 'password', problem: error.problem });
  }, []);
  useEffect(() => {
    currentSession().then((session) => (session === null ? setStep({ at: 'password' }) : arrive(session)), refuse);
  }, [arrive, refuse]);
  useEffect(() => {
    document.title = `${t('app.name')} · ${t('login.submit')}`;
  }, [t]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    setStep({ at: 'password', sending: true });
    signIn(written(form, 'account'), written(form, 'password'))
      .then(async (answer) => {
        if (!owes(answer)) return arrive(answer);
        if (answer.step === 'code') return setStep({ at: 'code' });
        return setStep({ at: 'enrol', enrolling: await enrolAtSignIn(), session: null });
      })
      .catch(refuse);
  };
  if (step.at === 'checking') return null;
  return (
    <main className="login">
      <div className={`login-card ${step.at === 'enrol' || step.at === 'recovery' ? 'wide' : ''}`}>
        <img src="/yihu.svg" alt="" width="48" height="48" />
        <Content step={step} onStep={setStep} onPassword={submit} onSession={arrive} onIn={enter} />
      </div>
      <LanguageSwitch />
    </main>
  );
}

interface ContentProps {
  step: Step;
  onStep: (step: Step) => void;
  onPassword: (event: FormEvent<HTMLFormElement>) => void;
  onSession: (session: Session) => void;
  onIn: (session: Session | null) => void;
}

function Content({ step, onStep, onPassword, onSession, onIn }: ContentProps) {
  const { t } = useWords();
  const over = (late: boolean) => onStep({ at: 'password', late });
  switch (step.at) {
    case 'code':
      return <CodeStep onSession={onSession} onOver={over} />;
    case 'own':
      return (
        <OwnFactor
          onBegun={(enrolling) => onStep({ at: 'enrol', enrolling, session: step.session })}
          onBack={() => onIn(step.session)}
        />
      );
    case 'enrol': {
      const enrolled = ({ recovery, session }: Enrolled) =>
        onStep({ at: 'recovery', codes: recovery, session: session ?? step.session });
      return <Enrol enrolling={step.enrolling} must={step.session === null} onEnrolled={enrolled} onOver={over} />;
    }
    case 'recovery':
      return <Recovery codes={step.codes} onSaved={() => onIn(step.session)} />;
    case 'password':
      return (
        <>
          <h1>{t('login.title')}</h1>
          <p className="lead">{t('login.lead')}</p>
          <Form sending={step.sending === true} late={step.late === true} problem={step.problem ?? null} onSubmit={onPassword} />
        </>
      );
    case 'checking':
    case 'no-screen':
      return (
        <>
          <h1>{t('login.title')}</h1>
          <p role="alert">{t('login.noScreen')}</p>
        </>
      );
  }
}

interface FormProps {
  sending: boolean;
  late: boolean;
  problem: Problem | null;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}

function Form({ sending, late, problem, onSubmit }: FormProps) {
  const { t } = useWords();
  return (
    <>
      <form onSubmit={onSubmit}>
        <div className="field">
          <label htmlFor="account">{t('login.account')}</label>
          <input id="account" name="account" className="input" autoComplete="username" required autoFocus />
        </div>
        <div className="field">
          <label htmlFor="password">{t('login.password')}</label>
          <input id="password" name="password" type="password" className="input" autoComplete="current-password" required />
        </div>
        {late ? (
          <p className="refused" role="alert">
            {t('factor.over')}
          </p>
        ) : null}
        <Refused problem={problem} />
        <button type="submit" className="button strong" disabled={sending}>
          {t(sending ? 'login.busy' : 'login.submit')}
        </button>
      </form>
      {wantsFactor() ? null : (
        <div className="other-ways">
          <a className="button plain small" href="/?factor">
            {t('factor.offer')}
          </a>
        </div>
      )}
    </>
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
