import type { CloudApi } from './cloud-api.ts';
import { demoBuildings, demoPeople, demoTable } from './people.ts';

const community = 'xingfu/xfl';
const gridOf: Readonly<Record<string, string>> = { '1': 'g1', '2': 'g1', '3': 'g2' };
const pathOf = (building: string): string => `${community}/${gridOf[building] ?? 'g1'}/${building}`;

/** Buildings in their grids, who answers for them, and the people who live there: what an administrator and a property manager bring. */
export async function fillRegistry(admin: CloudApi, property: CloudApi): Promise<number> {
  for (const building of demoBuildings)
    await admin.call('POST', '/api/areas', { path: pathOf(building), kind: 'building', name: `${building}栋` });
  for (const [nth, post] of posts().entries()) await admin.call('POST', '/api/posts', { ...post, key: `demo-post-${nth + 1}` });
  await giveTelephones(admin);
  const people = demoPeople();
  await importTable(property, demoTable(people));
  return people.length;
}

function posts(): { area: string; post: string; name: string; phone: string }[] {
  const grids = ['g1', 'g2'].flatMap((grid, nth) => [
    { area: `${community}/${grid}`, post: 'grid-leader', name: ['周明', '吴燕'][nth] ?? '', phone: `1609000000${nth}` },
    { area: `${community}/${grid}`, post: 'grid-police', name: ['高警官', '林警官'][nth] ?? '', phone: `1609000001${nth}` },
  ]);
  const heads = demoBuildings.flatMap((building, nth) => [
    { area: pathOf(building), post: 'building-head', name: ['孙师傅', '何阿姨', '郭老师'][nth] ?? '', phone: `1609000002${nth}` },
    {
      area: pathOf(building),
      post: 'party-household',
      name: ['马建国', '罗秀英', '唐志强'][nth] ?? '',
      phone: `1609000003${nth}`,
    },
  ]);
  return [...grids, ...heads];
}

interface UserView {
  readonly id: string;
  readonly account: string;
  readonly version: number;
}

/** So that a message for the people on duty has somewhere to go. */
async function giveTelephones(admin: CloudApi): Promise<void> {
  const users = (await admin.call('GET', '/api/users')) as UserView[];
  for (const [nth, { id, version }] of users.entries())
    await admin.call('PATCH', `/api/users/${id}`, { version, phone: `160910000${String(nth).padStart(2, '0')}` });
}

interface ImportView {
  readonly id: string;
  readonly columns: readonly { readonly index: number; readonly guess: string | null }[];
  readonly counts: Readonly<Record<string, number>> | null;
}

async function importTable(property: CloudApi, table: string): Promise<void> {
  const staged = (await property.call('POST', `/api/imports?area=${community}`, table, 'text/csv')) as ImportView;
  const mapping = Object.fromEntries(staged.columns.flatMap(({ index, guess }) => (guess === null ? [] : [[guess, index]])));
  const plan = { mapping, source: 'property', basis: 'contract', role: 'owner', makeHouses: true };
  const checked = (await property.call('POST', `/api/imports/${staged.id}/check`, plan)) as ImportView;
  if ((checked.counts?.['error'] ?? 0) > 0)
    throw new Error(`the table of residents has errors: ${JSON.stringify(checked.counts)}`);
  await property.call('POST', `/api/imports/${staged.id}/run`, {});
}
