import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { sql } from 'kysely';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../cloud/records/database.ts';
import { readRunFile } from '../../cloud/run-file.ts';
import { type RegisterServer, registerServer } from '../gateway/modbus/register-server.ts';
import { describeWith } from '../needs.ts';
import { screensAreBuilt } from '../stories/built-screens.ts';
import { type Api, Community } from '../stories/community.ts';
import { until } from '../stories/programs.ts';
import { openBrowser, openPage } from './browser.ts';

const patience = { timeout: 60_000 };
const minute = 60_000;
/** Fourteen times in the last seven days it was 32 ℃ for half an hour; otherwise 25. */
const times = 14;

/** A manager at the screen, a cloud and a gateway as people run them, and a thermometer on a wire. */
describeWith(['chromium'], 'a limit tried on seven days, sent, applied and taken back', () => {
  let community: Community;
  let server: RegisterServer;
  let database: Database;
  let browser: Browser;
  let page: Page;
  let errors: string[];
  let manager: Api;

  beforeAll(async () => {
    await screensAreBuilt();
    [community, browser] = await Promise.all([Community.make('limits'), openBrowser()]);
    server = await registerServer('tcp', (close) => community.programs.atEnd(close));
    server.holding.set(0, 500).set(1, 385);
    await community.writeSite({
      ports: [{ id: 'room', driver: 'modbus', host: '127.0.0.1', port: server.port }],
      devices: [
        {
          id: 'climate-1',
          profile: 'generic.rs-ws',
          port: 'room',
          address: { unit: 1 },
          name: '配电间',
          place: { building: '1' },
        },
      ],
    });
    await community.startCloud();
    await community.claim();
    await community.startGateway();
    const running = await readRunFile(join(community.programs.folder, 'cloud'));
    if (running === null) throw new Error('no cloud');
    database = openDatabase(running.connection);
    await until('the first reading', remember);
    manager = await community.signIn('property');
    ({ page, errors } = await openPage(browser));
    const { account, password } = community.account('property');
    await page.goto(`${community.url}/property/rules?device=${community.gatewayId}/climate-1`);
    await page.fill('#account', account);
    await page.fill('#password', password);
    await page.keyboard.press('Enter');
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await database?.close();
    await community?.dispose();
  }, 60_000);

  /** A week of readings beside the first that came by the wire. */
  async function remember(): Promise<boolean> {
    const { numAffectedRows = 0n } = await sql`insert into telemetry (device, log, seq, at, readings)
      select first.device, first.log, -n, ${Date.now()}::bigint - n * ${10 * minute}::bigint,
        jsonb_build_object('humidity', 50, 'temperature', case when n % 60 < 3 and n < ${60 * times} then 32 else 25 end)
      from (select device, log from telemetry limit 1) first, generate_series(1, 1000) n`.execute(database.db);
    return numAffectedRows > 0n;
  }

  const alarms = async () => (await manager.get<{ items: Alarm[] }>('/api/alarms?open=true')).items.map(({ alarm }) => alarm);
  const row = () => page.locator('.rule-list li', { hasText: '配电间温度过高' });

  test(
    '“would have fired 14 times” → signed and sent → applied by the gateway → shown; the next poll is judged by it',
    { timeout: 120_000 },
    async () => {
      await row().filter({ hasText: '高于 40' }).waitFor(patience);
      expect(await alarms()).toEqual([]);
      await page.getByRole('button', { name: '调整 配电间温度过高' }).click();
      await page.fill('#rule-limit', '30');
      await page.fill('#rule-clear', '28');
      await page.fill('#rule-hold', '5');
      await page.locator('.rule-would strong', { hasText: `会触发 ${times} 次` }).waitFor(patience);
      expect(await page.locator('.rule-would').innerText()).toContain('现在的阈值：0 次');
      // What is sent waits for nothing; the thermometer shows 38.5 ℃.
      await page.fill('#rule-hold', '0');
      await page.locator('.rule-would').waitFor(patience);
      const before = readFileSync(community.site, 'utf8');
      await page.keyboard.press('Enter');
      await row().locator('.rule-sent', { hasText: '已生效' }).waitFor(patience);
      await row().filter({ hasText: '高于 30' }).waitFor(patience);
      const after = readFileSync(community.site, 'utf8');
      expect(before).not.toContain('limit: 30');
      expect(after).toContain('limit: 30');
      // No line was cut for it; the next poll is judged by the new limit.
      expect(server.connections).toBe(1);
      await until('the alarm of the new limit', async () => (await alarms()).includes('hot_room'), 60_000, 1_000);
    },
  );

  test('taken back by one press: the old limit holds on the gateway and on the screen', { timeout: 120_000 }, async () => {
    await page.getByRole('button', { name: '撤销 配电间温度过高' }).click();
    await row().filter({ hasText: '高于 40' }).waitFor(patience);
    await row().locator('.rule-sent', { hasText: '已生效' }).waitFor(patience);
    const file = readFileSync(community.site, 'utf8');
    expect(file).not.toContain('limit: 30');
    expect(errors).toEqual([]);
  });
});
