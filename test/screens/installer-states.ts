import type { Page } from 'playwright-core';
import {
  fixtureAlarmTest,
  fixtureChange,
  fixtureClaiming,
  fixtureIdentity,
  fixtureDevice,
  fixtureOrder,
  fixtureOverview,
  fixtureScan,
  fixtureSurvey,
  fixtureSurveys,
} from './installer-fixture.ts';
import { fixtureMaking } from './installer-making.ts';
import type { InstallerServer } from './installer-server.ts';
import { installerPassword } from './installer-server.ts';

/** Every state of the installer's page: what the gateway does, and how to get there. The pictures and the tests walk the same list. */
export interface InstallerState {
  name: string;
  path: string;
  /** Before the page is opened. */
  given?: (server: InstallerServer) => void;
  /** Left at the door: nobody has signed in. */
  atDoor?: boolean;
  act?: (page: Page, server: InstallerServer) => Promise<void>;
  /** What must be on the screen then. */
  ready: string;
}

/** Through the door for the first time, as an installer would. */
export async function setUp(page: Page, code: string): Promise<void> {
  await page.fill('#code', code);
  await page.fill('#password', installerPassword);
  await page.keyboard.press('Enter');
  await page.locator('.top-bar').waitFor();
}

/** An unknown device, probed, and the first value on its display named. */
async function probeIt(page: Page): Promise<void> {
  await page.locator('#probe-at:focus').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('#making-shown').waitFor();
}

async function findIt(page: Page, shown: string): Promise<void> {
  await page.fill('#making-shown', shown);
  await page.keyboard.press('Enter');
  await page.locator('.making-match, .making-none').first().waitFor();
}

async function takeTwo(page: Page): Promise<void> {
  for (const [quantity, shown] of [
    ['voltage', '229.4'],
    ['current', '8.02'],
  ] as const) {
    await page.selectOption('#making-name', quantity);
    await findIt(page, shown);
    await page.locator('.making-match').first().click();
    await page.locator('#making-name:focus').waitFor();
  }
}

async function checkIt(page: Page): Promise<void> {
  await probeIt(page);
  await takeTwo(page);
  // A phone forgets a page that is not looked at; what was found stays.
  await page.reload();
  await probeIt(page);
  await page.locator('.making-values li').nth(1).waitFor();
  await page.fill('#making-maker', '正泰');
  await page.fill('#making-model', 'DDSU-X');
  await page.keyboard.press('Enter');
}

const probePath = '/probe?place=%2Fdev%2FttyUSB0&unit=12';
const changePath = '/change?port=meters&address=unit+13&profile=chint.ddsu666';

async function planIt(page: Page): Promise<void> {
  await page.fill('#change-name', '3栋公共用电');
  await page.fill('#change-id', 'meter-13');
  await page.keyboard.press('Enter');
}

/** What is told beside each state. */
const orderTold = {
  awaiting: {},
  sent: {},
  confirmed: { shown: 3 },
  refused: {
    reason: { code: 'exception-2', zh: '设备拒绝了（异常 2：没有这个地址）。', en: 'The device refused it (exception 2).' },
  },
  unknown: {
    shown: 0,
    reason: {
      code: 'not-shown',
      zh: '设备收下了命令，但规定时间内没有显示执行结果。请到现场确认。',
      en: 'The device took the order but did not show in time that it was carried out. Look at the device.',
    },
  },
};

const nothing = { online: 0, late: 0, offline: 0, unknown: 0 };

