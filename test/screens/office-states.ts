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
      await page.getByRole('radio', { name: '定时发布' }).check();
    },
  },
  {
    ...notices,
    name: 'notices-new-missing',
    ready: 'dialog[open] .wrong[role="alert"]',
    act: async (page) => {
      await page.locator('.windows-head .button').click();
      await page.getByRole('button', { name: '发布', exact: true }).click();
    },
  },
  { ...notice, name: 'notice', ready: '.building-line' },
  { ...notice, name: 'notice-admin', as: 'admin', ready: '.building-line' },
  {
    ...notice,
    name: 'notice-homes',
    ready: '.homes li',
    act: (page) => page.getByRole('button', { name: '看哪几户：幸福里 2栋' }).click(),
  },
  { ...notice, name: 'notice-no-homes', given: ({ world }) => void (world.noBuildings = true), ready: '.panel-state' },
  { ...notice, name: 'notice-withdrawn', path: '/property/notices/n-wrong', ready: '.building-line' },
  { ...notice, name: 'notice-withdraw', ready: 'dialog[open]', act: (page) => page.locator('.head-acts .button').click() },
  { ...notice, name: 'notice-missing', path: '/property/notices/none', ready: '.panel-state' },
];

export const linkStates: ScreenState[] = [];
