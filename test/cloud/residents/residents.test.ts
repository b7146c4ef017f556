import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { IncidentDetail, IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { plainJpeg } from '@yihu/device-profiles/vocabulary/jpeg.ts';
import type { HouseholdLink, Notice, NoticeDetail, NoticeHome, NoticeReach } from '@yihu/device-profiles/vocabulary/resident.ts';
import type { TaskDetail, TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerTokens, homeTokens } from '../../../cloud/call/token.ts';
import { corridor, mosaicJpeg } from '../../../gateway/simulate/jpeg.ts';
import { Browser, newKey, openBeside, openWorld, type World } from '../web/world.ts';

const home = 'xingfu/xfl/g1/9/502';
const neighbour = 'xingfu/xfl/g1/9/503';
const patience = { timeout: 30_000 };

let world: World;
let desk: Browser;
let worker: Browser;
let property: Browser;
let link: string;
let other: string;

beforeAll(async () => {
  world = await openWorld();
  const admin = await Browser.signIn(world, 'admin');
  for (const [area, kind, name] of [
    ['xingfu/xfl/g1/9', 'building', '9栋'],
    [home, 'room', '502'],
    [neighbour, 'room', '503'],
  ])
    expect((await admin.call('POST', '/api/areas', { path: area, kind, name })).status).toBe(201);
  [desk, worker, property] = (await Promise.all(['wangfang', 'wangge1', 'wuye'].map((name) => Browser.signIn(world, name)))) as [
    Browser,
    Browser,
    Browser,
  ];
  [link, other] = [await linkOf(home), await linkOf(neighbour)];
});
afterAll(() => world.close());

async function linkOf(area: string, renew = false): Promise<string> {
  const { status, body } = await worker.call<HouseholdLink>('POST', '/api/household-links', { area, renew });
  expect(status).toBe(200);
  return new URL(body.url).pathname;
}

/** As a telephone without a script asks: nothing but addresses and forms. */
async function get(address: string) {
  const response = await fetch(world.cloud.url + address, { redirect: 'manual' });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

async function post(address: string, fields: Record<string, string>) {
  const response = await fetch(world.cloud.url + address, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(fields),
  });
  return { status: response.status, to: response.headers.get('location') ?? '', text: await response.text() };
}

const keyIn = (page: string) => /name="key" value="([^"]+)"/.exec(page)?.[1] ?? '';
const photo = () => mosaicJpeg({ columns: 12, rows: 8 }, corridor(12, 8, 0));

async function report(at: string, fields: Record<string, string>, picture?: Buffer) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('photo', new Blob(picture ? [new Uint8Array(picture)] : []), picture ? 'IMG.jpg' : '');
  const response = await fetch(`${world.cloud.url}${at}/report`, { method: 'POST', redirect: 'manual', body: form });
  return { status: response.status, to: response.headers.get('location') ?? '', text: await response.text() };
}

/** The ten seconds are over. */
async function tenSecondsPass(): Promise<void> {
  const beside = await openBeside(world);
  await sql`update due set due_at = 0 where kind = 'sos' and step = 0`.execute(beside.db);
  await beside.close();
}

const said = { kind: 'leak', place: 'home', text: '厨房下水管漏水' };
const taskOf = async (number: string) => {
  const { body } = await desk.call<{ items: TaskSummary[] }>('GET', '/api/tasks?state=all');
  return body.items.find(({ title }) => title.zh.includes(number));
};

