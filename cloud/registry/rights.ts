import type { ApiScope } from '@yihu/device-profiles/vocabulary/api-key.ts';
import { isWithin } from '@yihu/device-profiles/vocabulary/place.ts';
import type { Role } from '@yihu/device-profiles/vocabulary/view.ts';

/** 授权: one role on one area and everything inside it. `everywhere` is the whole tree. */
export interface Grant {
  readonly area: string;
  readonly role: Role;
}

/** The area of a grant that reaches the whole tree: the empty path, which is a prefix of every other. */
export const everywhere = '';

/**
 * Who may come in by a route. Declared on every route; one without it fails at registration.
 * `public` needs no session, `token` a bearer token or a loopback caller, `half` a session that owes its second factor and
 * nothing else, `roles` a session with one of the and an API key with the `scope` where one is named: without one a
 * route refuses every key.
 */
export type Access = 'public' | 'token' | 'half' | { readonly roles: readonly Role[]; readonly scope?: ApiScope };

/** Areas a caller reaches on one route: prefixes, none inside another, never empty. Built here alone. */
export type Scope = readonly string[];

/** The areas of the grants whose role the route admits; null where there is none, so that nothing can be read by mistake. */
export function scopeFor(grants: readonly Grant[], admitted: readonly Role[]): Scope | null {
  const areas = grants.filter((grant) => admitted.includes(grant.role)).map((grant) => grant.area);
  const scope = [...new Set(areas)].filter((area) => !areas.some((other) => other !== area && reaches(other, area))).sort();
  return scope.length === 0 ? null : scope;
}

/** True where `area` is `scope` itself or inside it. */
export function reaches(scope: string, area: string): boolean {
  return scope === everywhere || isWithin(scope, area);
}

export function isInScope(scope: Scope, area: string): boolean {
  return scope.some((prefix) => reaches(prefix, area));
}

/** Narrows a scope to the part inside `area`: what a list filtered by area may show. Null where they do not meet. */
export function narrow(scope: Scope, area: string | undefined): Scope | null {
  if (area === undefined || area === everywhere) return scope;
  if (isInScope(scope, area)) return [area];
  const inside = scope.filter((prefix) => reaches(area, prefix));
  return inside.length === 0 ? null : inside;
}

/** The role a caller acts in on one area: the first of its grants that the route admits there. */
export function roleOn(grants: readonly Grant[], admitted: readonly Role[], area: string): Role | null {
  return grants.find((grant) => admitted.includes(grant.role) && reaches(grant.area, area))?.role ?? null;
}
