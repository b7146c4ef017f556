import type { Role } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Within } from './areas-records.ts';
import { type Grant, roleOn } from './rights.ts';

/** Who asks the registry, with the areas this question may reach. */
export interface Reader {
  readonly id: string;
  readonly grants: readonly Grant[];
  readonly scope: Within;
}

/** Who works with people day by day and so sees their names whole, there. */
const companions: readonly Role[] = ['grid-worker', 'property'];

/** Who goes to those who need help. */
const carers: readonly Role[] = ['grid-worker'];

export function actsOn(reader: Reader, roles: readonly Role[], areas: readonly string[]): boolean {
  return areas.some((area) => roleOn(reader.grants, roles, area) !== null);
}

export function seesNames(reader: Reader, areas: readonly string[]): boolean {
  return actsOn(reader, companions, areas);
}

export function seesNeeds(reader: Reader, areas: readonly string[]): boolean {
  return actsOn(reader, carers, areas);
}
