import type { Overview } from '@yihu/device-profiles/vocabulary/view.ts';

type Area = Pick<Overview['areas'][number], 'path' | 'parent' | 'kind' | 'name'>;

/** Areas as a list names them: "幸福里 3栋2单元". A name alone ("1单元") stands for hundreds in a street. */
export function namedAreas(areas: readonly Area[]): { readonly path: string; readonly name: string }[] {
  const known = new Map(areas.map((area) => [area.path, area]));
  const nameOf = ({ parent, kind, name }: Area): string => {
    if (kind !== 'grid' && kind !== 'building' && kind !== 'unit') return name;
    let above = parent === null ? undefined : known.get(parent);
    // A grid is part of the path and of no address.
    if (kind !== 'unit' && above?.kind === 'grid') above = above.parent === null ? undefined : known.get(above.parent);
    if (above === undefined) return name;
    return above.kind === 'building' ? `${nameOf(above)}${name}` : `${nameOf(above)} ${name}`;
  };
  return areas.map((area) => ({ path: area.path, name: nameOf(area) }));
}
