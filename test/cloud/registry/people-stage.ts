import { afterAll, beforeAll } from 'vitest';
import type { AreaKind } from '@yihu/device-profiles/vocabulary/place.ts';
import type { Role } from '@yihu/device-profiles/vocabulary/view.ts';
import { systemClock } from '../../../cloud/clock.ts';
import { type Database, openMigratedDatabase } from '../../../cloud/records/database.ts';
import { houseRecords } from '../../../cloud/records/houses.ts';
import { importRecords } from '../../../cloud/records/imports.ts';
import { mergeRecords } from '../../../cloud/records/merges.ts';
import { peopleRecords } from '../../../cloud/records/people.ts';
import { shareRecords } from '../../../cloud/records/sharing.ts';
import { newRing } from '../../../cloud/registry/key-file.ts';
import type { PlainPerson } from '../../../cloud/registry/person-check.ts';
import type { NewPerson } from '../../../cloud/registry/people.ts';
import type { Reader } from '../../../cloud/registry/reader.ts';
import { createRegistry, type Registry, type RegistryDesk } from '../../../cloud/registry/registry.ts';
import type { Said } from '../../../cloud/registry/said.ts';
import { createSealer, type Sealer } from '../../../cloud/registry/sealing.ts';
import { makeDatabase, type Server } from '../records/servers.ts';

export const t0 = Date.UTC(2026, 10, 23, 2, 0, 0);
export const xfl = 'xingfu/xfl';

/** Two communities: 幸福里 with two grids and four houses of two flats, 大华苑 with one. */
const tree: readonly [string, AreaKind, string][] = [
  ['xingfu', 'street', '幸福街道'],
  [xfl, 'community', '幸福里'],
  [`${xfl}/g1`, 'grid', '第一网格'],
  [`${xfl}/g1/3`, 'building', '3栋'],
  [`${xfl}/g1/3/2`, 'unit', '2单元'],
  [`${xfl}/g1/3/2/501`, 'room', '501'],
  [`${xfl}/g1/3/2/502`, 'room', '502'],
  [`${xfl}/g1/3/2/602`, 'room', '602'],
  [`${xfl}/g1/4`, 'building', '4栋'],
  [`${xfl}/g1/4/101`, 'room', '101'],
  [`${xfl}/g2`, 'grid', '第二网格'],
  [`${xfl}/g2/7`, 'building', '7栋'],
  [`${xfl}/g2/7/1`, 'unit', '1单元'],
  [`${xfl}/g2/7/1/301`, 'room', '301'],
  ['xingfu/dhy', 'community', '大华苑'],
  ['xingfu/dhy/g1', 'grid', '大华网格'],
  ['xingfu/dhy/g1/1', 'building', '1栋'],
  ['xingfu/dhy/g1/1/101', 'room', '101'],
];

export const house = {
  a501: `${xfl}/g1/3/2/501`,
  a502: `${xfl}/g1/3/2/502`,
  a602: `${xfl}/g1/3/2/602`,
  b101: `${xfl}/g1/4/101`,
  c301: `${xfl}/g2/7/1/301`,
  far: 'xingfu/dhy/g1/1/101',
} as const;

export function reader(role: Role, area: string, id = `u-${role}`): Reader {
  return { id, grants: [{ area, role }], scope: { areas: [area] } };
}

export const worker = reader('grid-worker', `${xfl}/g1`);
export const keeper = reader('property', xfl);
export const dispatcher = reader('dispatcher', 'xingfu');

const nobody: PlainPerson = {
  name: '',
  idKind: 'resident',
  idNumber: null,
  phone: null,
  sex: null,
  birth: null,
  contact: null,
  needs: [],
};

let keys = 0;
export const newKey = (): string => `key-${String((keys += 1)).padStart(8, '0')}`;

/** What somebody types of a new person. */
export function typed(name: string, area: string, more: Partial<PlainPerson> = {}, rest: Partial<NewPerson> = {}): NewPerson {
  return {
    person: { ...nobody, name, ...more },
    tags: [],
    home: { area, role: 'owner', organisation: null, fromAt: null },
    provenance: { source: 'door', basis: 'duty' },
    key: newKey(),
    ...rest,
  };
}

export function value<T>(answer: Said<T>): T {
  if (answer.ok) return answer.value;
  throw new Error(JSON.stringify(answer));
}

export interface PeopleStage {
  readonly database: Database;
  readonly registry: Registry;
  readonly sealer: Sealer;
  readonly desk: RegistryDesk;
  now: number;
}

/** One database for the whole suite: its tests keep to houses or names of their own. */
export function usePeople(start: () => Promise<Server>): PeopleStage {
  const stage: { current: PeopleStage | null } = { current: null };
  let close: () => Promise<void>;
  beforeAll(async () => {
    const server = await start();
    const own = await makeDatabase(server.connection, server.template);
    const database = await openMigratedDatabase(own.connection);
    const areas = tree.map(([path, kind, name]) => {
      const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : null;
      return { path, parent, kind, name };
    });
    await database.db.insertInto('area').values(areas).execute();
    const sealer = createSealer(newRing(t0));
    const clock = { ...systemClock, now: () => stage.current?.now ?? t0 };
    const { db } = database;
    const records = {
      records: peopleRecords(db),
      houses: houseRecords(db, clock),
      imports: importRecords(db),
      merges: mergeRecords(db),
    };
    const desk = { ...records, shares: shareRecords(db, clock), sealer, clock, timeZone: 'Asia/Shanghai' };
    stage.current = { database, registry: createRegistry(desk), sealer, desk, now: t0 };
    close = async () => {
      await database.close();
      await own.drop();
      await server.stop();
    };
  });
  afterAll(() => close());
  return new Proxy({} as PeopleStage, {
    get: (_target, key) => Reflect.get(stage.current ?? {}, key) as unknown,
    set: (_target, key, next) => Reflect.set(stage.current ?? {}, key, next),
  });
}
