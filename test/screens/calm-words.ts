import type { Page } from 'playwright-core';
import { someCalls } from './fixture-calls.ts';
import { nobody } from './fixture-people.ts';
import type { FixtureServer, Seat } from './fixture-server.ts';
import { closeAll } from './states.ts';
import { allWell } from './wall-states.ts';

/**
 * What a screen says of good things (none, nobody, zero, all well), and the request it knows that from. A word of calm
 * is an answer: it stands on no screen before the answer came, nor after it failed.
 */
export interface CalmScreen {
  readonly name: string;
  readonly path: string;
  readonly as: Seat;
  /** A world in which all of it is true. */
  readonly given: (server: FixtureServer) => void;
  readonly act?: (page: Page) => Promise<void>;
  /** By a part of the request's address. */
  readonly says: Readonly<Record<string, readonly string[]>>;
  /** Requests that nothing good is known from. */
  readonly silent?: readonly string[];
}

const desk = { path: '/dispatcher/', as: 'dispatcher' } as const;

/** A fire to which nobody was sent yet, and besides it nothing at all. */
function quiet({ world }: FixtureServer): void {
  world.apart = [];
  world.windows = [];
  world.shift = { ...world.shift, gaps: [], onDuty: [] };
  world.work.people.set('i-fire', nobody('i-fire'));
  for (const [id, detail] of world.details)
    world.details.set(id, { ...detail, alarms: detail.alarms.map((alarm) => ({ ...alarm, shelf: null })) });
}

/** A call that runs, everybody in it is well. */
function calmCall(server: FixtureServer): void {
  quiet(server);
  someCalls(server.world);
  const call = server.world.calls.get('call-drill');
  if (call === undefined) throw new Error('no drill');
  const count = { ...call.detail.count, help: 0, silent: 0, safe: call.detail.count.people, vulnerableSilent: 0 };
  server.world.calls.set('call-drill', {
    ...call,
    detail: { ...call.detail, count },
    needs: [],
    people: [],
    tasks: [],
    areas: [],
  });
}

async function press(page: Page, key: string): Promise<void> {
  await page.locator('[data-whole="true"]').waitFor();
  await page.keyboard.press(key);
}

/** Of the whole desk or of the incident in front. */
const aside = ['/api/session', '/api/me/', '/floor-plan', '/history', '/api/snapshots/', '/api/photos/', '/api/areas'];

const list = (path: string, as: Seat, request: string, said: string, given: CalmScreen['given']): CalmScreen => ({
  name: path,
  path: `/property/${path}`,
  as,
  given,
  says: { [request]: [said] },
  silent: ['/api/session', '/api/overview', '/api/areas', '/api/devices'].filter((one) => one !== request),
});

export const calmScreens: readonly CalmScreen[] = [
  {
    ...desk,
    name: 'desk',
    given: quiet,
    says: {
      '/api/calls?': ['没有进行中的呼叫'],
      '/run-card': ['还没有派人', '还没有清点过'],
      '/api/tasks?': ['还没有派人', '还没有清点过'],
      '/i-fire/needs': ['还没有派人', '还没有清点过'],
      '/i-fire/roll-calls': ['还没有派人', '还没有清点过'],
      '/i-fire/people': ['登记册里没有这里的人'],
      '/api/duty-gaps': ['一天内无缺岗'],
      '/api/on-duty': ['一天内无缺岗'],
      '/api/hand-overs': ['一天内无缺岗'],
      '/api/maintenance-windows': ['一天内无缺岗'],
      // Who was not asked whether the post is manned does not know that nobody asks.
      '/api/post-checks': [],
    },
    silent: [...aside, '/api/alarms?', '/api/snapshot', '/api/incidents/i-fire', '/api/devices/'],
  },
  {
    ...desk,
    name: 'desk, all closed',
    given: (server) => {
      quiet(server);
      closeAll(server);
    },
    says: { '/api/snapshot': ['无未结事件', '没有待确认', '待命'] },
    silent: ['/api/'],
  },
  {
    ...desk,
    name: 'desk, its shift',
    given: quiet,
    act: (page) => press(page, 'b'),
    says: {
      '/api/alarms?': ['没有搁置的告警'],
      '/api/duty-gaps': ['一天内无缺岗', '没有排班，也没有人签到', '没有维护窗口'],
      '/api/hand-overs': ['一天内无缺岗', '没有排班，也没有人签到', '没有维护窗口'],
    },
    silent: ['/api/'],
  },
  {
    ...desk,
    name: 'desk, a call',
    given: calmCall,
    act: async (page) => {
      await page.locator('[data-whole="true"]').waitFor();
      await page.locator('.call-card').nth(1).click();
      await page.locator('#call-title').waitFor();
    },
    says: {
      '/call-drill/counts': ['还没有数字；发出后每秒更新。'],
      '/call-drill/needs': ['没有人求助', '都有着落了'],
      '/call-drill/people': ['没有人求助', '都有着落了'],
    },
    silent: ['/api/'],
  },
  {
    name: 'overview',
    path: '/property/',
    as: 'property',
    given: allWell,
    says: { '/api/overview': ['一切正常', '没有未结事件', '无告警'] },
    silent: ['/api/session'],
  },
  list('devices', 'property', '/api/devices', '还没有设备', ({ world }) => void (world.devices = [])),
  list('windows', 'property', '/api/maintenance-windows', '没有维护安排', ({ world }) => void (world.windows = [])),
  list('reliability', 'property', '/api/false-alarms', '这段时间没有告警', ({ world }) => void (world.falseAlarms = [])),
  list('plans', 'property', '/api/floor-plans', '还没有平面图', ({ world }) => void (world.plans = [])),
  list('notices', 'property', '/api/notices', '还没有发过通知', ({ world }) => void (world.notices = [])),
  list('links/keys', 'admin', '/api/keys', '还没有密钥', ({ world }) => void (world.links.keys = [])),
  list('links/webhooks', 'admin', '/api/webhooks', '还没有推送', ({ world }) => void (world.links.webhooks = [])),
  list('links/warnings', 'property', '/api/cap', '还没有收发过预警', ({ world }) => void (world.links.cap = [])),
  list(
    'rules?device=gw-xfl-1-1/temperature-014',
    'property',
    '/temperature-014/rules',
    '这台设备没有可调的阈值',
    ({ world }) => void (world.rules = []),
  ),
  list('devices/gw-xfl-1-1/temperature-014', 'property', '/api/devices/gw-xfl-1-1/temperature-014', '没有告警', allWell),
  {
    name: 'wall',
    path: '/wall/',
    as: 'wall',
    given: allWell,
    says: { '/api/wall': ['无未结事件', '全部在线'] },
    silent: ['/api/session', '/api/floor-plans'],
  },
];
