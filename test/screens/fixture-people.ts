import type { IncidentPeople, PersonAtRisk } from '@yihu/device-profiles/vocabulary/registry-person.ts';

const home = 'xingfu/xfl/g1/3/2/502';

function person(id: string, name: string, some: Partial<PersonAtRisk>): PersonAtRisk {
  return { id, name, age: null, phone: null, contact: null, needs: [], area: home, label: '幸福里 3栋2单元502', ...some };
}

/** Who lives where the fire is; the building head needs help herself, and is one person. */
export function peopleOfFire(): IncidentPeople {
  const son = { name: '王小明', phone: '13900002222', relation: '儿子' };
  return {
    incident: 'i-fire',
    reach: 'xingfu/xfl/g1/3',
    household: [
      person('h-1', '王建国', { age: 81, phone: '13800001111', contact: son, needs: ['alone', 'oxygen'] }),
      person('h-2', '李秀英', { age: 79 }),
    ],
    atRisk: [person('h-3', '刘桂芳', { age: 72, phone: '13800003333', needs: ['wheelchair'], label: '幸福里 3栋1单元201' })],
    posts: [
      { id: 'post-1', post: 'building-head', name: '刘桂芳', phone: '13800003333', areaName: '3栋', person: 'h-3' },
      { id: 'post-2', post: 'grid-leader', name: '周敏', phone: '13700004444', areaName: '第一网格', person: null },
      { id: 'post-3', post: 'party-secretary', name: '周敏', phone: '13700004444', areaName: '第一网格', person: null },
    ],
  };
}

/** The registry knows nobody there. */
export function nobody(incident: string): IncidentPeople {
  return { incident, reach: '', household: [], atRisk: [], posts: [] };
}
