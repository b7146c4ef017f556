import type { Page } from 'playwright-core';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { confirmByOther } from './fixture-api.ts';
import { latched, summaryOf } from './fixture-incidents.ts';
import { floodAt } from './fixture-flood.ts';
import { someCalls } from './fixture-calls.ts';
import { nobody } from './fixture-people.ts';
import { askPost, offeredByOther } from './fixture-shift.ts';
import { someForces } from './fixture-tasks.ts';
import type { FixtureServer, Seat } from './fixture-server.ts';
import { either } from './either.ts';
import { longDeskStates, longOfficeStates } from './long-states.ts';
import { linkStates, noticeStates } from './office-states.ts';

/** Every state of every screen: what the cloud does, and how to get there. The pictures and the tests walk the same list. */
export interface ScreenState {
  name: string;
  path: string;
  as: Seat;
  /** Before the page is opened. */
  given?: (server: FixtureServer) => void;
  /** Once it stands. */
  act?: (page: Page, server: FixtureServer) => Promise<void>;
  /** What must be on the screen then. */
  ready: string;
  soundTested?: boolean;
  /** The same part in the same place as that state, where the check is made; this one is for the picture. */
  sameAs?: string;
}

export function closeAll(server: FixtureServer): void {
  for (const [id, detail] of server.world.details)
    server.world.details.set(id, { ...detail, state: 'closed' } satisfies IncidentDetail);
}

/** The smoke is gone; the latches wait for a person. */
export function latchFire(server: FixtureServer): void {
  const fire = server.world.details.get('i-fire');
  if (fire === undefined) throw new Error('no fire');
  server.world.details.set('i-fire', latched(fire, server.world.now));
}

/** A high screen shows them anyhow. */
async function lookAtContacts(page: Page): Promise<void> {
  const button = page.locator('.record-faces [data-face=contacts]');
  await page.locator('.contacts').waitFor({ state: 'attached' });
  if (await button.isVisible()) await button.click();
}

/** A bad night: thirty more incidents of every level. */
export function crowd(server: FixtureServer): void {
  const { details } = server.world;
  for (const [index, detail] of [...details.values(), ...details.values(), ...details.values(), ...details.values()].entries()) {
    const id = `${detail.id}-${index}`;
    const place = `幸福里 ${(index % 9) + 1}栋${(index % 3) + 1}单元${index + 101}`;
    const one = { ...detail, id, place, openedAt: detail.openedAt - index * 37_000 };
    if (detail.id !== 'i-fire') details.set(id, { ...one, ...summaryOf(one) });
  }
}

const key = (name: string, wait: string) => async (page: Page) => {
  await page.locator('[data-move="confirm"]').waitFor();
  await page.locator('[data-whole="true"]').waitFor();
  await page.keyboard.press(name);
  await page.locator(wait).waitFor();
};

export async function killStream(page: Page, server: FixtureServer): Promise<void> {
  await page.locator('[data-freshness="fresh"]').first().waitFor();
  server.faults.streamDown = true;
  server.cutStreams();
  await page.locator('.stale-banner').waitFor({ timeout: 25_000 });
}

/** Two calls stand on the desk; `id` is opened. */
function openCall(id: string) {
  return async (page: Page) => {
    await page.locator('[data-move="confirm"]').waitFor();
    await page
      .locator('.call-card')
      .nth(id === 'call-waits' ? 0 : 1)
      .click();
  };
}

