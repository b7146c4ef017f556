import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { IncidentDetail, IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { Snapshot } from '@yihu/device-profiles/vocabulary/view.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, newKey, openWorld, raiseSmoke, type World } from './world.ts';

interface List<T> {
  items: T[];
}

let world: World;
let dispatcher: Browser;
beforeAll(async () => {
  world = await openWorld();
  await raiseSmoke(world);
  dispatcher = await Browser.signIn(world, 'wangfang');
});
afterAll(() => world.close());

async function openIncident(browser = dispatcher): Promise<IncidentSummary> {
  const { body } = await browser.call<List<IncidentSummary>>('GET', '/api/incidents');
  const [incident] = body.items;
  if (!incident) throw new Error('no open incident');
  return incident;
}

async function oneAlarm(): Promise<Alarm> {
  const { body } = await dispatcher.call<List<Alarm>>('GET', '/api/alarms?device=gw-1/smoke-502');
  const [alarm] = body.items;
  if (!alarm) throw new Error('no alarm');
  return alarm;
}

describe('from the alarm to the dispatcher', () => {
  it('shows the snapshot as the vocabulary says it', async () => {
    const { status, body } = await dispatcher.call('GET', '/api/snapshot');
    expect(status).toBe(200);
    const snapshot = Snapshot.parse(body);
    expect(snapshot.incidents).toMatchObject([
      { hazard: 'fire', severity: 'critical', state: 'open', area: expect.stringContaining('xingfu/xfl') },
    ]);
    expect(snapshot.responders.map(({ name }) => name)).toEqual(expect.arrayContaining(['李强', '赵敏']));
  });

  it('lets one of two dispatchers acknowledge; the other hears who was first', async () => {
    const admin = await Browser.signIn(world, 'admin');
    const second = {
      account: 'liuyang',
      name: '刘洋',
      password: 'another long quiet phrase',
      grants: [{ area: 'xingfu', role: 'dispatcher' }],
    };
    expect((await admin.call('POST', '/api/users', second)).status).toBe(201);
    const other = await Browser.signIn(world, 'liuyang', second.password);
    const { id, version } = await oneAlarm();
    const address = `/api/alarms/${encodeURIComponent(id)}/moves`;
    const move = { move: 'ack', version };
    const answers = await Promise.all([
      dispatcher.call<Alarm>('POST', address, { ...move, key: newKey() }),
      other.call<Alarm>('POST', address, { ...move, key: newKey() }),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const won = answers.find(({ status }) => status === 200)?.body;
    const lost = answers.find(({ status }) => status === 409)?.body as unknown as { code: string; current: Alarm };
    expect(lost.code).toBe('version-conflict');
    expect(lost.current.ack).toEqual(won?.ack);
    expect(['王芳', '刘洋']).toContain(lost.current.ack?.byName);
  });

  it('does a thing once, however often the same key is sent', async () => {
    const before = await openIncident();
    const note = { text: '已电话联系住户', key: newKey() };
    const address = `/api/incidents/${before.id}/notes`;
    const answers = await Promise.all([1, 2, 3].map(() => dispatcher.call<IncidentDetail>('POST', address, note)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { body } = await dispatcher.call<IncidentDetail>('GET', `/api/incidents/${before.id}`);
    expect(body.timeline.filter((line) => line.kind === 'note')).toHaveLength(1);
  });

  it('says so where a command was carried out before, and takes one key for nothing else', async () => {
    const incident = await openIncident();
    const key = newKey();
    const headers = { 'x-csrf-token': dispatcher.csrf, 'content-type': 'application/json' };
    const post = (address: string, body: object) =>
      dispatcher.raw('POST', address, { headers, body: JSON.stringify({ ...body, key }) });
    const note = { text: '住户说在炒菜' };
    const own = `/api/incidents/${incident.id}`;
    const said = [await post(`${own}/notes`, note), await post(`${own}/notes`, note)];
    expect(said.map((answer) => [answer.status, answer.headers.get('idempotency-repeated')])).toEqual([
      [200, null],
      [200, 'true'],
    ]);
    const { version } = await openIncident();
    const others = [
      await post(`${own}/moves`, { move: 'confirm', version }),
      await post(`/api/alarms/${encodeURIComponent((await oneAlarm()).id)}/moves`, { move: 'ack', version: 1 }),
    ];
    for (const answer of others) {
      expect(answer.status).toBe(409);
      expect(await answer.json()).toMatchObject({ code: 'key-reused' });
    }
    expect(await openIncident()).toMatchObject({ state: 'open', version });
  });

  it('sends a worker, who arrives; a worker who was not sent may look and not touch', async () => {
    const { body: people } = await dispatcher.call<{ id: string; name: string }[]>('GET', '/api/responders');
    const person = people.find(({ name }) => name === '李强')?.id;
    const { id } = await openIncident();
    const move = async (browser: Browser, name: string, more: object = {}) => {
      const { version } = (await browser.call<IncidentDetail>('GET', `/api/incidents/${id}`)).body;
      return browser.call<IncidentDetail>('POST', `/api/incidents/${id}/moves`, { move: name, version, key: newKey(), ...more });
    };
    expect(await move(dispatcher, 'confirm')).toMatchObject({ status: 200, body: { state: 'confirmed' } });
    expect(await move(dispatcher, 'dispatch', { person })).toMatchObject({ status: 200, body: { state: 'dispatched' } });
    const stranger = await Browser.signIn(world, 'wangge2');
    expect(await move(stranger, 'arrive')).toMatchObject({ status: 403, body: { code: 'not-yours' } });
    const worker = await Browser.signIn(world, 'wangge1');
    expect((await stranger.call('GET', '/api/me/tasks')).body).toEqual([]);
    const [task] = (await worker.call<TaskSummary[]>('GET', '/api/me/tasks')).body;
    expect(task).toMatchObject({ kind: 'dispatch', state: 'offered', incident: id, person });
    const accept = { move: 'accept', phoneAt: 1, key: newKey() };
    const own = `/api/me/tasks/${task?.id}/moves`;
    expect(await stranger.call('POST', own, accept)).toMatchObject({ status: 404 });
    for (const _twice of [1, 2])
      expect(await worker.call('POST', own, accept)).toMatchObject({ status: 200, body: { state: 'accepted' } });
    expect(await worker.call('POST', own, { ...accept, key: newKey() })).toMatchObject({
      status: 409,
      body: { code: 'not-allowed' },
    });
    expect(await worker.call('POST', own, { ...accept, move: 'verify' })).toMatchObject({ status: 400 });
    const there = { lon: 120.1, lat: 30.2, phoneAt: 1 };
    expect(await worker.call('PUT', '/api/me/place', there)).toMatchObject({ status: 200, body: { kept: true } });
    expect(await move(worker, 'false-alarm', { reason: '没有火' })).toMatchObject({ status: 403, body: { code: 'not-yours' } });
    expect(await move(worker, 'arrive', { person })).toMatchObject({ status: 200, body: { state: 'on-scene' } });
    expect(await move(dispatcher, 'confirm')).toMatchObject({
      status: 409,
      body: { code: 'not-allowed', current: { id, state: 'on-scene' } },
    });
    expect(await move(dispatcher, 'false-alarm')).toMatchObject({ status: 422, body: { code: 'reason-needed' } });
  });

  it('never holds back an acknowledgement, a confirmation or a dispatch, however busy the person was', async () => {
    const { id, version } = await openIncident();
    const busy = await Browser.signIn(world, 'wangfang');
    const answers = await Promise.all(
      Array.from({ length: 320 }, () => busy.raw('GET', '/api/session').then(({ status }) => status)),
    );
    expect(answers).toContain(429);
    const held = await busy.call('POST', `/api/incidents/${id}/notes`, { text: 'x', key: newKey() });
    expect(held).toMatchObject({ status: 429, body: { code: 'too-many' } });
    for (const move of ['dispatch', 'confirm']) {
      const answer = await busy.call('POST', `/api/incidents/${id}/moves`, { move, version: version - 1, key: newKey() });
      expect(answer.status).not.toBe(429);
    }
    const alarm = await world.cloud.records.listAlarms({ areas: ['xingfu'] }, {});
    const ack = { move: 'ack', version: 0, key: newKey() };
    expect((await busy.call('POST', `/api/alarms/${encodeURIComponent(alarm.items[0]?.id ?? '')}/moves`, ack)).status).toBe(409);
  });
});

describe('a request', () => {
  it('is told every field that is wrong, by its path', async () => {
    const wuye = await Browser.signIn(world, 'wuye');
    const { id } = await openIncident(wuye);
    const answer = await wuye.call<{ issues: { path: string }[] }>('POST', `/api/incidents/${id}/notes`, {
      text: 'a\u202eb',
      key: 'short',
      extra: 1,
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'bad-request', message: { zh: expect.any(String), en: expect.any(String) } },
    });
    expect(answer.body.issues.map(({ path }) => path).toSorted()).toEqual(['/extra', '/key', '/text']);
  });

  it('carries no prototype, no depth, no other kind of body and no more than 256 KB', async () => {
    const wuye = await Browser.signIn(world, 'wuye');
    const post = async (body: string, type = 'application/json') => {
      const headers = { 'content-type': type, 'x-csrf-token': wuye.csrf };
      const response = await wuye.raw('POST', '/api/incidents/inc-1/notes', { body, headers });
      return [response.status, ((await response.json()) as { code: string }).code];
    };
    expect(await post('{"__proto__":{"admin":true},"text":"a","key":"12345678"}')).toEqual([400, 'bad-json']);
    expect(await post('{"text":"a","constructor":{"prototype":{}},"key":"12345678"}')).toEqual([400, 'bad-json']);
    expect(await post('{"text":')).toEqual([400, 'bad-json']);
    expect(await post(`${'['.repeat(40)}${']'.repeat(40)}`)).toEqual([400, 'too-deep']);
    expect(await post(JSON.stringify({ text: '['.repeat(60), key: newKey() }))).toEqual([404, 'not-found']);
    expect(await post('text=a', 'application/x-www-form-urlencoded')).toEqual([415, 'media-type']);
    expect(await post(JSON.stringify({ text: 'a'.repeat(300_000) }))).toEqual([413, 'too-large']);
  });
});