describe('the link of a home', () => {
  it('opens that home’s page and no other kind of page; what was not signed here opens nothing', async () => {
    const page = await get(link);
    expect(page.status).toBe(200);
    expect(page.text).toContain('幸福里 9栋502');
    expect(Buffer.byteLength(page.text)).toBeLessThan(40 * 1024);
    expect(page.headers.get('cache-control')).toBe('no-store');
    const secret = Buffer.alloc(32, 1);
    expect(homeTokens(secret).read(answerTokens(secret).sign(1))).toBeNull();
    const token = link.slice(3);
    for (const bad of [`${token.slice(0, -1)}${token.endsWith('A') ? 'E' : 'A'}`, 'x', token.slice(1), '..%2f..'])
      expect((await get(`/h/${bad}`)).status, bad).toBe(404);
    expect((await get(`/a/${token}`)).status).toBe(404);
  });

  it('is one until it is replaced; then the old one opens nothing, and the new one shows nothing of what came by it', async () => {
    const area = 'xingfu/xfl/g1/9/504';
    const admin = await Browser.signIn(world, 'admin');
    await admin.call('POST', '/api/areas', { path: area, kind: 'room', name: '504' });
    const first = await linkOf(area);
    expect(await linkOf(area)).toBe(first);
    const made = await report(first, { ...said, key: newKey() });
    expect(made.status).toBe(303);
    const second = await linkOf(area, true);
    expect(second).not.toBe(first);
    expect((await get(first)).status).toBe(404);
    expect((await get(made.to)).status).toBe(404);
    expect((await post(`${first}/sos`, { key: newKey() })).status).toBe(404);
    expect((await report(first, { ...said, key: newKey() })).status).toBe(404);
    const number = made.to.split('/').at(-1) ?? '';
    expect((await get(second)).text).not.toContain(number);
    expect((await get(`${second}/reports/${number}`)).status).toBe(404);
    expect((await property.call('POST', '/api/household-links', { area: 'xingfu/xfl' })).status).toBe(404);
    expect((await desk.call('POST', '/api/household-links', { area })).status).toBe(404);
  });

  it('speaks English and in large type where it is asked to, on every page it leads to', async () => {
    const page = (await get(`${link}?lang=en&large=yes`)).text;
    expect(page).toContain('<html lang="en" class="large">');
    expect(page).toContain('Report something');
    expect(page).toContain(`href="${link}/report?lang=en&amp;large=yes"`.replace('&amp;', '&'));
    expect((await get(`${link}/report?lang=en`)).text).toContain('What is it?');
    expect((await get(`${link}?lang=xx`)).status).toBe(200);
  });
});

describe('随手报', () => {
  it('is a task with its photo for somebody, once, with a number and a page that says how far it has come', async () => {
    const form = await get(`${link}/report`);
    expect(form.text).not.toMatch(/<script(?! src)/);
    const key = keyIn(form.text);
    const first = await report(link, { ...said, key }, photo());
    expect([first.status, first.to]).toEqual([303, expect.stringMatching(new RegExp(`^${link}/reports/R\\d{8}-\\d\\d$`))]);
    const again = await report(link, { ...said, key }, photo());
    expect(again.to).toBe(first.to);
    const number = first.to.split('/').at(-1) ?? '';
    const task = await taskOf(number);
    expect(task).toMatchObject({
      kind: 'work-order',
      area: home,
      place: '幸福里 9栋502',
      note: '厨房下水管漏水',
      title: { zh: `随手报 ${number}：漏水` },
      source: { kind: 'report' },
    });
    expect(task?.photos?.map(({ byName }) => byName)).toEqual(['幸福里 9栋502']);
    const picture = await desk.raw('GET', `/api/photos/${task?.photos?.[0]?.id}`);
    expect(plainJpeg(Buffer.from(await picture.arrayBuffer()))?.width).toBe(96);
    expect((await get(first.to)).text).toContain('已受理');
    const workers = [worker, await Browser.signIn(world, 'wangge2'), property];
    const asked = workers.find(({ session }) => session?.user.id === task?.person) ?? worker;
    const own = await asked.call<TaskDetail[]>('GET', '/api/me/tasks');
    const mine = own.body.find(({ id }) => id === task?.id);
    expect(mine?.photos).toHaveLength(1);
    for (const move of ['accept', 'arrive', 'finish'])
      expect((await asked.call('POST', `/api/me/tasks/${task?.id}/moves`, { move, key: newKey() })).status).toBe(200);
    expect((await get(first.to)).text).toContain('已办完');
    expect((await get(link)).text).toContain(number);
    // The neighbour's link knows nothing of it.
    expect((await get(other)).text).not.toContain(number);
    expect((await get(`${other}/reports/${number}`)).status).toBe(404);
  });

  it('of the stairwell or the yard lies there; words are only words', async () => {
    const stairs = await report(link, { kind: 'hazard', place: 'stairs', text: '<b>电动车</b> 堵门', key: newKey() });
    const page = (await get(stairs.to)).text;
    expect(page).toContain('&lt;b&gt;电动车&lt;/b&gt; 堵门');
    expect(await taskOf(stairs.to.split('/').at(-1) ?? '')).toMatchObject({
      kind: 'visit',
      area: 'xingfu/xfl/g1/9',
      place: '楼道里（幸福里 9栋502 报）',
    });
    const yard = await report(link, { kind: 'dirty', place: 'yard', text: '垃圾', key: newKey() });
    expect(await taskOf(yard.to.split('/').at(-1) ?? '')).toMatchObject({ area: 'xingfu/xfl/g1' });
  });

  it('without words, with a file that is no photo, or too often, says so and keeps what was typed', async () => {
    const empty = await report(other, { ...said, text: ' ', key: newKey() });
    expect([empty.status, empty.text.includes('请写几个字')]).toEqual([422, true]);
    const bad = await report(other, { ...said, key: newKey() }, Buffer.from('<svg onload="alert(1)"/>'));
    expect([bad.status, bad.text.includes('照片没有收下'), bad.text.includes('厨房下水管漏水')]).toEqual([422, true, true]);
    expect((await report(other, { kind: 'fire', place: 'moon', text: 'x', key: newKey() })).status).toBe(422);
    for (let nth = 0; nth < 5; nth += 1) expect((await report(other, { ...said, key: newKey() })).status).toBe(303);
    const sixth = await report(other, { ...said, key: newKey() });
    expect([sixth.status, sixth.text.includes('报得太多')]).toEqual([422, true]);
    // Whoever has no link makes us read nothing.
    const stranger = await fetch(`${world.cloud.url}/h/AAAAAAAAAAAAAAAAAAAAAA/report`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: new Uint8Array(1024 * 1024),
    });
    expect(stranger.status).toBe(404);
    const huge = await report(link, { ...said, key: newKey() }, Buffer.alloc(13 * 1024 * 1024));
    expect(huge.status).toBe(413);
  });
});

