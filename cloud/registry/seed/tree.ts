import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import { communityNames } from './names.ts';
import type { Picker } from './pick.ts';

/** How large the seeded street is. The sums come out exactly. */
export interface SeedSize {
  readonly communities: number;
  readonly grids: number;
  readonly households: number;
  readonly people: number;
  readonly devices: number;
}

export const wholeStreet: SeedSize = { communities: 5, grids: 40, households: 12_000, people: 30_000, devices: 3_000 };

export interface SeedGrid {
  readonly path: string;
  readonly community: string;
  readonly rooms: readonly string[];
}

const flatsPerFloor = 2;
const unitsPerBuilding = 3;
const floors = 17;
const flatsPerBuilding = flatsPerFloor * unitsPerBuilding * floors;

/** 街道 → 社区 → 网格 → 楼 → 单元 → 户: grids as even as the numbers let them be. */
export function seedTree(pick: Picker, street: string, size: SeedSize): { areas: Area[]; grids: SeedGrid[] } {
  const areas: Area[] = [{ path: street, parent: null, kind: 'street', name: '和平街道' }];
  const grids: SeedGrid[] = [];
  const perCommunity = share(size.grids, size.communities);
  let nth = 0;
  perCommunity.forEach((count, index) => {
    const [code = `c${index}`, name = `第${index + 1}社区`] = communityNames[index] ?? [];
    const community = `${street}/${code}`;
    areas.push({ path: community, parent: street, kind: 'community', name });
    let building = 1;
    for (let grid = 1; grid <= count; grid += 1) {
      const path = `${community}/g${grid}`;
      areas.push({ path, parent: community, kind: 'grid', name: `第${grid}网格` });
      const wanted = share(size.households, size.grids)[nth++] ?? 0;
      const rooms = seedBuildings(areas, path, building, wanted);
      building += Math.ceil(wanted / flatsPerBuilding);
      grids.push({ path, community, rooms });
    }
  });
  // The order of the houses is no order of age or need.
  return { areas, grids: grids.map((grid) => ({ ...grid, rooms: shuffled(pick, grid.rooms) })) };
}

function seedBuildings(areas: Area[], grid: string, first: number, wanted: number): string[] {
  const rooms: string[] = [];
  for (let building = first; rooms.length < wanted; building += 1) {
    const path = `${grid}/${building}`;
    areas.push({ path, parent: grid, kind: 'building', name: `${building}栋` });
    for (let unit = 1; unit <= unitsPerBuilding && rooms.length < wanted; unit += 1) {
      const stairs = `${path}/${unit}`;
      areas.push({ path: stairs, parent: path, kind: 'unit', name: `${unit}单元` });
      for (let flat = 0; flat < floors * flatsPerFloor && rooms.length < wanted; flat += 1) {
        const code = `${Math.floor(flat / flatsPerFloor) + 1}0${(flat % flatsPerFloor) + 1}`;
        areas.push({ path: `${stairs}/${code}`, parent: stairs, kind: 'room', name: code });
        rooms.push(`${stairs}/${code}`);
      }
    }
  }
  return rooms;
}

/** `total` in `parts` whole shares that differ by one at most. */
export function share(total: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, nth) => Math.floor(((nth + 1) * total) / parts) - Math.floor((nth * total) / parts));
}

function shuffled<T>(pick: Picker, list: readonly T[]): T[] {
  const result = [...list];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = pick.between(0, at);
    [result[at], result[other]] = [result[other] as T, result[at] as T];
  }
  return result;
}