/** 一呼百应 at the desk. */
function callStates(): ScreenState[] {
  const calls = { ...desk, given: ({ world }: FixtureServer) => someCalls(world) };
  return [
    { ...calls, name: 'desk-calls', ready: '.call-card' },
    { ...calls, name: 'desk-call', ready: '.area-row', act: openCall('call-drill') },
    {
      ...calls,
      name: 'desk-call-homes',
      ready: '.home',
      act: async (page) => {
        await openCall('call-drill')(page);
        await page.locator('button.area-name').first().click();
      },
    },
    { ...calls, name: 'desk-call-help', ready: '.need[aria-current]', act: key('h', '.need[aria-current]') },
    { ...calls, name: 'desk-call-waits', ready: '[data-press="approve"]', act: openCall('call-waits') },
    {
      ...calls,
      name: 'desk-call-approve',
      ready: 'dialog[open]',
      act: async (page) => {
        await openCall('call-waits')(page);
        await page.locator('[data-press="approve"]').click();
      },
    },
    {
      ...calls,
      name: 'desk-call-stand-down',
      ready: '#reason-missing',
      act: async (page) => {
        await openCall('call-drill')(page);
        await page.locator('[data-press="stand-down"]').click();
        await page.locator('dialog[open]').waitFor();
        await page.keyboard.press('Enter');
      },
    },
    {
      ...calls,
      name: 'desk-call-failed',
      ready: '.pane .panel-state',
      act: async (page, server) => {
        await page.locator('.call-card').first().waitFor();
        server.faults.refuse = { '/api/calls/': 500 };
        await page.locator('.call-card').first().click();
      },
    },
    { ...desk, name: 'desk-call-compose', ready: '[data-people]', act: key('m', 'dialog[open]') },
    {
      ...desk,
      name: 'desk-call-sure',
      ready: '.sure',
      act: async (page) => {
        await key('m', '[data-people]')(page);
        await page.keyboard.type('中心花园');
        await page.keyboard.press('Enter');
      },
    },
    {
      ...desk,
      name: 'desk-call-tree',
      ready: '.tree-list li',
      act: async (page) => {
        await key('m', '[data-people]')(page);
        await page.locator('.segment', { hasText: either('演练', 'Drill') }).click();
        await page.locator('.tree summary').click();
      },
    },
    {
      ...desk,
      name: 'desk-part-missing',
      ready: 'dialog[open] [role=alert]',
      act: async (page) => {
        await page.locator('[data-whole="true"]').waitFor();
        await page.context().route('**/assets/DeskDialog*', (route) => route.abort());
        await page.reload();
        await page.locator('[data-whole="true"]').waitFor();
        await page.keyboard.press('?');
      },
    },
  ];
}

/** Forces, tasks and the rarer moves of an incident. */
function forceStates(): ScreenState[] {
  const forces = { ...desk, given: ({ world }: FixtureServer) => someForces(world) };
  return [
    { ...forces, name: 'desk-forces', ready: '.task', act: key('t', '[data-task="t-1"]') },
    { ...desk, name: 'desk-forces-none', ready: '.run-card li', act: key('t', '.run-card .short') },
    {
      ...desk,
      name: 'desk-forces-failed',
      given: refused('/api/tasks'),
      ready: '.forces .wrong',
      act: key('t', '.forces .wrong'),
    },
    {
      ...forces,
      name: 'desk-assign',
      ready: 'dialog[open] .candidate',
      act: async (page) => {
        await key('t', '[data-task="t-1"]')(page);
        await page.locator('.task .button').first().click();
      },
    },
    {
      ...forces,
      name: 'desk-need',
      ready: 'dialog[open]',
      act: async (page) => {
        await key('t', '.incident-needs h4 .button')(page);
        await page.locator('.incident-needs h4 .button').click();
      },
    },
    { ...desk, name: 'desk-merge', ready: 'dialog[open] .candidate', act: key('g', 'dialog[open]') },
    {
      ...desk,
      name: 'desk-onward',
      ready: 'dialog[open] #onward-receiver',
      act: async (page) => {
        await key('a', '[data-menu="onward"][aria-disabled="false"]')(page);
        await page.locator('[data-menu="onward"][aria-disabled="false"]').click();
      },
    },
    { ...desk, name: 'desk-command', ready: 'dialog[open]', act: key('l', 'dialog[open]') },
    {
      ...desk,
      name: 'desk-split',
      ready: 'dialog[open] .wrong',
      act: async (page) => {
        await page.locator('[data-menu="split"]').click();
        await page.locator('dialog[open]').waitFor();
        await page.locator('dialog[open] [type="submit"]').click();
      },
    },
  ];
}

