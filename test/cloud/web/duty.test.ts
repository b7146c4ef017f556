import type {
  DutyGap,
  DutyNeed,
  HandOver,
  HandOverItem,
  IncidentNeed,
  OnDuty,
  RunCardLine,
  Shift,
} from '@yihu/device-profiles/vocabulary/duty.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { TaskDetail } from '@yihu/device-profiles/vocabulary/task.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, newKey, openWorld, raiseSmoke, type World } from './world.ts';

/** Roster, hand-over, run card and needs as they are asked for over HTTP: pressed twice, by the wrong hand, with wrong words. */

const area = 'xingfu/xfl';
const hour = 3_600_000;

let world: World;
let desk: Browser;
let property: Browser;
let worker: Browser;
beforeAll(async () => {
  world = await openWorld();
  await raiseSmoke(world);
  [desk, property, worker] = await Promise.all([
    Browser.signIn(world, 'wangfang'),
    Browser.signIn(world, 'wuye'),
    Browser.signIn(world, 'wangge1'),
  ]);
});
afterAll(() => world.close());

describe('the roster', () => {
  const from = Date.UTC(2030, 0, 1);
  const span = `area=${area}&from=${from}&to=${from + 24 * hour}`;
  const shift = (more: object = {}) => ({
    area,
    role: 'grid-worker',
    person: worker.session?.user.id,
    from,
    to: from + 12 * hour,
    key: newKey(),
    ...more,
  });
  const gaps = async () => (await property.call<DutyGap[]>('GET', `/api/duty-gaps?${span}`)).body;

  it('tells what is missing of what is asked for, until somebody is on it, and again when they are taken off', async () => {
    const need = { area, role: 'grid-worker', least: 1 };
    expect((await property.call<DutyNeed>('PUT', '/api/duty-needs', need)).body).toEqual(need);
    expect(await gaps()).toMatchObject([{ area, role: 'grid-worker', from, to: from + 24 * hour, missing: 1 }]);
    const body = shift();
    const put = [
      await property.call<Shift>('POST', '/api/shifts', body),
      await property.call<Shift>('POST', '/api/shifts', body),
    ];
    expect(put.map(({ status }) => status)).toEqual([201, 201]);
    expect(put[1]?.body).toEqual(put[0]?.body);
    expect(await gaps()).toMatchObject([{ from: from + 12 * hour, to: from + 24 * hour }]);
    const listed = await property.call<Shift[]>('GET', `/api/shifts?${span}`);
    expect(listed.body).toMatchObject([{ personName: '李强', role: 'grid-worker' }]);
    const off = () => property.call('POST', `/api/shifts/${put[0]?.body.id}/cancel`, { key: newKey() });
    expect((await off()).status).toBe(200);
    expect((await off()).status).toBeLessThan(500);
    expect(await gaps()).toMatchObject([{ from, to: from + 24 * hour }]);
  });

  it.each([
    ['that ends before it begins', { to: from - 1 }, [400, 422]],
    ['of nobody', { person: 'no-such-person' }, [404, 422]],
    ['in an area of others', { area: 'yangguang' }, [404]],
    ['of a role that has no roster', { role: 'admin' }, [400]],
    ['with a word too many', { colour: 'red' }, [400]],
  ])('refuses a shift %s, and says which field', async (_name, more, statuses) => {
    const { status, body } = await property.call('POST', '/api/shifts', shift(more));
    expect(statuses).toContain(status);
    expect(body).toHaveProperty('message.zh');
  });

  it('knows who is there now, by roster and by sign-in', async () => {
    const now = Date.now();
    await property.call('POST', '/api/shifts', shift({ from: now - hour, to: now + hour }));
    const { body } = await property.call<OnDuty[]>('GET', `/api/on-duty?area=${area}`);
    expect(body.find(({ person }) => person === worker.session?.user.id)).toMatchObject({ state: 'here', role: 'grid-worker' });
    expect(body.find(({ name }) => name === '王芳')).toMatchObject({ state: 'extra', role: 'dispatcher' });
  });

  it('is nobody’s to change who only works by it', async () => {
    expect((await worker.call('POST', '/api/shifts', shift())).status).toBe(404);
    expect((await worker.call('GET', `/api/duty-gaps?${span}`)).status).toBe(404);
  });
});

