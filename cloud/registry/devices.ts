import { searchText } from '@yihu/device-profiles/library/search-text.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import { areasOfPlace, placeText } from './areas.ts';

/** A device of a gateway's inventory, ready to be kept. */
export interface RegisteredDevice {
  readonly device: SiteDevice;
  readonly category: string;
  /** Path of the innermost area it stands in. */
  readonly area: string;
  readonly areas: readonly Area[];
  readonly placeText: string;
  readonly search: string;
}

export function registerDevice(
  device: SiteDevice,
  gateway: { readonly area: string; readonly areaName: string },
  profile: Pick<Profile, 'category' | 'name' | 'maker' | 'model'> | undefined,
): RegisteredDevice {
  const areas = areasOfPlace(gateway.area, device.place);
  const place = placeText(gateway.areaName, device.place);
  const { name } = device;
  return {
    device,
    category: profile?.category ?? 'other',
    area: areas.at(-1)?.path ?? gateway.area,
    areas,
    placeText: place,
    search: searchText([name.zh, place, name.en, device.id, profile?.name.zh, profile?.model, profile?.maker.zh]),
  };
}