/** The shift: hand-over, roster, post check. */
function shiftStates(): ScreenState[] {
  return [
    { ...desk, name: 'desk-shift', ready: '.hand-over-items li', act: key('b', '.hand-over-press') },
    {
      ...desk,
      name: 'desk-shift-draft',
      ready: '.signatures',
      act: async (page) => {
        await key('b', '.hand-over-press')(page);
        await page.locator('.hand-over-press[aria-disabled="false"]').click();
      },
    },
    {
      ...desk,
      name: 'desk-shift-offered',
      given: ({ world }) => offeredByOther(world),
      ready: '.signatures',
      act: key('b', '.hand-over-press'),
    },
    {
      ...desk,
      name: 'desk-shift-failed',
      given: refused('/api/hand-overs'),
      ready: '.pane .notice.failed',
      act: key('b', '.pane .notice.failed'),
    },
    { ...desk, name: 'desk-post-check', given: ({ world }) => void askPost(world), ready: '.post-check' },
  ];
}

const desk = { path: '/dispatcher/', as: 'dispatcher' } as const;
const home = { path: '/property/', as: 'property' } as const;
const list = { path: '/property/devices', as: 'property' } as const;
const windows = { path: '/property/windows', as: 'property' } as const;
const rules = { path: '/property/rules?device=gw-xfl-1-1/temperature-014', as: 'property' } as const;
const users = { path: '/property/users', as: 'admin' } as const;
const plans = { path: '/property/plans', as: 'property' } as const;
const onePlan = { path: '/property/plans/plan-1', as: 'property' } as const;
const month = { path: '/property/report', as: 'property' } as const;
const wolf = { path: '/property/reliability', as: 'property' } as const;
const page = (gateway: string, device: string) => ({ path: `/property/devices/${gateway}/${device}`, as: 'property' }) as const;

const stalled = (path: string) => (server: FixtureServer) => void server.faults.stall.push(path);
const refused = (path: string) => (server: FixtureServer) => void (server.faults.refuse = { [path]: 500 });

const forbidden = (path: string) => (server: FixtureServer) => void (server.faults.refuse = { [path]: 403 });

const door = { path: '/', as: 'dispatcher', given: (server: FixtureServer) => void (server.session = null) } as const;

async function passwordOf(open: Page, account: string): Promise<void> {
  await open.fill('#account', account);
  await open.fill('#password', 'right');
  await open.keyboard.press('Enter');
  await open.locator('.input.code').waitFor();
}

export const loginStates: ScreenState[] = [
  { name: 'login', path: '/', as: 'dispatcher', given: (server) => void (server.session = null), ready: '.login-card form' },
  {
    name: 'login-refused',
    path: '/',
    as: 'dispatcher',
    given: (server) => void (server.session = null),
    ready: '.refused',
    act: async (open) => {
      await open.fill('#account', 'wangfang');
      await open.fill('#password', 'wrong');
      await open.keyboard.press('Enter');
    },
  },
  { ...door, name: 'login-code', ready: '.input.code', act: (open) => passwordOf(open, 'two-steps') },
  {
    ...door,
    name: 'login-code-wrong',
    ready: '.refused',
    act: async (open) => {
      await passwordOf(open, 'two-steps');
      await open.fill('.input.code', '654321');
    },
  },
  {
    ...door,
    name: 'login-recovery',
    ready: '.note',
    act: async (open) => {
      await passwordOf(open, 'two-steps');
      await open.locator('.other-ways .button').first().click();
    },
  },
  {
    ...door,
    name: 'login-enrol',
    ready: 'details[open] .secret',
    act: async (open) => {
      await passwordOf(open, 'must-enrol');
      await open.locator('.qr').waitFor();
      await open.click('summary');
    },
  },
  {
    ...door,
    name: 'login-recovery-codes',
    ready: '.recovery',
    act: async (open) => {
      await passwordOf(open, 'must-enrol');
      await open.fill('.input.code', '123456');
    },
  },
  { name: 'login-own', path: '/?factor', as: 'dispatcher', ready: '#password' },
];

