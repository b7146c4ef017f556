import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { type Child, startChild } from '../../demo/child.ts';
import { freePort } from '../../demo/ports.ts';
import { setupCodeIn } from '../../gateway/web/access-file.ts';
import { openPage } from '../screens/browser.ts';
import { claim } from './gateway.ts';
import type { Plant } from './installer.ts';
import { password, type Town } from './town.ts';

const id = 'gw-plant';
const patience = { timeout: 120_000 };

/** Meter 11 is on the wire and on the site, 12 on the site with its wire cut, 13 on the wire and on no site. */
export async function plantIn(town: Town): Promise<Plant> {
  const folder = path.join(town.folder, 'plant');
  mkdirSync(path.join(folder, 'sim'), { recursive: true });
  const [wire, local] = await Promise.all([freePort(0), freePort(0)]);
  const simulated = site(folder, 'simulated.yaml', { wire, local, units: [11, 13], more: { uplink: 'off' } });
  const own = site(folder, 'gateway.yaml', { wire, local, units: [11, 12] });
  await claim(town, id, own, folder);
  const children: Child[] = [];
  for (const [name, args] of [
    ['simulator', ['simulate', simulated]],
    ['gateway', ['run', own, '--log-level', 'warn']],
  ] as const) {
    const child = startChild(name, ['gateway/bin/yihu-gateway.js', ...args, '--json'], folder);
    children.push(child);
    town.beforeClose.unshift(async () => {
      child.process.kill('SIGTERM');
      await child.ended;
    });
    await child.started;
  }
  const url = `http://127.0.0.1:${local}`;
  const { page } = await openPage(town.chromium, { width: 390, height: 844 });
  await page.goto(url);
  await page.locator('#code:focus').waitFor(patience);
  await page.fill('#code', (await setupCodeIn(path.join(folder, 'data', 'local'))) ?? '');
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
  await page.locator('.port').first().waitFor(patience);
  const desk = await town.open('desk-2');
  await desk.locator('.desk').waitFor(patience);
  return {
    page,
    url,
    unknown: { unit: 13 },
    silent: { id: 'meter-12', name: '12 号表' },
    answerTest: async (device) => {
      const strip = desk.locator('.test-strip', { hasText: device });
      await strip.waitFor(patience);
      await page.locator('[data-step="shown"]').waitFor(patience);
      await strip.getByRole('button').click(patience);
    },
  };
}

interface Wanted {
  readonly wire: number;
  readonly local: number;
  readonly units: readonly number[];
  readonly more?: object;
}

function site(folder: string, name: string, { wire, local, units, more = {} }: Wanted): string {
  const file = path.join(folder, name);
  const document = {
    schema: 'yihu-site/1',
    gateway: { id, name: '配电间网关' },
    data: 'data',
    listen: `127.0.0.1:${local}`,
    ...more,
    ports: [{ id: 'meters', driver: 'line', mode: 'tcp', host: '127.0.0.1', port: wire, baud: 9600 }],
    devices: units.map((unit) => ({
      id: `meter-${unit}`,
      profile: 'chint.ddsu666',
      port: 'meters',
      address: { unit },
      name: `${unit} 号表`,
      place: { building: '1', room: String(unit) },
    })),
  };
  writeFileSync(file, stringify(document));
  return file;
}
