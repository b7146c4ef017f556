import type { AreaPost } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import type { Post } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import type { OrganisationKind } from '@yihu/device-profiles/vocabulary/registry-house.ts';
import { fullName, shopNames, surname } from './names.ts';
import { phoneOf } from './household.ts';
import type { Picker } from './pick.ts';
import { type SeedGrid, share } from './tree.ts';

export type SeedPost = Pick<AreaPost, 'id' | 'area' | 'post' | 'name' | 'phone' | 'fromAt'>;

export interface SeedDevice {
  readonly gateway: string;
  readonly id: string;
  readonly profile: string;
  readonly category: string;
  readonly name: string;
  readonly area: string;
}

export interface SeedOrganisation {
  readonly id: string;
  readonly area: string;
  readonly name: string;
  readonly kind: OrganisationKind;
}

const gridPosts: readonly Post[] = ['party-secretary', 'grid-leader', 'grid-worker', 'grid-worker', 'grid-police'];

/** Who answers for each grid and each of its buildings. */
export function seedPosts(pick: Picker, grids: readonly SeedGrid[], at: number): SeedPost[] {
  let serial = 90_000_000;
  const post = (area: string, kind: Post): SeedPost => {
    const sex = pick.one(['m', 'f'] as const);
    serial += 1;
    return {
      id: `post-seed-${pick.hex(16)}`,
      area,
      post: kind,
      name: fullName(pick, sex, surname(pick)),
      phone: phoneOf(serial),
      fromAt: at,
    };
  };
  return grids.flatMap(({ path, rooms }) => [
    ...gridPosts.map((kind) => post(path, kind)),
    ...buildingsOf(rooms).flatMap((building) => [post(building, 'building-head'), post(building, 'party-household')]),
  ]);
}

function buildingsOf(rooms: readonly string[]): string[] {
  return [...new Set(rooms.map((room) => room.split('/').slice(0, 4).join('/')))].sort();
}

const kinds: readonly (readonly [profile: string, category: string, name: string, share: number])[] = [
  ['heiman.hs1sa-e', 'fire.smoke', '烟感', 0.6],
  ['generic.cjt188-water', 'meter.water', '水表', 0.2],
  ['milesight.ws101.chirpstack', 'sos.button', '求助按钮', 0.15],
  ['generic.door-controller', 'access.controller', '门禁', 0.05],
];

/** Devices of each grid's gateway, one per flat at most of a kind, in the shares above. */
export function seedDevices(
  grids: readonly SeedGrid[],
  total: number,
): { gateways: { id: string; area: string; name: string }[]; devices: SeedDevice[] } {
  const perGrid = share(total, grids.length);
  const gateways = grids.map(({ path }, nth) => ({ id: `gw-seed-${nth + 1}`, area: path, name: `网格网关 ${nth + 1}` }));
  const devices = grids.flatMap(({ rooms }, nth) => {
    return Array.from({ length: perGrid[nth] ?? 0 }, (_, index): SeedDevice => {
      const [profile, category, name] = kindAt(index / Math.max(1, perGrid[nth] ?? 1));
      const area = rooms[index % rooms.length] ?? '';
      return { gateway: `gw-seed-${nth + 1}`, id: `seed-${nth + 1}-${index + 1}`, profile, category, name, area };
    });
  });
  return { gateways, devices };
}

function kindAt(place: number): readonly [string, string, string] {
  let end = 0;
  for (const [profile, category, name, part] of kinds) {
    end += part;
    if (place < end) return [profile, category, name];
  }
  return ['heiman.hs1sa-e', 'fire.smoke', '烟感'];
}

/** A row of shops at each building's foot. */
export function seedOrganisations(pick: Picker, grids: readonly SeedGrid[]): SeedOrganisation[] {
  return grids.flatMap(({ rooms }) =>
    buildingsOf(rooms).flatMap((area) =>
      Array.from({ length: pick.between(1, 5) }, () => ({
        id: `org-seed-${pick.hex(16)}`,
        area,
        name: `${surname(pick)}记${pick.one(shopNames)}`,
        kind: 'shop' as const,
      })),
    ),
  );
}
