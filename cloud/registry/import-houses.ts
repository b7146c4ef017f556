import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import { areaCode, areaName } from './areas.ts';
import { codeOf } from './grids.ts';
import type { CellIssue, ReadRow } from './import-cells.ts';
import { roomTail } from './search.ts';

/** Where a row's house is: found, or to be made (with the stairwell it lies in, where that is missing too). */
export interface FoundHouse {
  readonly path: string;
  readonly make: readonly Area[];
}

/** The houses of an area, to be found by what a table calls them. */
export interface HouseFinder {
  find(house: ReadRow['house']): FoundHouse | CellIssue;
  /** What was made is there for the rows that follow. */
  add(areas: readonly Area[]): void;
}

/** `areas`: everything below the area of the import, in any order. */
export function houseFinder(areas: readonly Area[], makeHouses: boolean): HouseFinder {
  const byPath = new Map(areas.map((area) => [area.path, area]));
  const buildings = new Map<string, Area[]>();
  const units = new Map<string, number>();
  const rooms = new Map<string, string[]>();
  const add = (list: readonly Area[]): void => {
    for (const area of list) {
      byPath.set(area.path, area);
      if (area.kind === 'building') put(buildings, codeOf(area.path), area);
      if (area.kind === 'unit') units.set(area.parent ?? '', (units.get(area.parent ?? '') ?? 0) + 1);
      if (area.kind === 'room') put(rooms, `${buildingOf(area.path, byPath)} ${codeOf(area.path)}`, area.path);
    }
  };
  // Buildings before what stands in them, so that a flat finds its own.
  add([...areas].sort((a, b) => a.path.length - b.path.length));
  const communities = areas.filter(({ kind }) => kind === 'community' || kind === 'grid').map(({ name }) => name);

  const find = (house: ReadRow['house']): FoundHouse | CellIssue => {
    const words = wordsOf(house, communities);
    if (words === null) return { field: house.whole === '' ? 'building' : 'house', message: unreadable };
    const [building, ...others] = (buildings.get(areaCode(words.building, 'building')) ?? []).map(({ path }) => path);
    if (building === undefined) return { field: fieldOf(house), message: noBuilding };
    if (others.length > 0) return { field: fieldOf(house), message: twoBuildings };
    if (words.unit === '') return withoutUnit(building, words.room);
    return below(building, words.unit, words.room);
  };

  const withoutUnit = (building: string, room: string): FoundHouse | CellIssue => {
    const known = rooms.get(`${building} ${areaCode(room, 'room')}`) ?? [];
    if (known.length === 1 && known[0] !== undefined) return { path: known[0], make: [] };
    if (known.length > 1 || (units.get(building) ?? 0) > 0) return { field: 'unit', message: noUnit };
    return make(building, room, []);
  };
  const below = (building: string, unit: string, room: string): FoundHouse | CellIssue => {
    const path = `${building}/${areaCode(unit, 'unit')}`;
    const stairs: Area[] = byPath.has(path) ? [] : [{ path, parent: building, kind: 'unit', name: areaName(unit, 'unit') }];
    return make(path, room, stairs);
  };
  const make = (parent: string, room: string, stairs: readonly Area[]): FoundHouse | CellIssue => {
    const path = `${parent}/${areaCode(room, 'room')}`;
    if (byPath.has(path)) return { path, make: [] };
    if (!makeHouses) return { field: 'room', message: noRoom };
    return { path, make: [...stairs, { path, parent, kind: 'room', name: areaName(room, 'room') }] };
  };
  return { find, add };
}

function put<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key) ?? [];
  list.push(value);
  map.set(key, list);
}

function buildingOf(path: string, areas: ReadonlyMap<string, Area>): string {
  for (let at = path; at.includes('/'); at = at.slice(0, at.lastIndexOf('/'))) if (areas.get(at)?.kind === 'building') return at;
  return '';
}

/** Three columns, or one that holds it all. */
function wordsOf(
  house: ReadRow['house'],
  communities: readonly string[],
): { building: string; unit: string; room: string } | null {
  if (house.building !== '' && house.room !== '') return { building: house.building, unit: house.unit, room: house.room };
  const named = communities.reduce((text, name) => (text.startsWith(name) ? text.slice(name.length) : text), house.whole);
  const [first, second, third] = roomTail(named.trim()) ?? [];
  if (first === undefined || second === undefined) return null;
  return third === undefined ? { building: first, unit: '', room: second } : { building: first, unit: second, room: third };
}

function fieldOf(house: ReadRow['house']): 'house' | 'building' {
  return house.building === '' ? 'house' : 'building';
}

const unreadable: Text = {
  zh: '看不出是哪户：请填楼栋、单元、房号，或写成 3栋2单元502。',
  en: 'It is not clear which house: fill in building, stairwell and flat, or write 3-2-502.',
};
const noBuilding: Text = {
  zh: '这里没有这栋楼。请核对楼号，或先在区域里新建楼栋。',
  en: 'There is no such building here. Check its number, or make the building first.',
};
const twoBuildings: Text = {
  zh: '有两栋同号的楼。请把导入范围选到社区或网格。',
  en: 'Two buildings have this number. Import into one community or grid.',
};
const noUnit: Text = { zh: '缺少单元：这栋楼有几个单元。', en: 'The stairwell is missing: this building has several.' };
const noRoom: Text = {
  zh: '没有这户。请核对房号，或允许新建房屋。',
  en: 'There is no such flat. Check it, or let houses be made.',
};
