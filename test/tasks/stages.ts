import { searchText } from '@yihu/device-profiles/library/search-text.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { sql } from 'kysely';
import { systemClock } from '../../cloud/clock.ts';
import { sitePushRecords } from '../../cloud/records/site-pushes.ts';
import { newKey } from '../cloud/web/world.ts';
import { openPage } from '../screens/browser.ts';
import type { Desk } from './dispatcher.ts';
import type { LiveGateway } from './gateway.ts';
import type { Hands } from './hands.ts';
import type { Office } from './manager.ts';
import { password, type Town } from './town.ts';

/** What the manager's tasks are about, found in the street. */
export async function officeIn(town: Town): Promise<Office> {
  const { database } = town;
  // As its gateway says when it is connected; without that nothing can be sent to it.
  await sitePushRecords(database.db).said('gw-seed-1', { sha256: 'a'.repeat(64), version: 0 }, systemClock.now());
  const one = async (where: ReturnType<typeof sql>): Promise<{ id: string; place: string }> => {
    const { rows } = await sql<{ id: string; place: string }>`select id, place_text as place from device
      where gateway = 'gw-seed-1' and ${where} order by id limit 1`.execute(database.db);
    if (rows[0] === undefined) throw new Error('the street has no such device');
    return rows[0];
  };
  const [door, metered, some] = [
    await one(sql`category = 'access.controller'`),
    await one(sql`id = 'seed-1-1'`),
    await one(sql`category = 'meter.water'`),
  ];
  const first = await town.open('manager');
  await first.waitForURL('**/property/**', { timeout: 60_000 });
  const open = async () => {
    const page = await first.context().newPage();
    await page.goto(`${town.url}/property/`);
    return page;
  };
  return {
    url: town.url,
    open,
    atDoor: async () => {
      const { page } = await openPage(town.chromium, { width: 1366 });
      await page.goto(town.url);
      return { page, account: 'manager', password };
    },
    door,
    metered: { typed: metered.place.replace(/\s+/g, ''), rule: '探测器电量偏低', limit: '30' },
    home: { typed: searchText([some.place]).split('\n').at(-1) ?? '', place: some.place },
  };
}

/** Alarms come from `gateway`, where there is a real one, or are laid into the cloud as its uplink would. */
export async function deskIn(town: Town, gateway?: Pick<LiveGateway, 'raise'>): Promise<Desk> {
  const page = await town.open('desk');
  await page.locator('[data-whole="true"]').waitFor({ timeout: 60_000 });
  return {
    page,
    raise: () => (gateway ?? town).raise(),
    notices: gateway === undefined ? 1 : 20,
    openNext: () => town.open('desk-2'),
    setOut: async () => {
      const { items } = (await town.as.desk.call<{ items: TaskSummary[] }>('GET', '/api/tasks')).body;
      const task = items.find(({ kind, state }) => kind === 'dispatch' && state === 'offered');
      const worker = town.workers.get(task?.person ?? '');
      if (task === undefined || worker === undefined) throw new Error(`nobody we know was sent: ${JSON.stringify(task)}`);
      const moved = await worker.call('POST', `/api/me/tasks/${task.id}/moves`, { move: 'set-out', key: newKey() });
      if (moved.status !== 200) throw new Error(JSON.stringify(moved.body));
    },
  };
}

export async function handsIn(town: Town): Promise<Hands> {
  const { rows } = await sql<{ area: string }>`select area from person_seat where starts_with(area, ${`${town.grid}/`})
    group by area having count(*) >= 2 order by area limit 1`.execute(town.database.db);
  const phone = await town.open('worker-1', { width: 390, height: 844 });
  await phone.locator('[data-duty]').waitFor({ timeout: 60_000 });
  const { chromium, provider, as } = town;
  return { chromium, provider, desk: as.desk, worker: as.worker, home: rows[0]?.area ?? '', phone };
}