describe('SOS', () => {
  const open = async () =>
    (await desk.call<{ items: IncidentSummary[] }>('GET', '/api/incidents')).body.items.filter(
      ({ hazard }) => hazard === 'person',
    );

  it('without a script takes two forms; taken back within ten seconds it never was', async () => {
    const ask = await get(`${link}/sos`);
    expect(ask.text).toContain('现在就求助吗');
    const first = await post(`${link}/sos`, { key: keyIn(ask.text) });
    expect(first.status).toBe(303);
    // The second click, the same or another, is the same call for help.
    expect((await post(`${link}/sos`, { key: keyIn(ask.text) })).to).toBe(first.to);
    expect((await post(`${link}/sos`, { key: newKey() })).to).toBe(first.to);
    const waits = await get(first.to);
    expect(waits.text).toMatch(/data-sos="pending"[\s\S]*data-left="(10|9)"/);
    expect((await get(first.to.replace(link, other))).status).toBe(404);
    expect((await post(`${first.to.replace(link, other)}/undo`, {})).status).toBe(404);
    expect((await post(`${first.to}/undo`, {})).status).toBe(303);
    expect((await get(first.to)).text).toContain('没有通知任何人');
    expect((await post(`${first.to}/undo`, {})).status).toBe(303);
    expect(await open()).toEqual([]);
  });

  it('is an alarm of the first level after ten seconds, with the address and the place of the telephone', async () => {
    const pressed = await post(`${link}/sos`, { key: newKey() });
    const place = { lon: 121.47372, lat: 31.23041, accuracyM: 12 };
    const where = (address: string, body: object) =>
      fetch(`${world.cloud.url}${address}/place`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await where(pressed.to, { ...place, lat: 91 })).status).toBe(400);
    expect((await where(pressed.to.replace(link, other), place)).status).toBe(404);
    expect((await where(pressed.to, place)).status).toBe(200);
    await tenSecondsPass();
    await expect.poll(async () => (await open()).length, patience).toBe(1);
    const [summary] = await open();
    expect(summary).toMatchObject({ severity: 'critical', area: home, place: '幸福里 9栋502' });
    const detail = (await desk.call<IncidentDetail>('GET', `/api/incidents/${summary?.id}`)).body;
    expect(detail.alarms).toMatchObject([{ active: true, latched: true, name: { zh: '住户紧急求助' }, hazard: 'person' }]);
    expect(detail.timeline.map(({ text: { zh } }) => zh)).toContain('求助手机的位置：31.23041, 121.47372（误差 12 米）');
    const page = await get(pressed.to);
    expect([page.text.includes('求助已发出'), page.text.includes('已附上手机位置')]).toEqual([true, true]);
    expect((await get(link)).text).toContain('求助已发出');

    // "I am fine" comes too late to be as if nothing had been: a person decides.
    expect((await post(`${pressed.to}/undo`, {})).status).toBe(303);
    expect((await get(pressed.to)).text).toContain('已告诉值班员');
    const after = (await desk.call<IncidentDetail>('GET', `/api/incidents/${summary?.id}`)).body;
    expect(after.state).toBe('open');
    const [alarm] = after.alarms as [Alarm];
    expect([alarm.active, alarm.latched]).toEqual([false, true]);
    expect(after.timeline.at(-1)?.text.zh).toContain('请回电核实');

    // Asked for again it is the same incident, told anew.
    const again = await post(`${link}/sos`, { key: newKey() });
    expect(again.to).not.toBe(pressed.to);
    await tenSecondsPass();
    const counted = async () => (await desk.call<IncidentDetail>('GET', `/api/incidents/${summary?.id}`)).body.alarms[0];
    await expect.poll(async () => (await counted())?.occurrences, patience).toBe(2);
    expect((await counted())?.active).toBe(true);
    expect(await open()).toHaveLength(1);
  });

  it('never waits for a limit', async () => {
    for (let nth = 0; nth < 40; nth += 1) await get(link);
    expect((await get(link)).status).toBe(429);
    expect((await get(`${link}/sos`)).status).toBe(200);
    expect((await post(`${link}/sos`, { key: newKey() })).status).toBe(303);
  });
});

