import type { Profile } from '../vocabulary/profile.ts';
import { checkProfile } from './check.ts';
import { checkParams, type ParamValues } from './params.ts';
import { parseAgain, withVectors } from './parse.ts';
import type { Finding } from './source.ts';

/** What a profile is given when it is bound to a device. */
export interface Binding {
  readonly params?: ParamValues;
  /** The site's time zone, for times that name none. */
  readonly zone?: string;
}

type Bound = { readonly profile: Profile } | { readonly findings: readonly Finding[] };

/** Devices that are given the same share one profile. */
const bound = new WeakMap<Profile, Map<string, Bound>>();

/**
 * 绑定: the profile of one device: its params as the installer set them, its zone the site's unless it has its own. What does
 * not fit is a finding; the paths of the params are their ids, of what follows from them those of the profile.
 */
export function bindProfile(profile: Profile, { params = {}, zone }: Binding): Bound {
  const key = JSON.stringify([zone ?? null, Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))]);
  const known = bound.get(profile) ?? new Map<string, Bound>();
  bound.set(profile, known);
  const made = known.get(key) ?? bindAnew(profile, params, zone);
  known.set(key, made);
  return made;
}

function bindAnew(profile: Profile, params: ParamValues, zone: string | undefined): Bound {
  const findings = checkParams(profile, params);
  if (findings.length > 0) return { findings };
  const own = profile.zone === undefined && zone !== undefined ? { zone } : {};
  if (Object.keys(params).length === 0) return { profile: Object.keys(own).length === 0 ? profile : { ...profile, ...own } };
  const parsed = parseAgain(profile, params);
  if (parsed === undefined) throw new Error(`profile ${profile.id} did not come from the loader`);
  if ('findings' in parsed) return parsed;
  // What was said of the profile before is its author's matter; here is what these values bring about.
  const said = new Set(checkProfile(profile, profile.id).map((finding) => JSON.stringify(finding)));
  const wrong = checkProfile(parsed.profile, profile.id).filter((finding) => !said.has(JSON.stringify(finding)));
  if (wrong.length > 0) return { findings: wrong };
  return { profile: { ...withVectors(parsed.profile, profile.vectors), ...own } };
}
