import type { Place } from '@yihu/device-profiles/vocabulary/place.ts';

interface Placed {
  readonly id: string;
  readonly place: Place;
  /** Its own word: a camera, or none. */
  readonly snapshot?: { readonly camera: string } | 'off' | undefined;
  readonly profile: { readonly pictures: 'keep' | 'drop' };
}

/** What a camera looks at, by place: `{building: "3", unit: "2"}` is everything in that unit. */
export interface Look {
  readonly camera: string;
  readonly place: Place;
}

/**
 * Which camera is asked when a device has an alarm: the one the device itself names; a camera's own; else the one that
 * looks at the closest place around it. A profile that says `pictures: drop` has none, whatever the site says.
 */
export function camerasOf(
  devices: readonly Placed[],
  looks: readonly Look[],
  isCamera: (id: string) => boolean,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const device of devices) {
    if (device.snapshot === 'off' || device.profile.pictures === 'drop') continue;
    const camera = device.snapshot?.camera ?? (isCamera(device.id) ? device.id : closest(device.place, looks));
    if (camera !== undefined) found.set(device.id, camera);
  }
  return found;
}

const levels = ['building', 'unit', 'floor', 'room'] as const;

function closest(place: Place, looks: readonly Look[]): string | undefined {
  let best: { camera: string; words: number } | undefined;
  for (const { camera, place: seen } of looks) {
    const named = levels.filter((level) => seen[level] !== undefined);
    if (!named.every((level) => seen[level] === place[level])) continue;
    if (named.length > (best?.words ?? 0)) best = { camera, words: named.length };
  }
  return best?.camera;
}
