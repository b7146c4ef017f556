import type { Role, Session } from '@yihu/device-profiles/vocabulary/view.ts';

function holds(session: Session | null, roles: readonly Role[]): boolean {
  return session?.grants.some(({ role }) => roles.includes(role)) ?? false;
}

/** What a screen offers; the cloud decides again. */
export const mayKeepPlans = (session: Session | null) => holds(session, ['admin', 'property', 'installer']);
export const mayKeepUsers = (session: Session | null) => holds(session, ['admin']);
export const maySeeUsers = (session: Session | null) => holds(session, ['admin', 'auditor']);
export const maySeeRules = (session: Session | null) => holds(session, ['admin', 'property', 'dispatcher', 'auditor']);
export const mayKeepRules = (session: Session | null) => holds(session, ['admin', 'property']);
export const mayPlanWindows = (session: Session | null) => holds(session, ['dispatcher', 'property']);
