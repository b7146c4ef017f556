import type { Page } from 'playwright-core';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import { confirmByOther } from './fixture-api.ts';
import { latched, summaryOf } from './fixture-incidents.ts';
import { floodAt } from './fixture-flood.ts';
import type { FixtureServer } from './fixture-server.ts';

/** Every state of every screen: what the cloud does, and how to get there. The pictures and the tests walk the same list. */
export interface ScreenState {
  name: string;
  path: string;
  as: 'dispatcher' | 'property';
  /** Before the page is opened. */
  given?: (server: FixtureServer) => void;
  /** Once it stands. */
  act?: (page: Page, server: FixtureServer) => Promise<void>;
  /** What must be on the screen then. */
  ready: string;
  soundTested?: boolean;
}

function closeAll(server: FixtureServer): void {
  for (const [id, detail] of server.world.details)
    server.world.details.set(id, { ...detail, state: 'closed' } satisfies IncidentDetail);
}

/** The smoke is gone; the latches wait for a person. */
export function latchFire(server: FixtureServer): void {
  const fire = server.world.details.get('i-fire');
  if (fire === undefined) throw new Error('no fire');
  server.world.details.set('i-fire', latched(fire, server.world.now));
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
  await page.keyboard.press(name);
  await page.locator(wait).waitFor();
};

async function killStream(page: Page, server: FixtureServer): Promise<void> {
  await page.locator('[data-freshness="fresh"]').first().waitFor();
  server.faults.streamDown = true;
  server.cutStreams();
  await page.locator('.stale-banner').waitFor({ timeout: 20_000 });
}

const desk = { path: '/dispatcher/', as: 'dispatcher' } as const;
const home = { path: '/property/', as: 'property' } as const;
const list = { path: '/property/devices', as: 'property' } as const;
const windows = { path: '/property/windows', as: 'property' } as const;
const month = { path: '/property/report', as: 'property' } as const;
const wolf = { path: '/property/reliability', as: 'property' } as const;
const page = (gateway: string, device: string) => ({ path: `/property/devices/${gateway}/${device}`, as: 'property' }) as const;

const stalled = (path: string) => (server: FixtureServer) => void server.faults.stall.push(path);
const refused = (path: string) => (server: FixtureServer) => void (server.faults.refuse = { [path]: 500 });

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
  { ...desk, name: 'desk-incidents', ready: '.picture-image:not(.waiting)' },
  {
    ...desk,
    name: 'desk-trend',
    ready: '.trend canvas',
    act: async (open) => {
      const trend = open.locator('.faces .button').nth(1);
      await open.locator('.picture-image:not(.waiting)').waitFor();
      if (await trend.isVisible()) await trend.click();
    },
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
  { ...desk, name: 'desk-sound-untested', ready: 'dialog[open]', soundTested: false },
  { ...desk, name: 'desk-loading', given: (server) => void server.faults.stall.push('/api/snapshot'), ready: '.skeleton' },
  { ...desk, name: 'desk-empty', given: closeAll, ready: '.queue .panel-state' },
  { ...desk, name: 'desk-empty-filter', ready: '.queue .panel-state', act: async (open) => open.fill('#queue-search', '燃气') },
  { ...desk, name: 'desk-confirmed', ready: '.trend-block', act: async (open) => open.click('#incident-i-water') },
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
  { ...month, name: 'report', ready: '.report-rows' },
  {
    ...month,
    name: 'report-empty',
    ready: '.report .panel-state',
    act: async (open) => void (await open.locator('.filters select').first().selectOption({ index: 2 })),
  },
  { ...month, name: 'report-failed', given: refused('/api/area-report'), ready: '.panel-state' },
  { ...wolf, name: 'reliability-failed', given: refused('/api/false-alarms'), ready: '.panel-state' },
];