export const installerStates: InstallerState[] = [
  { name: 'installer-setup', path: '/', atDoor: true, ready: '#code' },
  {
    name: 'installer-setup-refused',
    path: '/',
    atDoor: true,
    ready: '.refused',
    act: async (page) => {
      await page.fill('#code', 'AAAAA-AAAAA');
      await page.fill('#password', installerPassword);
      await page.keyboard.press('Enter');
    },
  },
  {
    name: 'installer-sign-in',
    path: '/',
    atDoor: true,
    ready: '#password[autocomplete="current-password"]',
    act: async (page, { code }) => {
      await setUp(page, code);
      await page.locator('.menu summary').click();
      await page.locator('.menu-body .button').nth(1).click();
    },
  },
  {
    name: 'installer-locked-out',
    path: '/',
    atDoor: true,
    ready: '.refused',
    act: async (page) => {
      for (let i = 0; i < 6; i++) {
        await page.fill('#code', `AAAAA-AAAA${i}`);
        await page.fill('#password', installerPassword);
        const answered = page.waitForResponse((response) => response.url().endsWith('/api/setup'));
        await page.keyboard.press('Enter');
        await answered;
      }
    },
  },
  { name: 'installer-overview', path: '/', ready: '.port-list .port' },
  {
    name: 'installer-overview-well',
    path: '/',
    ready: '.answer-mark.calm',
    given: (server) => {
      server.desk = {
        ...server.desk,
        overview: () => {
          const overview = fixtureOverview(Date.now());
          const ports = overview.ports.slice(0, 1).map((port) => ({ ...port, heard: 3 }));
          return Promise.resolve({ ...overview, health: 'ok', problems: [], ports, devices: { ...nothing, online: 3 } });
        },
      };
    },
  },
  {
    name: 'installer-overview-empty',
    path: '/',
    ready: '.answer',
    given: (server) => {
      server.desk = {
        ...server.desk,
        overview: () => {
          const overview = fixtureOverview(Date.now());
          return Promise.resolve({ ...overview, health: 'ok', problems: [], ports: [], devices: nothing, uplink: null });
        },
      };
    },
  },
  {
    name: 'installer-overview-failing',
    path: '/',
    ready: '.answer-mark.level-1',
    given: (server) => {
      server.desk = {
        ...server.desk,
        overview: () => Promise.resolve({ ...fixtureOverview(Date.now()), health: 'failing', clock: 'uptime' }),
      };
    },
  },
  { name: 'installer-loading', path: '/devices', given: (server) => void server.stall.push('/api/devices'), ready: '.skeleton' },
  { name: 'installer-devices', path: '/devices', ready: '.rows .row' },
  { name: 'installer-devices-filter', path: '/devices?q=电梯', ready: '.panel-state' },
  {
    name: 'installer-devices-empty',
    path: '/devices',
    ready: '.panel-state',
    given: (server) => {
      server.desk = { ...server.desk, devices: () => ({ at: Date.now(), total: 0, matching: 0, devices: [] }) };
    },
  },
  {
    name: 'installer-devices-failed',
    path: '/devices',
    ready: '.panel-state',
    given: (server) => {
      server.desk = {
        ...server.desk,
        devices: () => {
          throw new Error('broken for the picture');
        },
      };
    },
  },
  { name: 'installer-device', path: '/devices/meter-1', ready: '.points li' },
  { name: 'installer-device-silent', path: '/devices/meter-2', ready: '.why' },
  { name: 'installer-device-message', path: '/devices/smoke-3-2-502', ready: '.points li' },
  ...[true, false].map((hasCloud) => ({
    name: hasCloud ? 'installer-alarm-test' : 'installer-alarm-test-failed',
    path: '/devices/meter-1',
    ready: '.test-steps [data-step="cleared"]',
    given: (server: InstallerServer) => {
      server.desk = {
        ...server.desk,
        device: (id: string) => {
          const device = fixtureDevice(id, Date.now());
          return device && { ...device, alarmTest: fixtureAlarmTest(id, Date.now(), hasCloud) };
        },
      };
    },
  })),
  { name: 'installer-change', path: changePath, ready: '#change-apply', act: planIt },
  {
    name: 'installer-change-problems',
    path: changePath,
    ready: '.change-problems li',
    act: planIt,
    given: ({ desk }) => {
      const zh = '站号 12 与 devices[1] 重复（同一端口 meters）。';
      Object.assign(desk, { change: fixtureChange('kept', [{ path: 'devices[4].address', zh, en: 'Unit 12 is taken.' }]) });
    },
  },
  ...(['verifying', 'kept', 'rolled-back'] as const).map((state) => ({
    name: `installer-change-${state}`,
    path: changePath,
    ready: `.change-trial[data-state="${state}"]`,
    given: (server: InstallerServer) => void (server.desk = { ...server.desk, change: fixtureChange(state) }),
    act: async (page: Page) => {
      await planIt(page);
      await page.locator('#change-apply:focus').waitFor();
      await page.keyboard.press('Enter');
    },
  })),
  ...(['plan', 'secret'] as const).map((word) => ({
    name: `installer-pair-${word}`,
    path: '/change?port=wireless&profile=heiman.hs1sa-e',
    ready: word === 'plan' ? '#change-apply' : '.paired',
    given: (server: InstallerServer) => {
      const secret = 'q2uKf0Wm3H1yV7sZ8nTj5bXcR4eDgA6pLoNiUtYvB9k';
      const paired = {
        login: 'smoke-3-2-501',
        secret,
        posts: [{ scheme: 'http', port: 8620, path: `/ingest/hik/${secret}` }],
      } as const;
      server.desk = { ...server.desk, change: fixtureChange('kept', [], paired) };
    },
    act: async (page: Page) => {
      await page.fill('#change-name', '烟感 3-2-501');
      await page.fill('#change-id', 'smoke-3-2-501');
      await page.locator('[name="address"]:not([required])').waitFor();
      await page.keyboard.press('Enter');
      await page.locator('#change-apply:focus').waitFor();
      if (word === 'secret') await page.keyboard.press('Enter');
    },
  })),
  {
    name: 'installer-settings',
    path: '/devices/meter-1/settings',
    ready: '#settings-plan',
    act: (page) => page.locator('.part-limits summary').first().click(),
  },
  ...(['plan', 'secret'] as const).map((word) => ({
    name: `installer-reissue-${word}`,
    path: '/devices/meter-paired/settings',
    ready: word === 'plan' ? '#change-apply' : '.paired',
    given: (server: InstallerServer) => {
      const paired = { login: 'meter-paired', secret: 'q2uKf0Wm3H1yV7sZ8nTj5bXcR4eDgA6pLoNiUtYvB9k', posts: [] };
      server.desk = { ...server.desk, change: fixtureChange('kept', [], paired) };
    },
    act: async (page: Page) => {
      await page.click('#secret-reissue');
      await page.locator('#change-apply:focus').waitFor();
      if (word === 'secret') await page.keyboard.press('Enter');
    },
  })),
  { name: 'installer-settings-missing', path: '/devices/none/settings', ready: '.panel-state' },
  {
    name: 'installer-settings-plan',
    path: '/devices/meter-1/settings',
    ready: '#change-apply',
    act: async (page) => {
      await page.fill('[name="address.unit"]', '13');
      await page.fill('[name="alarms.over-voltage.limit"]', '242');
      await page.keyboard.press('Enter');
      await page.locator('#change-apply:focus').waitFor();
      await page.evaluate('scrollTo(0, 0)');
    },
  },
  { name: 'installer-control', path: '/devices/climate-1', ready: '#order-command' },
  {
    name: 'installer-control-sure',
    path: '/devices/climate-1',
    ready: '#order-by',
    act: async (page) => {
      await page.selectOption('#order-command', 'release');
      await page.click('#order-ask');
    },
  },
  ...(['awaiting', 'sent', 'confirmed', 'refused', 'unknown'] as const).map((state) => ({
    name: `installer-control-${state}`,
    path: '/devices/climate-1',
    ready: `.order[data-state="${state}"]`,
    given: (server: InstallerServer) => {
      server.desk = {
        ...server.desk,
        device: (id: string) => {
          const device = fixtureDevice(id, Date.now());
          return device && { ...device, orders: [fixtureOrder(state, orderTold[state])] };
        },
      };
    },
  })),
  {
    name: 'installer-overview-waiting',
    path: '/',
    ready: '.order[data-state="awaiting"]',
    given: (server) => {
      server.desk = {
        ...server.desk,
        overview: () => Promise.resolve({ ...fixtureOverview(Date.now()), waiting: [fixtureOrder('awaiting')] }),
      };
    },
  },
  ...(['tcp', 'mqtt', 'zigbee', 'cameras'] as const).flatMap((kind) => [
    { name: `installer-survey-${kind}`, path: `/scan/${kind}`, ready: '#survey-start' },
    ...(['running', 'done', 'failed'] as const).map((state) => ({
      name: `installer-survey-${kind}-${state}`,
      path: `/scan/${kind}`,
      ready: `.survey-progress[data-state="${state}"]`,
      given: (server: InstallerServer) => {
        server.desk = { ...server.desk, surveys: fixtureSurveys(fixtureSurvey(kind, state)) };
      },
    })),
  ]),
  { name: 'installer-handover', path: '/handover', ready: '#claim-code' },
  ...(
    [
      ['claimed', { identity: fixtureIdentity, wire: 'connected' }],
      ['off', { isOff: true }],
      [
        'refused',
        { problem: { zh: '认领码不对、已用过或已过期（15 分钟）。', en: 'The claim code is wrong, used or too old.' } },
      ],
      ['claiming', { isBusy: true }],
    ] as const
  ).map(([word, over]) => ({
    name: `installer-handover-${word}`,
    path: '/handover',
    ready: '.claim',
    given: (server: InstallerServer) => void (server.desk = { ...server.desk, claiming: fixtureClaiming(over) }),
  })),
  { name: 'installer-device-missing', path: '/devices/none', ready: '.panel-state' },
  {
    name: 'installer-decoded',
    path: '/decode?text=01+03+04+02+92+FF+9B+5A+3D%0A55+66',
    ready: '.frame',
  },
  { name: 'installer-decode-none', path: '/decode?text=0102030405', ready: '.panel-state' },
  { name: 'installer-profiles', path: '/profiles', ready: '.card' },
  { name: 'installer-profiles-filter', path: '/profiles?q=电梯', ready: '.panel-state' },
  { name: 'installer-scan', path: '/scan', ready: '.line-choice' },
  {
    name: 'installer-scanning',
    path: '/scan',
    ready: '.found',
    act: async (page) => {
      await page.locator('.line-choice').first().waitFor();
      await page.keyboard.press('s');
    },
  },
  {
    name: 'installer-scan-nobody',
    path: '/scan',
    ready: '.panel-state',
    given: (server) => {
      const scan = { ...fixtureScan(Date.now()), state: 'done', asking: null, done: 324, found: [], noise: 0 } as const;
      server.desk = { ...server.desk, scan: () => scan };
    },
  },
  {
    name: 'installer-scan-occupied',
    path: '/scan',
    ready: '.scan-progress[data-state="failed"]',
    given: (server) => {
      const reason = {
        zh: '这条线上另有主站在问（听到 8 字节，像 modbus-rtu），没有发问。',
        en: 'Somebody else asks on this line.',
      };
      const scan = { ...fixtureScan(Date.now()), state: 'failed', asking: null, done: 0, found: [], noise: 0, reason } as const;
      server.desk = { ...server.desk, scan: () => scan };
    },
  },
  {
    name: 'installer-scan-no-lines',
    path: '/scan',
    ready: '.scan-form .quiet',
    given: (server) => void (server.desk = { ...server.desk, lines: () => Promise.resolve([]) }),
  },
  { name: 'installer-probe', path: '/probe?place=%2Fdev%2FttyUSB0&unit=12', ready: '#probe-place' },
  {
    name: 'installer-probed',
    path: '/probe?place=%2Fdev%2FttyUSB0&unit=12',
    ready: '.guesses',
    act: async (page) => {
      await page.locator('#probe-at:focus').waitFor();
      await page.keyboard.press('Enter');
      await page.locator('.register summary').first().click();
    },
  },
  {
    name: 'installer-making-matches',
    path: probePath,
    ready: '.making-match',
    act: async (page) => {
      await probeIt(page);
      await findIt(page, '22.94');
    },
  },
  {
    name: 'installer-making-none',
    path: probePath,
    ready: '.making-none',
    act: async (page) => {
      await probeIt(page);
      await page.selectOption('#making-name', '-');
      await page.fill('#making-zh', '柜内温度');
      await findIt(page, '777.7');
    },
  },
  {
    name: 'installer-making-problems',
    path: probePath,
    ready: '.making-problems',
    given: (server) => {
      const problems = [
        {
          field: 'model',
          zh: '已有档案 zhengtai.ddsu-x，不会覆盖。设备相同就直接用它；不同就把型号写得更细，如加上版本。',
          en: 'There is a profile zhengtai.ddsu-x, which is not written over.',
        },
        { field: 'values.1', zh: '与第 1 个值同名，请加以区分。', en: 'Has the name of value 1; tell them apart.' },
        { field: 'transport.unitId.default', zh: '默认地址不在 min 与 max 之间。', en: 'Not between min and max.' },
      ];
      server.desk = { ...server.desk, making: fixtureMaking({ problems, tier: null, readings: [] }) };
    },
    act: checkIt,
  },
  { name: 'installer-making-checked', path: probePath, ready: '.making-readings', act: checkIt },
  {
    name: 'installer-making-silent',
    path: probePath,
    ready: '.making-silent',
    given: (server) => {
      const unreachable = { zh: '设备这会儿没有应答，没有读到值。', en: 'The device does not answer now; nothing was read.' };
      server.desk = { ...server.desk, making: fixtureMaking({ readings: [], unreachable }) };
    },
    act: checkIt,
  },
  {
    name: 'installer-making-saved',
    path: probePath,
    ready: '.making-saved',
    act: async (page) => {
      await checkIt(page);
      await page.locator('#making-save:focus').waitFor();
      await page.keyboard.press('Enter');
    },
  },
  {
    name: 'installer-stale',
    path: '/devices/meter-1',
    ready: '.stale-banner',
    act: async (page, server) => {
      await page.locator('.points li').first().waitFor();
      server.isDown = true;
      await page.locator('.stale-banner').waitFor({ timeout: 40_000 });
    },
  },
];