export const dispatcherStates: ScreenState[] = [
  ...longDeskStates,
  { ...desk, name: 'desk-incidents', ready: '.picture-image:not(.waiting)' },
  {
    ...desk,
    name: 'desk-alarm-test',
    ready: '.test-strip',
    act: async (open, server) => {
      await open.locator('.picture-image:not(.waiting)').waitFor();
      const [alarm] = [...server.world.details.values()][0]?.alarms ?? [];
      if (alarm === undefined) throw new Error('no alarm to be made a test');
      const test = {
        id: 'gw-xfl-1-1/meter-1/installer-test',
        alarm: 'installer-test',
        deviceName: { zh: '1栋公共用电', en: 'Building 1 common power' },
      };
      const marked = {
        ...alarm,
        ...test,
        disposition: 'test',
        suppressedBy: ['test'],
        active: true,
        ack: null,
        incident: null,
      } as const;
      server.emit({ type: 'alarm', at: Date.now(), alarm: { ...marked, suppressedBy: ['test'] } });
    },
  },
  {
    ...desk,
    name: 'desk-trend',
    ready: '.trend canvas',
    act: async (open) => {
      const trend = open.locator('.faces .button[data-face=trend]');
      await open.locator('.picture-image:not(.waiting)').waitFor();
      if (await trend.isVisible()) await trend.click();
    },
  },
  {
    ...desk,
    name: 'desk-place',
    ready: '.where-frame .plan',
    act: async (open) => open.click('.faces .button[data-face=place]'),
  },
  {
    ...desk,
    name: 'desk-photos',
    ready: '.look .picture-image:not(.waiting)',
    act: async (open) => open.click('.faces .button[data-face=photos]'),
  },
  { ...desk, name: 'desk-picture-large', ready: 'dialog[open] .picture-image:not(.waiting)', act: key('v', 'dialog[open]') },
  {
    ...desk,
    name: 'desk-picture-loading',
    given: (server) => void server.faults.stall.push('/api/snapshots/'),
    ready: '.picture-word',
  },
  {
    ...desk,
    name: 'desk-picture-failed',
    given: (server) => void (server.faults.refuse = { '/api/snapshots/': 404 }),
    ready: '.picture-word button',
  },
  { ...desk, name: 'desk-picture-coming', ready: '.look .picture-word', act: async (open) => open.click('#incident-i-help') },
  {
    ...desk,
    name: 'desk-picture-none',
    ready: '.look .picture-word strong',
    act: async (open) => open.click('#incident-i-door'),
  },
  {
    ...desk,
    name: 'desk-contacts-none',
    given: ({ world }) => void world.work.people.set('i-fire', nobody('i-fire')),
    ready: '.contacts .quiet',
    act: lookAtContacts,
  },
  {
    ...desk,
    name: 'desk-contacts',
    ready: '.contacts .contact',
    act: lookAtContacts,
  },
  {
    ...desk,
    name: 'desk-contacts-failed',
    given: refused('/api/incidents/i-fire/people'),
    ready: '.contacts .wrong',
    act: lookAtContacts,
  },
  { ...desk, name: 'desk-sound-untested', ready: 'dialog[open]', soundTested: false },
  { ...desk, name: 'desk-loading', given: (server) => void server.faults.stall.push('/api/snapshot'), ready: '.skeleton' },
  { ...desk, name: 'desk-empty', given: closeAll, ready: '.queue .panel-state' },
  { ...desk, name: 'desk-empty-filter', ready: '.queue .panel-state', act: async (open) => open.fill('#queue-search', '燃气') },
  { ...desk, name: 'desk-confirmed', ready: '.evidence .plan', act: async (open) => open.click('#incident-i-water') },
  {
    ...desk,
    name: 'desk-resolved',
    ready: '[data-move="close"]:not([aria-disabled="true"])',
    act: async (open) => open.click('#incident-i-lamp'),
  },
  { ...desk, name: 'desk-dispatch', ready: 'dialog[open]', act: key('d', 'dialog[open]') },
  {
    ...desk,
    name: 'desk-false-alarm',
    ready: '#reason-missing',
    act: async (open) => {
      await key('x', 'dialog[open]')(open);
      await open.keyboard.press('Enter');
    },
  },
  {
    ...desk,
    name: 'desk-latched',
    given: latchFire,
    ready: '[data-reset]',
    act: async (open) => open.click('#incident-i-fire'),
  },
  { ...desk, name: 'desk-crowd', given: crowd, ready: '.picture-image:not(.waiting)' },
  {
    ...desk,
    name: 'desk-folded',
    given: crowd,
    ready: '.fold[aria-expanded="false"]',
    act: key('f', '.fold[aria-expanded="false"]'),
  },
  {
    ...desk,
    name: 'desk-skip',
    ready: 'dialog[open]',
    act: async (open) => open.locator('.step .skip').first().click(),
  },
  { ...desk, name: 'desk-shelve', ready: 'dialog[open]', act: key('z', 'dialog[open]') },
  { ...desk, name: 'desk-help', ready: 'dialog[open]', act: key('?', 'dialog[open]') },
  {
    ...desk,
    name: 'desk-conflict',
    ready: '.notice.conflict',
    act: async (open, server) => {
      await open.locator('[data-move="confirm"]').waitFor();
      server.faults.silent = true;
      confirmByOther(server.world, 'i-fire');
      await open.keyboard.press('a');
    },
  },
  {
    ...desk,
    name: 'desk-action-failed',
    ready: '.notice.failed',
    act: async (open, server) => {
      await open.locator('[data-move="confirm"]').waitFor();
      server.faults.refuse = { '/api/incidents/i-fire/moves': 500 };
      await open.keyboard.press('a');
    },
  },
  {
    ...desk,
    name: 'desk-detail-failed',
    given: (server) => void (server.faults.refuse = { '/api/incidents/': 500 }),
    ready: '.pane .panel-state',
  },
  {
    ...desk,
    name: 'desk-flood',
    ready: '.flood li',
    act: async (open, server) => {
      await open.locator('[data-move="confirm"]').waitFor();
      server.emit({ type: 'flood', at: server.world.now, flood: floodAt(server.world.now) });
    },
  },
  {
    ...desk,
    name: 'desk-flood-alone',
    ready: '.queue .panel-state',
    given: closeAll,
    act: async (open, server) => {
      await open.locator('.queue .panel-state').waitFor();
      server.emit({ type: 'flood', at: server.world.now, flood: floodAt(server.world.now) });
      await open.locator('.flood li').first().waitFor();
    },
  },
  ...callStates(),
  ...forceStates(),
  ...shiftStates(),
  { ...desk, name: 'desk-stale', ready: '.stale-banner', act: killStream },
  {
    ...desk,
    name: 'desk-failed',
    given: (server) => void (server.faults.refuse = { '/api/snapshot': 500 }),
    ready: '.panel-state',
  },
  {
    ...desk,
    name: 'desk-forbidden',
    given: (server) => void (server.faults.refuse = { '/api/snapshot': 403 }),
    ready: '.panel-state',
  },
];

