import type { Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { describeWith } from '../needs.ts';
import type { FixtureServer } from './fixture-server.ts';
import { oneSeat } from './one-seat.ts';

describeWith(['chromium'], 'users on the administrator’s screen', () => {
  const seat = oneSeat('admin');
  let server: FixtureServer;
  let page: Page;
  beforeEach(async () => {
    ({ server, page } = seat());
    await page.goto(`${server.url}/property/users`);
    await page.locator('.user-table tbody tr').first().waitFor();
  });
  const sent = () => server.world.received.at(-1);

  test('somebody new is made with a password made here and a role on an area', async () => {
    await page.getByRole('button', { name: '新建用户' }).click();
    await page.fill('#user-name', '赵敏');
    await page.fill('#user-account', 'zhaomin');
    await page.getByRole('button', { name: '生成一个' }).click();
    await page.locator('.user-add-grant select').nth(1).selectOption('xingfu/xfl/g1');
    await page.getByRole('button', { name: '加一个角色' }).click();
    await page.getByRole('button', { name: '新建', exact: true }).click();
    await page.locator('.user-table').getByText('zhaomin').waitFor();
    const body = sent()?.body ?? {};
    expect(body).toMatchObject({ account: 'zhaomin', phone: null, grants: [{ area: 'xingfu/xfl/g1', role: 'grid-worker' }] });
    expect(body['password']).toMatch(/^(?:[a-z2-9]{4}-){3}[a-z2-9]{4}$/);
  });

  test('before the areas are read no role can be given, least of all everywhere; that they cannot be read is said', async () => {
    server.faults.refuse = { '/api/areas': 500 };
    await page.getByRole('button', { name: '新建用户' }).click();
    await page.locator('.user-grants .wrong').waitFor();
    expect(await page.getByRole('button', { name: '加一个角色' }).count()).toBe(0);
    server.heal();
    await page.locator('.user-grants .wrong .button').click();
    await page.getByRole('button', { name: '加一个角色' }).waitFor();
  });

  test('a role is taken away, a password reset, and somebody disabled, each with the version that was seen', async () => {
    await page.getByRole('button', { name: '修改 孙磊' }).click();
    await page.locator('.user-grants li button').first().click();
    await page.getByRole('button', { name: '保存' }).click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(sent()?.body).toMatchObject({ version: 1, grants: [{ area: 'xingfu/dxy/g1', role: 'grid-worker' }] });
    await page.getByRole('button', { name: '重置密码 孙磊' }).click();
    await page.fill('#user-password', 'a quiet phrase of his');
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(sent()?.body).toEqual({ version: 2, password: 'a quiet phrase of his' });
    await page.getByRole('button', { name: '停用 孙磊' }).click();
    await page.getByRole('button', { name: '停用', exact: true }).last().click();
    await page.locator('.user-table').getByText('sunlei').waitFor({ state: 'detached' });
    expect(sent()?.body).toEqual({ version: 3, disabled: true });
  });

  test('nobody disables themselves, and the search finds by role and by community', async () => {
    const self = page.getByRole('button', { name: '停用 系统管理员' });
    expect(await self.getAttribute('aria-disabled')).toBe('true');
    await self.click({ force: true });
    expect(await page.locator('dialog').count()).toBe(0);
    await page.getByRole('searchbox').fill('丁香苑');
    expect(await page.locator('.user-table tbody tr').count()).toBe(1);
  });
});
