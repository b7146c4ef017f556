import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { limits } from '../../../cloud/limits.ts';
import { maskEvent } from '../../../cloud/web/mask.ts';
import { Browser, newKey, openWorld, raiseSmoke, type World } from './world.ts';

let world: World;
let wall: Browser;
beforeAll(async () => {
  world = await openWorld();
  await raiseSmoke(world);
  wall = await Browser.signIn(world, 'daping');
});
afterAll(() => world.close());

async function sendSomebody(): Promise<void> {
  const desk = await Browser.signIn(world, 'wangfang');
  const [incident] = (await world.cloud.records.listIncidents({ areas: ['xingfu'] }, {})).items;
  if (incident === undefined) throw new Error('no incident');
  const person = (await world.cloud.records.responders({ areas: ['xingfu'] })).find(({ name }) => name === '李强');
  const move = { move: 'dispatch', version: incident.version, person: person?.id, key: newKey() };
  const done = await desk.call('POST', `/api/incidents/${incident.id}/moves`, move);
  expect(done.status).toBe(200);
}

it('shows what is open with the names of those sent masked, and no telephone number', async () => {
  await sendSomebody();
  const { status, body } = await wall.call<WallView>('GET', '/api/wall');
  expect(status).toBe(200);
  expect(body.incidents[0]?.legs[0]?.personName).toBe('李*');
  expect(body.people).toEqual({ onDuty: 3, underWay: 1, onScene: 0 });
  expect(body.areas.some(({ kind }) => kind === 'community')).toBe(true);
  expect(body.alarmsPerHour).toHaveLength(24);
  expect(JSON.stringify(body)).not.toContain('李强');
});

it('masks for everybody who asks there, and shows nothing of an area that is not theirs', async () => {
  const desk = await Browser.signIn(world, 'wangfang');
  expect((await desk.call<WallView>('GET', '/api/wall')).body.incidents[0]?.legs[0]?.personName).toBe('李*');
  expect((await wall.call('GET', '/api/wall?area=elsewhere')).status).toBe(404);
});

it('may look and nothing else', async () => {
  for (const address of ['/api/snapshot', '/api/overview', '/api/incidents', '/api/devices', '/api/responders', '/api/areas'])
    expect((await wall.call('GET', address)).status, address).toBe(404);
  expect((await wall.call('PUT', '/api/me/duty', { onDuty: true })).status).toBe(404);
});

it('keeps its session for a season, and only where it can do nothing but look', async () => {
  const day = 86_400_000;
  const lasts = (browser: Browser) => (browser.session?.expiresAt ?? 0) - Date.now();
  expect(lasts(wall)).toBeGreaterThan(limits.wallSessionMs - day);
  const admin = await Browser.signIn(world, 'admin');
  const both = ['wall', 'property'].map((role) => ({ area: 'xingfu', role }));
  const password = 'one quiet phrase for both';
  expect((await admin.call('POST', '/api/users', { account: 'both', name: '两用', password, grants: both })).status).toBe(201);
  expect(lasts(await Browser.signIn(world, 'both', password))).toBeLessThanOrEqual(limits.absoluteMs);
});

it('hears the stream without people, tasks, devices and single alarms', async () => {
  const response = await wall.raw('GET', '/api/stream?after=0');
  expect(response.status).toBe(200);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('"type":"beat"')) text += (await reader?.read())?.value ?? '';
  await reader?.cancel();
  const types = new Set([...text.matchAll(/^data: \{"(?:at":\d+,")?type":"([a-z-]+)"/gm)].map(([, type]) => type));
  expect(types).toContain('incident');
  for (const type of ['alarm', 'device', 'responder', 'task']) expect(types).not.toContain(type);
  expect(text).toContain('李*');
  expect(text).not.toContain('李强');
});

it('gives a dispatcher who asks for the view of a wall the same', () => {
  const at = 1;
  expect(maskEvent({ type: 'task', at, task: 't', state: 'offered', person: 'p' }, 'wall')).toBeNull();
  expect(maskEvent({ type: 'task', at, task: 't', state: 'offered', person: 'p' }, 'none')).not.toBeNull();
  expect(maskEvent({ type: 'beat', at }, 'wall')).toEqual({ type: 'beat', at });
});