export const propertyStates: ScreenState[] = [
  ...longOfficeStates,
  { ...home, name: 'overview', ready: '.communities' },
  {
    ...home,
    name: 'overview-calm',
    ready: '.communities',
    given: (server) => {
      closeAll(server);
      server.world.devices = server.world.devices.map((device) => ({
        ...device,
        availability: 'online',
        activeAlarms: 0,
        worst: null,
      }));
      server.world.gateways = server.world.gateways.map((gateway) => ({ ...gateway, state: 'online', clockSkewMs: 0 }));
    },
  },
  { ...home, name: 'overview-loading', given: (server) => void server.faults.stall.push('/api/overview'), ready: '.skeleton' },
  {
    ...home,
    name: 'overview-failed',
    given: (server) => void (server.faults.refuse = { '/api/overview': 500 }),
    ready: '.panel-state',
  },
  {
    ...home,
    name: 'overview-forbidden',
    given: (server) => void (server.faults.refuse = { '/api/overview': 403 }),
    ready: '.panel-state',
  },
  { ...home, name: 'overview-stale', ready: '.stale-banner', act: killStream },
  { ...list, name: 'devices', ready: '.row' },
  { ...list, name: 'devices-unknown', path: '/property/devices?availability=unknown', ready: '.row.unknown' },
  { ...list, name: 'devices-empty-filter', path: '/property/devices?q=nothing-like-it', ready: '.panel-state' },
  { ...list, name: 'devices-loading', given: (server) => void server.faults.stall.push('/api/devices'), ready: '.skeleton' },
  {
    ...list,
    name: 'devices-failed',
    given: (server) => void (server.faults.refuse = { '/api/devices': 500 }),
    ready: '.panel-state',
  },
  { ...page('gw-xfl-1-1', 'smoke-000'), name: 'device', ready: '.trend canvas' },
  {
    ...page('gw-xfl-1-1', 'smoke-000'),
    name: 'device-shelve',
    ready: 'dialog[open]',
    act: async (open) => open.locator('.plain-list .button').first().click(),
  },
  { ...page('gw-dxy-1-2', 'power-020'), name: 'device-unknown', ready: '.past-note' },
  { ...page('gw-xfl-1-1', 'smoke-999'), name: 'device-missing', ready: '.panel-state' },
  { ...windows, name: 'windows', ready: '.window-list .running' },
  { ...windows, name: 'windows-plan', ready: 'dialog[open] form', act: (open) => open.locator('.windows-head .button').click() },
  {
    ...windows,
    name: 'windows-plan-missing',
    ready: 'dialog[open] .wrong',
    act: async (open) => {
      await open.locator('.windows-head .button').click();
      await open.keyboard.press('Enter');
    },
  },
  { ...windows, name: 'windows-empty', given: (server) => void (server.world.windows = []), ready: '.panel-state' },
  { ...windows, name: 'windows-loading', given: stalled('/api/maintenance-windows'), ready: '.skeleton' },
  { ...windows, name: 'windows-failed', given: refused('/api/maintenance-windows'), ready: '.panel-state' },
  { ...wolf, name: 'reliability', ready: '.wolf td' },
  { ...wolf, name: 'reliability-empty', given: (server) => void (server.world.falseAlarms = []), ready: '.panel-state' },
  { ...plans, name: 'plans', ready: '.plan-card .plan-area' },
  { ...plans, name: 'plans-empty', given: (server) => void (server.world.plans = []), ready: '.panel-state' },
  { ...plans, name: 'plans-loading', given: stalled('/api/floor-plans'), ready: '.skeleton' },
  { ...plans, name: 'plans-failed', given: refused('/api/floor-plans'), ready: '.panel-state' },
  { ...plans, name: 'plans-new', ready: 'dialog[open] form', act: (open) => open.locator('.windows-head .button').click() },
  { ...onePlan, name: 'plan', ready: '.plan-board .plan-device' },
  {
    ...onePlan,
    name: 'plan-picked',
    ready: '.plan-corners circle',
    act: async (open) => {
      await open.locator('.plan-board [aria-label="2栋"]').focus();
      await open.keyboard.press('ArrowRight');
    },
  },
  { ...onePlan, name: 'plan-missing', path: '/property/plans/none', ready: '.panel-state' },
  { ...rules, name: 'rules', ready: '.rule-list li' },
  { ...rules, name: 'rules-choose', path: '/property/rules', ready: '.panel-state' },
  { ...rules, name: 'rules-none', given: (server) => void (server.world.rules = []), ready: '.panel-state' },
  {
    ...rules,
    name: 'rules-own-profile',
    ready: '.panel-state',
    given: (server) => {
      server.world.rules = [];
      server.world.rulesKnown = false;
    },
  },
  { ...rules, name: 'rules-loading', given: stalled('/api/devices/gw-xfl-1-1/temperature-014/rules'), ready: '.skeleton' },
  { ...rules, name: 'rules-failed', given: refused('/api/devices/gw-xfl-1-1/temperature-014/rules'), ready: '.panel-state' },
  {
    ...rules,
    name: 'rules-preview',
    ready: '.rule-would',
    act: async (open) => {
      await open.getByRole('button', { name: either('调整 配电间温度过高', 'Adjust Electrical room too hot') }).click();
      await open.keyboard.type('38');
    },
  },
  {
    ...rules,
    name: 'rules-wrong-side',
    ready: 'dialog[open] .wrong',
    act: async (open) => {
      await open.getByRole('button', { name: either('调整 配电间温度过高', 'Adjust Electrical room too hot') }).click();
      await open.fill('#rule-clear', '60');
    },
  },
  { ...users, name: 'users', ready: '.user-table tbody tr' },
  { ...users, name: 'users-loading', given: stalled('/api/users'), ready: '.skeleton' },
  { ...users, name: 'users-failed', given: refused('/api/users'), ready: '.panel-state' },
  {
    ...users,
    name: 'users-empty-filter',
    ready: '.panel-state',
    act: (open) => open.getByRole('searchbox').fill('查无此人'),
  },
  { ...users, name: 'users-new', ready: 'dialog[open] form', act: (open) => open.locator('.windows-head .button').click() },
  {
    ...users,
    name: 'users-new-missing',
    ready: 'dialog[open] .wrong',
    act: async (open) => {
      await open.locator('.windows-head .button').click();
      await open.keyboard.press('Enter');
    },
  },
  {
    ...users,
    name: 'users-edit',
    ready: 'dialog[open] .user-grants li',
    act: (open) => open.getByRole('button', { name: either('修改 孙磊', 'Change 孙磊') }).click(),
  },
  {
    ...users,
    name: 'users-reset',
    ready: 'dialog[open] form',
    act: (open) => open.getByRole('button', { name: either('重置密码 孙磊', 'Reset password 孙磊') }).click(),
  },
  {
    ...users,
    name: 'users-disable',
    ready: 'dialog[open] form',
    act: (open) => open.getByRole('button', { name: either('停用 孙磊', 'Disable 孙磊') }).click(),
  },
  { ...month, name: 'report', ready: '.report-rows' },
  {
    ...month,
    name: 'report-empty',
    ready: '.report .panel-state',
    act: async (open) => void (await open.locator('.filters select').first().selectOption({ index: 2 })),
  },
  { ...list, name: 'devices-empty', given: (server) => void (server.world.devices = []), ready: '.panel-state' },
  { ...list, name: 'devices-forbidden', given: forbidden('/api/devices'), ready: '.panel-state' },
  { ...windows, name: 'windows-forbidden', given: forbidden('/api/maintenance-windows'), ready: '.panel-state' },
  { ...users, name: 'users-forbidden', given: forbidden('/api/users'), ready: '.panel-state' },
  { ...plans, name: 'plans-forbidden', given: forbidden('/api/floor-plans'), ready: '.panel-state' },
  { ...month, name: 'report-loading', given: stalled('/api/area-report'), ready: '.skeleton' },
  { ...month, name: 'report-forbidden', given: forbidden('/api/area-report'), ready: '.panel-state' },
  { ...wolf, name: 'reliability-loading', given: stalled('/api/false-alarms'), ready: '.skeleton' },
  { ...wolf, name: 'reliability-forbidden', given: forbidden('/api/false-alarms'), ready: '.panel-state' },
  { ...month, name: 'report-meters', ready: '.report-meters[open] li', act: (open) => open.click('.report-meters summary') },
  { ...month, name: 'report-failed', given: refused('/api/area-report'), ready: '.panel-state' },
  { ...wolf, name: 'reliability-failed', given: refused('/api/false-alarms'), ready: '.panel-state' },
  ...noticeStates,
  ...linkStates,
];