describe('the hand-over', () => {
  it('is drafted from what is open, noted, signed by who goes and then by who comes, and then stays as it is', async () => {
    const admin = await Browser.signIn(world, 'admin');
    const night = { account: 'yeban', name: '夜班', password: 'Lan-Ting-Xu-353', grants: [{ area, role: 'dispatcher' }] };
    expect((await admin.call('POST', '/api/users', night)).status).toBe(201);
    const comes = await Browser.signIn(world, night.account, night.password);

    const proposal = await desk.call<HandOverItem[]>('GET', `/api/hand-overs/proposal?area=${area}`);
    expect(proposal.body.map(({ kind }) => kind)).toContain('incident');
    const draft = { area, key: newKey() };
    const made = [
      await desk.call<HandOver>('POST', '/api/hand-overs', draft),
      await desk.call<HandOver>('POST', '/api/hand-overs', draft),
    ];
    expect(made.map(({ status }) => status)).toEqual([201, 201]);
    const { id } = made[0]?.body ?? {};
    expect(made[1]?.body.id).toBe(id);
    const sign = (who: Browser) => who.call<HandOver>('POST', `/api/hand-overs/${id}/sign`, { key: newKey() });
    const note = (who: Browser, text: string) =>
      who.call<HandOver>('POST', `/api/hand-overs/${id}/notes`, { text, key: newKey() });
    expect((await sign(comes)).status).toBe(409);
    expect((await note(desk, '三栋电梯在修')).body.notes).toMatchObject([{ text: '三栋电梯在修', byName: '王芳' }]);
    expect((await sign(desk)).body).toMatchObject({ state: 'offered', outgoingName: '王芳' });
    // Who goes does not also come.
    expect((await sign(desk)).status).toBe(403);
    expect((await sign(comes)).body).toMatchObject({ state: 'taken', incomingName: '夜班' });
    expect((await note(desk, '还有')).status).toBe(409);
    expect((await sign(comes)).status).toBe(409);
    const listed = await property.call<HandOver[]>('GET', '/api/hand-overs');
    expect(listed.body).toMatchObject([{ id, state: 'taken' }]);
  });

  it('is nothing to others, and not for an area of others', async () => {
    expect((await property.call('POST', '/api/hand-overs', { area, key: newKey() })).status).toBe(404);
    expect((await desk.call('POST', '/api/hand-overs', { area: 'yangguang', key: newKey() })).status).toBe(404);
    expect((await desk.call('POST', '/api/hand-overs/ho-none/sign', { key: newKey() })).status).toBe(404);
  });
});

describe('the force of an incident', () => {
  const incident = async () => {
    const { body } = await desk.call<{ items: { id: string }[] }>('GET', '/api/incidents');
    return body.items[0]?.id ?? '';
  };

  it('names what is missing and why', async () => {
    const { body } = await desk.call<RunCardLine[]>('GET', `/api/incidents/${await incident()}/run-card`);
    expect(body).toMatchObject([
      { role: 'property', wanted: 2, sent: 0, missing: 2, reason: 'nobody-on-duty', text: { zh: '没有人在岗' } },
      { role: 'grid-worker', wanted: 1, missing: 1, reason: 'no-fresh-location' },
    ]);
    expect((await desk.call('GET', '/api/incidents/inc-none/run-card')).status).toBe(404);
    expect((await worker.call('GET', `/api/incidents/${await incident()}/run-card`)).status).toBe(404);
  });

  it('follows the level that a person gives the incident, and its command passes to somebody by name', async () => {
    const own = `/api/incidents/${await incident()}`;
    const seen = async () => (await desk.call<IncidentDetail>('GET', own)).body;
    const { version, severity } = await seen();
    expect(severity).toBe('critical');
    const level = { severity: 'minor', version, reason: '只是烧焦的锅', key: newKey() };
    for (const wrong of [
      { ...level, severity: 'huge' },
      { ...level, reason: '' },
      { version, reason: '无', key: newKey() },
      { ...level, commander: 'u-none' },
    ])
      expect([400, 422]).toContain((await desk.call('POST', `${own}/command`, wrong)).status);
    expect((await worker.call('POST', `${own}/command`, level)).status).toBe(404);
    expect(await desk.call('POST', `${own}/command`, level)).toMatchObject({ status: 200, body: { severity: 'minor' } });
    expect((await desk.call<RunCardLine[]>('GET', `${own}/run-card`)).body).toMatchObject([{ wanted: 1 }, { wanted: 1 }]);
    const { body: people } = await desk.call<{ id: string; name: string }[]>('GET', '/api/responders');
    const [chief] = people.filter(({ name }) => name === '李强');
    const pass = { commander: chief?.id, version: version + 1, reason: '到现场指挥', key: newKey() };
    expect(await desk.call('POST', `${own}/command`, { ...pass, version })).toMatchObject({ status: 409 });
    expect(await desk.call('POST', `${own}/command`, pass)).toMatchObject({ status: 200, body: { commander: '李强' } });
    expect((await seen()).timeline.slice(-2).map(({ text }) => text.zh)).toEqual([
      '级别由 I 级改为 III 级：只是烧焦的锅',
      '指挥交给 李强：到现场指挥',
    ]);
    const back = { severity: 'critical', version: version + 2, reason: '又起火', key: newKey() };
    expect(await desk.call('POST', `${own}/command`, back)).toMatchObject({ status: 200, body: { severity: 'critical' } });
  });

  it('takes a need once for two presses, and makes a task of it', async () => {
    const at = `/api/incidents/${await incident()}/needs`;
    const need = { kind: 'medical', count: 2, key: newKey() };
    const made = [await desk.call<IncidentNeed>('POST', at, need), await desk.call<IncidentNeed>('POST', at, need)];
    expect(made.map(({ status }) => status)).toEqual([201, 201]);
    expect(made[1]?.body.id).toBe(made[0]?.body.id);
    expect((await desk.call<IncidentNeed[]>('GET', at)).body).toMatchObject([{ kind: 'medical', count: 2, state: 'answered' }]);
    const task = await desk.call<TaskDetail>('GET', `/api/tasks/${made[0]?.body.task}`);
    expect(task.body).toMatchObject({ kind: 'dispatch', title: { zh: expect.stringMatching(/^需要医护 2/) as unknown } });
    for (const wrong of [
      { ...need, count: 0 },
      { ...need, kind: 'luck' },
      { ...need, key: '' },
      { ...need, place: 'x'.repeat(121) },
    ])
      expect((await desk.call('POST', at, wrong)).status).toBe(400);
    expect((await worker.call('POST', at, { ...need, key: newKey() })).status).toBe(404);
  });
});
