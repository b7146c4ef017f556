import type { Role, Session } from '@yihu/device-profiles/vocabulary/view.ts';

function holds(session: Session | null, roles: readonly Role[]): boolean {
  return session?.grants.some(({ role }) => roles.includes(role)) ?? false;
}

/** What a screen offers; the cloud decides again. */
export const mayKeepPlans = (session: Session | null) => holds(session, ['admin', 'property', 'installer']);
export const mayKeepUsers = (session: Session | null) => holds(session, ['admin']);
export const maySeeUsers = (session: Session | null) => holds(session, ['admin', 'auditor']);
/** Who looks after an estate; a grid worker comes here for the notices alone. */
export const mayManage = (session: Session | null) => holds(session, ['admin', 'dispatcher', 'property', 'auditor']);
export const maySeeNotices = (session: Session | null) =>
  holds(session, ['admin', 'dispatcher', 'property', 'grid-worker', 'auditor']);
export const mayWriteNotices = (session: Session | null) => holds(session, ['dispatcher', 'property', 'grid-worker']);
export const mayWithdrawNotices = (session: Session | null) => holds(session, ['dispatcher', 'property']);
export const maySeeHomes = (session: Session | null) => holds(session, ['property', 'grid-worker']);
export const maySeeKeys = (session: Session | null) => holds(session, ['admin', 'auditor']);
export const mayKeepKeys = (session: Session | null) => holds(session, ['admin']);
export const maySeeWarnings = mayManage;
export const mayPlanWindows = (session: Session | null) => holds(session, ['dispatcher', 'property']);
