import type { Role, SecondStep, Session } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError, keepCsrf } from './api.ts';

/** Which screen a role works at. */
const homes: Record<Role, string | null> = {
  admin: '/property/',
  dispatcher: '/dispatcher/',
  property: '/property/',
  installer: null,
  'grid-worker': '/phone/',
  auditor: '/property/',
  // A programme that sends warnings in; it has no screen.
  warner: null,
  wall: '/wall/',
};

/** The first screen this person has, a dispatcher's desk before all others; null where no screen is theirs. */
export function homeOf(session: Session): string | null {
  const paths = session.grants.map((grant) => homes[grant.role]);
  return paths.includes('/dispatcher/') ? '/dispatcher/' : (paths.find((path) => path !== null) ?? null);
}

/** The session's token goes with every command from now on. */
export function keep(session: Session): Session {
  keepCsrf(session.csrf);
  return session;
}

/** Who is signed in here; null where nobody is. */
export async function currentSession(): Promise<Session | null> {
  try {
    return keep(await call<Session>('GET', '/api/session'));
  } catch (error) {
    if (isApiError(error) && error.status === 401) return null;
    throw error;
  }
}

/** The session, or the second step that is owed before there is one. */
export async function signIn(account: string, password: string): Promise<Session | SecondStep> {
  const answer = await call<Session | SecondStep>('POST', '/api/session', { account, password });
  keepCsrf(answer.csrf);
  return answer;
}

export async function signOut(): Promise<void> {
  await call('DELETE', '/api/session');
}

/** Leaves for the sign-in page, which brings the person back here. */
export function goSignIn(): void {
  location.assign(`/?back=${encodeURIComponent(location.pathname + location.search)}`);
}
