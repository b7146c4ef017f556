import { either } from './either.ts';
import type { FixtureServer } from './fixture-server.ts';
import type { ScreenState } from './states.ts';

/** The manager's notices, and the administrator's connections to other systems. */
const notices = { path: '/property/notices', as: 'property' } as const;
const notice = { path: '/property/notices/n-water', as: 'property' } as const;

const stalled = (path: string) => (server: FixtureServer) => void server.faults.stall.push(path);
const refused =
  (path: string, status = 500) =>
  (server: FixtureServer) =>
    void (server.faults.refuse = { [path]: status });

/** Nothing is heard of a list that was read once: it stands, with its time. */
function lost(path: string): NonNullable<ScreenState['act']> {
  return async (page, server) => {
    await page.locator('.line').first().waitFor();
    refused(path)(server);
    await page.locator('.band.kept').waitFor({ timeout: 30_000 });
  };
}

export const noticeStates: ScreenState[] = [
  { ...notices, name: 'notices', ready: '.notice-line' },
  { ...notices, name: 'notices-worker', as: 'worker', ready: '.notice-line' },
  { ...notices, name: 'notices-loading', given: stalled('/api/notices'), ready: '.skeleton' },
  { ...notices, name: 'notices-failed', given: refused('/api/notices'), ready: '.panel-state' },
  { ...notices, name: 'notices-forbidden', given: refused('/api/notices', 404), ready: '.panel-state' },
  { ...notices, name: 'notices-empty', given: ({ world }) => void (world.notices = []), ready: '.panel-state' },
  {
    ...notices,
    name: 'notices-empty-filter',
    ready: '.panel-state',
    act: (page) => page.getByRole('searchbox').fill('没有这样的'),
  },
  { ...notices, name: 'notices-kept-stale', ready: '.band.kept', act: lost('/api/notices') },
  { ...notices, name: 'notices-new', ready: 'dialog[open] form', act: (page) => page.locator('.windows-head .button').click() },
  {
    ...notices,
    name: 'notices-new-reach',
    ready: '.reach strong',
    act: async (page) => {
      await page.locator('.windows-head .button').click();
      await page.fill('#notice-title', '周五上午停水');
      await page.fill('#notice-text', '周五 9:00–12:00 停水，请提前存水。');
      await page.locator('.area-pick select').first().selectOption('xingfu');
      await page.locator('.area-pick select').nth(1).selectOption('xingfu/xfl');
      await page.locator('.notice-times input[type="radio"]').nth(1).check();
    },
  },
  {
    ...notices,
    name: 'notices-new-missing',
    ready: 'dialog[open] .wrong[role="alert"]',
    act: async (page) => {
      await page.locator('.windows-head .button').click();
      await page.getByRole('button', { name: either('发布', 'Publish') }).click();
    },
  },
  { ...notice, name: 'notice', ready: '.building-line' },
  { ...notice, name: 'notice-admin', as: 'admin', ready: '.building-line' },
  {
    ...notice,
    name: 'notice-homes',
    ready: '.homes li',
    act: (page) => page.getByRole('button', { name: either('看哪几户：幸福里 2栋', 'Which homes: 幸福里 2栋') }).click(),
  },
  { ...notice, name: 'notice-no-homes', given: ({ world }) => void (world.noBuildings = true), ready: '.panel-state' },
  { ...notice, name: 'notice-withdrawn', path: '/property/notices/n-wrong', ready: '.building-line' },
  { ...notice, name: 'notice-withdraw', ready: 'dialog[open]', act: (page) => page.locator('.head-acts .button').click() },
  { ...notice, name: 'notice-missing', path: '/property/notices/none', ready: '.panel-state' },
];

const keys = { path: '/property/links/keys', as: 'admin' } as const;
const hooks = { path: '/property/links/webhooks', as: 'admin' } as const;
const hook = { path: '/property/links/webhooks/hook-street', as: 'admin' } as const;
const cap = { path: '/property/links/warnings', as: 'property' } as const;

const press =
  (zh: string, en: string): NonNullable<ScreenState['act']> =>
  (page) =>
    page
      .getByRole('button', { name: either(zh, en) })
      .first()
      .click();

/** Enter in a form of which nothing is filled in, or a right given and the form sent. */
const makeKey: NonNullable<ScreenState['act']> = async (page) => {
  await page.getByRole('button', { name: either('新建密钥', 'New key') }).click();
  await page.fill('#key-name', '气象台');
  await page.locator('.area-pick select').first().selectOption('xingfu');
  await page.getByRole('checkbox', { name: either('读取预警（CAP）', 'read warnings (CAP)') }).check();
  await page.getByRole('button', { name: either('新建', 'Create') }).click();
};

