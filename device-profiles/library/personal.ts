import type { Profile } from '../vocabulary/profile.ts';
import { eventSources } from './event-types.ts';

/** 个人信息: what of a device's records is about a person; whoever lets records leave the gateway takes it out before. */
export interface Personal {
  readonly points: ReadonlySet<string>;
  /** Keys of events' `data`. */
  readonly data: ReadonlySet<string>;
}

export function personalOf(profile: Profile): Personal {
  const points = Object.entries(profile.points).flatMap(([id, { personal }]) => (personal === true ? [id] : []));
  const sources = Object.values(profile.decode).flat().flatMap(eventSources);
  const data = sources.flatMap((source) =>
    Object.entries(source.data ?? {}).flatMap(([key, from]) => (typeof from === 'object' && from.personal === true ? [key] : [])),
  );
  return { points: new Set(points), data: new Set(data) };
}
