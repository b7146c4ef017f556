import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IncidentDetail, IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../../demo/ports.ts';
import { issueSecret } from '../../gateway/collect/mqtt/secret.ts';
import { describeWith } from '../needs.ts';
import { openBrowser, openPage } from '../screens/browser.ts';
import { screensAreBuilt } from './built-screens.ts';
import { type Api, Community } from './community.ts';
import { ModbusServer } from './modbus-server.ts';
import { cloudProgram, until } from './programs.ts';
import { switchRoom } from './switch-room.ts';

// Whole programs start and stop here, on machines that do other things as well.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Set to a folder to keep the pictures of the story. */
const pictures = process.env['STORY_PICTURES'];

describeWith(['chromium', 'pymodbus', 'mosquitto'], 'from a register on a wire to a closed incident', () => {
  let community: Community;
  let server: ModbusServer;
  let browser: Browser;
  let page: Page;
  let errors: string[];
  let api: Api;
  let mqttPort: number;
  let secret: string;

  beforeAll(async () => {
    await screensAreBuilt();
    community = await Community.make('story');
    const { programs } = community;
    server = await ModbusServer.start(programs);
    await server.tell('set 0 415');
    mqttPort = await freePort(0);
    const deviceKeyFile = join(programs.folder, 'device.key');
    const issued = issueSecret(deviceKeyFile);
    secret = issued.secret;
    community.writeProfile(switchRoom);
    await community.writeSite({
      profiles: ['profiles'],
      ports: [
        { id: 'room', driver: 'modbus', mode: 'tcp', host: '127.0.0.1', port: server.port },
        { id: 'wireless', driver: 'mqtt', listen: `127.0.0.1:${mqttPort}`, login: 'required', deviceKeyFile },
      ],
      devices: [
        {
          id: 'busbar-1',
          profile: switchRoom.id,
          port: 'room',
          address: { unit: 1 },
          name: { zh: '1号母排', en: 'Busbar 1' },
          place: { building: '1', note: '地下配电室' },
        },
        {
          id: 'smoke-502',
          profile: 'heiman.hs1sa-e',
          port: 'wireless',
          address: { identity: 'smoke-502', secret: issued.hash },
          name: { zh: '502 烟感', en: 'Smoke detector 502' },
          place: { building: '3', unit: '2', room: '502' },
        },
      ],
    });
    await community.startCloud();
    await community.claim();
    await community.startGateway();
    browser = await openBrowser();
    programs.atEnd(() => browser.close());
    ({ page, errors } = await openPage(browser, { soundTested: false }));
    api = await community.signIn('dispatcher');
  });

  afterAll(() => community?.dispose());

  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const picture = async (name: string) => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) });
  };
  const state = (text: string) => page.locator('.pane-state', { hasText: text }).waitFor();
  const card = (text: string) => page.locator('.cards .card', { hasText: text });
  const openIncident = async (device: string): Promise<IncidentDetail> => {
    const { items } = await api.get<{ items: IncidentSummary[] }>('/api/incidents?state=all');
    const details = await Promise.all(items.map(({ id }) => api.get<IncidentDetail>(`/api/incidents/${id}`)));
    const found = details.find(({ alarms }) => alarms.some((alarm) => alarm.device === device));
    if (!found) throw new Error(`no incident of ${device}`);
    return found;
  };

  test('the dispatcher signs in with the password shown at the first start, hears the test tone, and sees a quiet board', async () => {
    const { account, password } = community.account('dispatcher');
    await page.goto(community.url);
    await page.fill('#account', account);
    await page.fill('#password', password);
    await press('Enter');
    await page.locator('dialog[open]').waitFor();
    await picture('0-sound');
    await press('Enter');
    await page.locator('dialog .button.strong', { hasText: '我听到了' }).click();
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    await page.locator('.queue', { hasText: '无未结事件' }).waitFor();
    await picture('1-quiet');
  });

  test('95 °C on the wire is an alarm on the screen', async () => {
    const crossedAt = Date.now();
    await server.tell('set 0 950');
    await card('母排过热').waitFor();
    await page.locator('#incident-title', { hasText: '母排过热' }).waitFor();
    await page.locator('.alarm', { hasText: '95' }).waitFor();
    await picture('2-alarm');
    const { alarms } = await openIncident('busbar-1');
    expect(alarms[0]).toMatchObject({ active: true, value: 95, reason: { code: 'above-limit', limit: 90 } });
    expect(alarms[0]?.raisedAt).toBeGreaterThanOrEqual(crossedAt);
  });

  test('A acknowledges, D and Enter send somebody', async () => {
    await press('a');
    await state('已确认');
    await picture('3-confirmed');
    await press('d');
    await page.locator('dialog[open] .candidate').first().waitFor();
    await picture('4-dispatch');
    await press('Enter');
    await state('已派人');
    await page.locator('.facts .leg').first().waitFor();
    const { alarms, legs } = await openIncident('busbar-1');
    expect(alarms[0]?.ack?.byName).toBe('王芳');
    expect(legs).toHaveLength(1);
  });

  test('while it burns nobody may call it resolved; at 41 °C the alarm is gone, R resolves and C closes', async () => {
    await press('r');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    await server.tell('set 0 412');
    await page.locator('.alarm.gone', { hasText: '41.2' }).waitFor();
    await picture('5-cleared');
    await page.locator('[data-move="resolve"]:not([aria-disabled="true"])').waitFor();
    await press('r');
    await page.locator('dialog[open]').waitFor();
    await press('Enter');
    await state('已解除');
    await press('c');
    await page.locator('dialog[open]').waitFor();
    await picture('6-close');
    await press('Enter');
    await state('已结案');
    await picture('7-closed');
    await expect.poll(() => card('母排过热').count()).toBe(0);
  });

  test('its timeline tells it in order with both clocks, and the exported chain of hashes holds', async () => {
    const incident = await openIncident('busbar-1');
    const { timeline } = incident;
    expect(incident.state).toBe('closed');
    expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_line, index) => index + 1));
    const told = timeline.map(({ kind, data }) => (kind === 'state' ? String(data['to']) : kind));
    expect(told).toEqual([
      'alarm-raised',
      'confirmed',
      'alarm-acked',
      'dispatched',
      'dispatch',
      'alarm-cleared',
      'resolved',
      'closed',
      // Whoever had not answered yet is told that nobody is needed any more.
      'dispatch',
    ]);
    for (const [index, line] of timeline.entries()) {
      expect(line.at).toBeGreaterThanOrEqual(timeline[index - 1]?.at ?? 0);
      if (line.kind !== 'alarm-raised' && line.kind !== 'alarm-cleared') continue;
      expect(line.edgeAt).not.toBeNull();
      expect(Math.abs(line.at - (line.edgeAt ?? 0))).toBeLessThan(60_000);
    }
    const file = join(community.programs.folder, 'incident.json');
    writeFileSync(file, JSON.stringify(incident));
    const good = await community.programs.run([cloudProgram, 'verify', file, '--json']);
    expect([good.code, JSON.parse(good.stdout)]).toMatchObject([0, { ok: true, lines: timeline.length }]);
    const forged = { ...incident, timeline: timeline.map((line) => (line.seq === 2 ? { ...line, actorName: '李强' } : line)) };
    writeFileSync(file, JSON.stringify(forged));
    const bad = await community.programs.run([cloudProgram, 'verify', file, '--json']);
    expect([bad.code, JSON.parse(bad.stdout)]).toMatchObject([2, { ok: false, seq: 2, why: 'changed' }]);
  });

  test('a smoke detector that speaks through mosquitto_pub is a fire on the screen', async () => {
    const who = ['-h', '127.0.0.1', '-p', String(mqttPort), '-i', 'smoke-502', '-u', 'smoke-502', '-P', secret];
    const says = (message: object) =>
      community.programs.runProgram('/usr/bin/mosquitto_pub', [
        ...who,
        '-q',
        '1',
        '-t',
        'zigbee2mqtt/smoke-502',
        '-m',
        JSON.stringify(message),
      ]);
    const sent = await says({ smoke: true, tamper: false, battery_low: false, battery: 97, linkquality: 120 });
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    await card('烟雾报警').waitFor();
    await picture('8-smoke');
    expect(await card('烟雾报警').innerText()).toContain('幸福里 3栋2单元502');
    await until('the alarm in the records', async () => (await openIncident('smoke-502')).alarms.some(({ active }) => active));
    expect(errors).toEqual([]);
  });
});
