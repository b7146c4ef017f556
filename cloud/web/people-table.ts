import { occupancyRoles, tags } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { limits } from '../limits.ts';
import type { Table } from '../registry/sheets/write.ts';
import type { Reader, Registry } from './needs.ts';

/** The people of an area as this reader sees them in a list, masks and all: a row for each, to print or to take along. */
export async function peopleTable(people: Registry['people'], reader: Reader, area: string): Promise<Table> {
  const rows: (string | number | null)[][] = [];
  let after: string | undefined;
  while (rows.length < limits.listedPeople) {
    const page = await people.list(reader, { area, current: true, after, limit: limits.pageSizeMax });
    for (const { name, sex, age, phone, idNumber, places, tags: own } of page.items) {
      const [place] = places;
      const sexName = sex === null ? null : sex === 'm' ? '男' : '女';
      const role = place ? occupancyRoles[place.role].zh : null;
      rows.push([name, sexName, age, phone, idNumber, place?.label ?? null, role, own.map((tag) => tags[tag].zh).join('、')]);
    }
    if (page.next === null) break;
    after = page.next;
  }
  return {
    name: '居民',
    columns: ['姓名', '性别', '年龄', '电话', '证件号码', '房屋', '关系', '标签'],
    rows: rows.slice(0, limits.listedPeople),
  };
}