describe('a notice', () => {
  it('is read by the homes it is for, one receipt for each, and counted', async () => {
    const until = Date.now() + 86_400_000;
    const body = { area: 'xingfu/xfl/g1/9', title: '停水通知', text: '明天 9–12 点停水。\n请存水。', until, key: newKey() };
    const made = await property.call<Notice>('POST', '/api/notices', body);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    expect((await property.call<Notice>('POST', '/api/notices', body)).body.id).toBe(made.body.id);
    expect((await property.call('POST', '/api/notices', { ...body, until: 1, key: newKey() })).status).toBe(400);
    expect((await property.call('POST', '/api/notices', { ...body, area: 'elsewhere', key: newKey() })).status).toBe(404);
    const page = await get(other);
    expect(page.text).toContain('停水通知');
    // Opening it says nothing: a preview of the link opens it too.
    const opened = await get(`${other}/notices/${made.body.id}`);
    expect(opened.text).toContain('明天 9–12 点停水。');
    const count = async () =>
      (await desk.call<Notice[]>('GET', '/api/notices')).body.map(({ homes, linked, read }) => [homes, linked, read]);
    expect(await count()).toEqual([[3, 3, 0]]);
    for (let nth = 0; nth < 2; nth += 1) expect((await post(`${other}/notices/${made.body.id}`, {})).status).toBe(303);
    expect((await get(`${other}/notices/${made.body.id}`)).text).toContain('已读');
    expect(await count()).toEqual([[3, 3, 1]]);
    const detail = await property.call<NoticeDetail>('GET', `/api/notices/${made.body.id}`);
    expect(detail.body).toMatchObject({
      areaName: '幸福里 9栋',
      buildings: [{ area: 'xingfu/xfl/g1/9', name: '幸福里 9栋', homes: 3, linked: 3, read: 1 }],
    });
    const homesAt = `/api/notices/${made.body.id}/homes?building=${encodeURIComponent('xingfu/xfl/g1/9')}`;
    const homes = (await property.call<NoticeHome[]>('GET', homesAt)).body;
    // Those who have not read it are who somebody has to go to.
    expect(homes.map(({ linked, readAt }) => [linked, readAt !== null])).toEqual([
      [true, false],
      [true, false],
      [true, true],
    ]);
    expect(homes.at(-1)?.label).toMatch(/^幸福里 9栋/);
    // Which flat has read it is for those who go there.
    expect((await desk.call('GET', homesAt)).status).toBe(404);
    expect((await property.call<NoticeHome[]>('GET', homesAt.replace('g1%2F9', 'g2'))).body).toEqual([]);
    expect((await property.call('POST', `/api/notices/${made.body.id}/withdraw`, {})).body).toMatchObject({
      withdrawnByName: expect.any(String) as string,
    });
    expect((await get(`${other}/notices/${made.body.id}`)).status).toBe(404);
    expect((await post(`${other}/notices/${made.body.id}`, {})).status).toBe(404);
    expect((await get(`${other}/notices/${made.body.id}'--`)).status).toBe(400);
  });

  it('is not told before its time, and says beforehand how many homes it would reach', async () => {
    const area = 'xingfu/xfl/g1/9';
    const reach = await property.call<NoticeReach>('GET', `/api/notices/reach?area=${encodeURIComponent(area)}`);
    expect(reach.body).toEqual({ area, areaName: '幸福里 9栋', homes: 3, linked: 3 });
    const grid = await property.call<NoticeReach>('GET', `/api/notices/reach?area=${encodeURIComponent('xingfu/xfl/g1')}`);
    expect(grid.body.areaName).toBe('幸福里 第一网格');
    expect((await property.call('GET', '/api/notices/reach?area=elsewhere')).status).toBe(404);
    const from = Date.now() + 3_600_000;
    const body = { area, title: '电梯年检', text: '后天年检。', from, until: from + 3_600_000, key: newKey() };
    const swapped = { ...body, until: from - 60_000, key: newKey() };
    expect((await property.call('POST', '/api/notices', swapped)).body).toMatchObject({ issues: [{ path: '/from' }] });
    const made = await property.call<Notice>('POST', '/api/notices', body);
    expect(made.body).toMatchObject({ from, withdrawnByName: null });
    expect((await get(other)).text).not.toContain('电梯年检');
    expect((await post(`${other}/notices/${made.body.id}`, {})).status).toBe(404);
  });
});