export const linkStates: ScreenState[] = [
  { ...keys, name: 'keys', ready: '.key-line' },
  { ...keys, name: 'keys-loading', sameAs: 'notices-loading', given: stalled('/api/keys'), ready: '.skeleton' },
  { ...keys, name: 'keys-failed', sameAs: 'notices-failed', given: refused('/api/keys'), ready: '.panel-state' },
  { ...keys, name: 'keys-forbidden', as: 'property', ready: '.panel-state' },
  { ...keys, name: 'keys-empty', given: ({ world }) => void (world.links.keys = []), ready: '.panel-state' },
  {
    ...keys,
    name: 'keys-empty-filter',
    sameAs: 'notices-empty-filter',
    ready: '.panel-state',
    act: (page) => page.getByRole('searchbox').fill('查无此钥'),
  },
  { ...keys, name: 'keys-kept-stale', ready: '.band.kept', act: lost('/api/keys') },
  {
    ...keys,
    name: 'keys-ended',
    ready: '.key-line.past',
    act: (page) => page.getByRole('checkbox', { name: either('含已失效', 'with ended ones') }).check(),
  },
  { ...keys, name: 'keys-new', ready: 'dialog[open] form', act: press('新建密钥', 'New key') },
  {
    ...keys,
    name: 'keys-new-missing',
    ready: 'dialog[open] .wrong[role="alert"]',
    act: async (page) => {
      await page.getByRole('button', { name: either('新建密钥', 'New key') }).click();
      await page.keyboard.press('Enter');
    },
  },
  { ...keys, name: 'keys-made', ready: '.secret-dialog .copied', act: makeKey },
  {
    ...keys,
    name: 'keys-revoke',
    sameAs: 'notice-withdraw',
    ready: 'dialog[open]',
    act: press('吊销 电梯维保单位', 'Revoke 电梯维保单位'),
  },
  { ...hooks, name: 'webhooks', ready: '.hook-line' },
  { ...hooks, name: 'webhooks-loading', sameAs: 'notices-loading', given: stalled('/api/webhooks'), ready: '.skeleton' },
  { ...hooks, name: 'webhooks-failed', sameAs: 'notices-failed', given: refused('/api/webhooks'), ready: '.panel-state' },
  { ...hooks, name: 'webhooks-forbidden', sameAs: 'keys-forbidden', as: 'property', ready: '.panel-state' },
  { ...hooks, name: 'webhooks-empty', given: ({ world }) => void (world.links.webhooks = []), ready: '.panel-state' },
  {
    ...hooks,
    name: 'webhooks-empty-filter',
    sameAs: 'notices-empty-filter',
    ready: '.panel-state',
    act: (page) => page.getByRole('searchbox').fill('无'),
  },
  { ...hooks, name: 'webhooks-kept', ready: '.band.kept', act: lost('/api/webhooks') },
  { ...hooks, name: 'webhooks-new', ready: 'dialog[open] form', act: press('新建推送', 'New webhook') },
  { ...hook, name: 'webhook', ready: '.event-line' },
  {
    ...hook,
    name: 'webhook-waiting',
    ready: '.event-line',
    act: (page) => page.getByRole('radio', { name: /^(排队|Waiting)/ }).check(),
  },
  {
    ...hook,
    name: 'webhook-taken',
    ready: '.event-line',
    act: (page) => page.getByRole('radio', { name: either('已送达', 'Taken') }).check(),
  },
  { ...hook, name: 'webhook-paused', path: '/property/links/webhooks/hook-own', ready: '.hook-acts .strong' },
  { ...hook, name: 'webhook-pause', sameAs: 'notice-withdraw', ready: 'dialog[open]', act: press('暂停', 'Pause') },
  { ...hook, name: 'webhook-remove', sameAs: 'notice-withdraw', ready: 'dialog[open]', act: press('删除', 'Delete') },
  { ...hook, name: 'webhook-missing', sameAs: 'notice-missing', path: '/property/links/webhooks/none', ready: '.panel-state' },
  { ...cap, name: 'warnings', ready: '.cap-line' },
  { ...cap, name: 'warnings-admin', as: 'admin', ready: '.cap-line' },
  { ...cap, name: 'warnings-loading', sameAs: 'notices-loading', given: stalled('/api/cap'), ready: '.skeleton' },
  { ...cap, name: 'warnings-failed', sameAs: 'notices-failed', given: refused('/api/cap'), ready: '.panel-state' },
  { ...cap, name: 'warnings-forbidden', sameAs: 'notices-forbidden', given: refused('/api/cap', 404), ready: '.panel-state' },
  { ...cap, name: 'warnings-empty', given: ({ world }) => void (world.links.cap = []), ready: '.panel-state' },
  {
    ...cap,
    name: 'warnings-empty-filter',
    sameAs: 'notices-empty-filter',
    ready: '.panel-state',
    act: (page) => page.getByRole('searchbox').fill('无'),
  },
  { ...cap, name: 'warnings-kept-stale', ready: '.band.kept', act: lost('/api/cap') },
];
