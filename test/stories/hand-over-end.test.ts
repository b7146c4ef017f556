import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../needs.ts';
import { openBrowser, openPage } from '../screens/browser.ts';
import { setupCodeIn } from '../../gateway/web/access-file.ts';
import { installerPageIsBuilt } from './built-screens.ts';
import { Community } from './community.ts';
import { gatewayProgram } from './programs.ts';

/**
 * The end of an installation: the gateway is claimed from its own page, a test alarm goes from the gateway by the cloud to the
 * screen of somebody on duty and back, and the papers are downloaded. Cloud, gateway and both browsers are real.
 */
const password = '二号楼地下室有一只猫和一盏灯';
const patience = { timeout: 60_000 };

let community: Community;
let browser: Browser;
let installer: Page;
let desk: Page;

async function cloudCall(path: string, body: object, headers: Record<string, string> = {}) {
  const answer = await fetch(new URL(path, community.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  const cookie = answer.headers.getSetCookie().map((each) => each.split(';')[0] ?? '');
  return { cookie: cookie.join('; '), body: (await answer.json()) as Record<string, unknown> };
}

/** What an administrator does in the cloud: the gateway, and a code for it. */
async function claimCode(): Promise<string> {
  const { account, password: secret } = community.account('admin');
  const session = await cloudCall('/api/session', { account, password: secret });
  const headers = { cookie: session.cookie, 'x-csrf-token': String(session.body['csrf']) };
  const areas = (await (await fetch(new URL('/api/areas', community.url), { headers })).json()) as {
    path: string;
    kind: string;
  }[];
  const area = areas.find(({ kind }) => kind === 'community')?.path;
  const made = await cloudCall('/api/gateways', { id: community.gatewayId, name: { zh: '测试网关' }, area }, headers);
  return String(made.body['code']);
}

async function alarmTest(...args: string[]): Promise<{ code: number | null; said: Record<string, unknown> }> {
  const ended = await community.programs.run([
    gatewayProgram,
    'alarm',
    'test',
    'meter-1',
    '--site',
    community.site,
    '--json',
    ...args,
  ]);
  return { code: ended.code, said: JSON.parse(ended.stdout) as Record<string, unknown> };
}

const stepsOf = (said: Record<string, unknown>) => (said['steps'] as { step: string; ms: number; by?: string }[]) ?? [];

describeWith(['chromium'], 'the end of an installation', () => {
  beforeAll(async () => {
    await installerPageIsBuilt();
    community = await Community.make('hand-over');
    await community.writeSite({
      ports: [{ id: 'meters', driver: 'line', mode: 'tcp', host: '127.0.0.1', port: 9, baud: 9600 }],
      devices: [
        {
          id: 'meter-1',
          profile: 'chint.ddsu666',
          port: 'meters',
          address: { unit: 1 },
          name: '一号表',
          place: { building: '1' },
        },
      ],
    });
    await Promise.all([community.startCloud(), community.startGateway()]);
    browser = await openBrowser();
    ({ page: installer } = await openPage(browser, { width: 390, height: 844 }));
    await installer.goto(`http://127.0.0.1:${community.localPort}/`);
    await installer.fill('#code', (await setupCodeIn(join(community.programs.folder, 'gateway', 'local'))) ?? '');
    await installer.fill('#password', password);
    await installer.keyboard.press('Enter');
    await installer.locator('.top-bar').waitFor(patience);
  }, 180_000);

  afterAll(async () => {
    await browser.close();
    await community.dispose();
  }, 60_000);

  test(
    'a wrong claim code is refused with what to do, the right one registers the gateway and it connects by itself',
    { timeout: 120_000 },
    async () => {
      await installer.keyboard.press('h');
      await installer.fill('#claim-url', community.url);
      await installer.fill('#claim-code', 'AAAA-AAAA');
      await installer.keyboard.press('Enter');
      await installer.locator('.claim .refused').waitFor(patience);
      await installer.fill('#claim-code', await claimCode());
      await installer.keyboard.press('Enter');
      await installer.locator('.claim[data-claimed="true"]').waitFor(patience);
      expect(await installer.locator('[data-fact="digits"]').innerText()).toMatch(/\d/);
      await installer.locator('[data-fact="wire"]', { hasText: '已连接' }).waitFor(patience);
    },
  );

  test('where no screen on duty is open the test says so, and that the cloud has it', { timeout: 120_000 }, async () => {
    const { code, said } = await alarmTest('--answer', '2');
    expect(stepsOf(said).map(({ step }) => step)).toEqual(['kept', 'uplink', 'acknowledged', 'unanswered', 'cleared']);
    expect([code, said['ok'], said['isAcknowledged'], said['isAnswered']]).toEqual([0, true, true, false]);
  });

  test(
    'by T: kept, in the cloud, on the screen on duty, acknowledged there, each with its delay; nobody is sent',
    { timeout: 120_000 },
    async () => {
      const { account, password: secret } = community.account('dispatcher');
      ({ page: desk } = await openPage(browser));
      await desk.goto(community.url);
      await desk.fill('[name="account"]', account);
      await desk.fill('[name="password"]', secret);
      await desk.keyboard.press('Enter');
      await desk.locator('.desk').waitFor(patience);
      await installer.goto(`http://127.0.0.1:${community.localPort}/devices/meter-1`);
      await installer.locator('.alarm-test').waitFor(patience);
      await installer.keyboard.press('t');
      const strip = desk.locator('.test-strip', { hasText: '一号表' });
      await strip.waitFor(patience);
      await installer.locator('[data-step="shown"]').waitFor(patience);
      await strip.getByRole('button').click();
      await installer.locator('[data-step="cleared"]').waitFor(patience);
      for (const step of ['kept', 'acknowledged', 'shown', 'answered'])
        expect(await installer.locator(`.test-steps [data-step="${step}"]`).innerText()).toMatch(/\d+ ms/);
      await strip.waitFor({ state: 'detached', ...patience });
      expect(await desk.locator('.card', { hasText: '安装试验' }).count()).toBe(0);
      const api = await community.signIn('dispatcher');
      const alarms = await api.get<{
        items: { alarm: string; disposition: string; ack: { byName: string } | null; incident: unknown }[];
      }>('/api/alarms?device=meter-1');
      const tested = alarms.items.filter(({ alarm }) => alarm === 'installer-test');
      expect(tested.every(({ disposition, incident }) => disposition === 'test' && incident === null)).toBe(true);
      expect(tested.some(({ ack }) => ack !== null && ack.byName !== '测试')).toBe(true);
    },
  );

  test('the same from the command line', { timeout: 120_000 }, async () => {
    const answer = desk.locator('.test-strip button').click(patience);
    const { code, said } = await alarmTest('--answer', '60');
    await answer;
    expect([code, said['isAnswered']]).toEqual([0, true]);
    const steps = stepsOf(said);
    expect(steps.map(({ step }) => step)).toEqual(['kept', 'uplink', 'acknowledged', 'shown', 'answered', 'cleared']);
    // The cloud's receipt and the word of a screen come over different ways, and either may be first.
    const inOrder = steps.filter(({ step }) => step !== 'acknowledged').map(({ ms }) => ms);
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
    console.log(steps.map(({ step, ms }) => `${step} ${ms} ms`).join(', '));
  });

  test('the papers are one ZIP file that others can read, without secrets', { timeout: 60_000 }, async () => {
    await installer.keyboard.press('h');
    const [download] = await Promise.all([installer.waitForEvent('download', patience), installer.locator('#export').click()]);
    const file = join(community.programs.folder, 'papers.zip');
    await download.saveAs(file);
    const script =
      'import zipfile,sys\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint("\\n".join(z.namelist()));print(z.read("devices.csv").decode("utf-8-sig"))';
    writeFileSync(join(community.programs.folder, 'read.py'), script);
    const said = execFileSync('python3', [join(community.programs.folder, 'read.py'), file], { encoding: 'utf8' });
    expect(download.suggestedFilename()).toMatch(/^gw-story-\d{4}-\d\d-\d\d\.zip$/);
    for (const word of ['site.yaml', 'devices.csv', 'handover.json', '一号表', 'lastSeen']) expect(said).toContain(word);
  });
});
