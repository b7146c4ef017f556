import type { FloorPlan } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { CloudApi } from './cloud-api.ts';
import { demoItems, demoSheet } from './plan.ts';

type Known = { path: string; kind: string }[];
type Devices = { items: { gateway: string; id: string; area: string }[] };

const patienceSeconds = 60;

/** Draws the community's plan once its devices have told of themselves; does nothing where it was drawn before. */
export async function drawPlan(url: string, admin: { readonly account: string; readonly password: string }): Promise<void> {
  const cloud = await CloudApi.signIn(url, admin);
  const areas = async () => (await cloud.call('GET', '/api/areas')) as Known;
  const community = (await areas()).find(({ kind }) => kind === 'community')?.path;
  if (community === undefined || ((await cloud.call('GET', '/api/floor-plans')) as unknown[]).length > 0) return;
  const devices = await devicesOf(cloud, community);
  const plan = (await cloud.call('POST', '/api/floor-plans', { area: community, ...demoSheet })) as FloorPlan;
  const items = demoItems(await areas(), devices);
  await cloud.call('PUT', `/api/floor-plans/${plan.id}/items`, { version: plan.version, items });
}

async function devicesOf(cloud: CloudApi, area: string): Promise<Devices['items']> {
  for (let second = 0; second < patienceSeconds; second += 1) {
    const { items } = (await cloud.call('GET', `/api/devices?limit=200&area=${area}`)) as Devices;
    if (items.length > 0) return items;
    await pause(1_000);
  }
  return [];
}
