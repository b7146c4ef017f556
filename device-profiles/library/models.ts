import type { Profile } from '../vocabulary/profile.ts';

/** The profiles for what a device calls itself: one of their `models`, else their `model`. */
export function profilesOfModel(profiles: Iterable<Profile>, said: string): Profile[] {
  const word = said.trim().toLowerCase();
  const all = [...profiles];
  const aliased = all.filter(({ models }) => models?.ids.some((id) => id.toLowerCase() === word));
  return aliased.length > 0 ? aliased : all.filter(({ model }) => model.toLowerCase() === word);
}
