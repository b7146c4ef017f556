import type { FactorOffer, RecoveryCodes, SecondStep, Session } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, keepCsrf } from './api.ts';
import { keep } from './session.ts';

/** What the second factor asks of the cloud: at the sign-in that owes it, and for somebody who is signed in. */
export function owes(answer: Session | SecondStep): answer is SecondStep {
  return 'step' in answer;
}

export async function giveCode(code: string): Promise<Session> {
  return keep(await call<Session>('POST', '/api/session/code', { code }));
}

export interface Enrolled {
  readonly recovery: readonly string[];
  /** Where the enrolment was the second step of signing in. */
  readonly session: Session | null;
}

/** The way to enrol: begin with a new secret, confirm with its first code. */
export interface Enrolling {
  readonly offer: FactorOffer;
  confirm(code: string): Promise<Enrolled>;
}

export async function enrolAtSignIn(): Promise<Enrolling> {
  const offer = await call<FactorOffer>('POST', '/api/session/factor');
  const confirm = async (code: string): Promise<Enrolled> => {
    const done = await call<RecoveryCodes & { session: Session }>('POST', '/api/session/factor/confirm', { code });
    keepCsrf(done.session.csrf);
    return done;
  };
  return { offer, confirm };
}

export async function enrolOwn(password: string, code?: string): Promise<Enrolling> {
  const offer = await call<FactorOffer>('POST', '/api/me/factor', code === undefined ? { password } : { password, code });
  const confirm = async (first: string): Promise<Enrolled> => {
    const { recovery } = await call<RecoveryCodes>('POST', '/api/me/factor/confirm', { code: first });
    return { recovery, session: null };
  };
  return { offer, confirm };
}

export async function isEnrolled(): Promise<boolean> {
  const { enrolledAt } = await call<{ enrolledAt: number | null }>('GET', '/api/me/factor');
  return enrolledAt !== null;
}
