import { hostname } from 'node:os';
import type { CapEntry, CapReceipt } from '@yihu/device-profiles/vocabulary/cap.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { SaxesParser } from 'saxes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCap } from '../../../cloud/cap/read.ts';
import { alertOf, areaOf, infoOf, type Said } from '../cap/documents.ts';
import { Browser, newKey, openWorld, raiseSmoke, type World } from './world.ts';

let world: World;
let admin: Browser;
let dispatcher: Browser;
let weather: Browser;
let brigade: Browser;
const password = 'one quiet phrase for all';
const scope = { areas: ['xingfu'] };

beforeAll(async () => {
  world = await openWorld();
  await raiseSmoke(world);
  admin = await Browser.signIn(world, 'admin');
  dispatcher = await Browser.signIn(world, 'wangfang');
  const source = async (account: string): Promise<Browser> => {
    const body = { account, name: account, phone: '13800001234', password, grants: [{ area: 'xingfu', role: 'warner' }] };
    expect((await admin.call('POST', '/api/users', body)).status).toBe(201);
    return Browser.signIn(world, account, password);
  };
  weather = await source('qixiang');
  brigade = await source('xiaofang');
});
afterAll(() => world.close());

const inMinutes = (minutes: number): string =>
  `${new Date(Date.now() + minutes * 60_000 + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the test says what it expects to hear
async function post<T = CapReceipt>(document: string, browser = weather, type = 'application/cap+xml') {
  const response = await browser.raw('POST', '/api/cap', {
    body: document,
    headers: { 'content-type': type, 'x-csrf-token': browser.csrf },
  });
  return { status: response.status, body: (await response.json()) as T };
}

const said = (more: Said = {}) => alertOf({ sent: inMinutes(-1), info: [infoOf({ expires: inMinutes(60) })], ...more });
const reference = (document: string): string => {
  const of = (name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(document)?.[1] ?? '';
  return `${of('sender')},${of('identifier')},${of('sent')}`;
};
const incidentOf = async ({ incidents: [id = ''] }: CapReceipt): Promise<IncidentDetail> => {
  const detail = await world.cloud.records.incidentDetail(scope, id);
  if (!detail) throw new Error('no incident');
  return detail;
};

describe('a warning that comes in', () => {
  it('is an alarm and an incident in the areas it means; its update changes them, its cancel clears them', async () => {
    const first = said({ identifier: 'rain-1' });
    const raised = await post(first);
    expect(raised).toMatchObject({ status: 201, body: { effect: 'raised', areas: ['xingfu/xfl'], repeated: false } });
    const before = await incidentOf(raised.body);
    expect(before).toMatchObject({ state: 'open', severity: 'major', hazard: 'environment', area: 'xingfu/xfl' });
    expect(before.alarms).toMatchObject([{ active: true, gateway: 'cap', deviceName: { zh: '市气象台' }, name: { zh: '暴雨' } }]);
    expect(before.timeline.find(({ kind }) => kind === 'note')?.data['cap']).toMatchObject({
      identifier: 'rain-1',
      instruction: '请勿进入地下空间。',
    });

    const graver = infoOf({
      severity: 'Extreme',
      headline: '暴雨红色预警',
      expires: inMinutes(60),
      area: areaOf({ code: 'xingfu/xfl' }),
    });
    const second = said({
      identifier: 'rain-2',
      sent: inMinutes(0),
      msgType: 'Update',
      references: reference(first),
      info: [graver],
    });
    const updated = await post(second);
    expect(updated).toMatchObject({ status: 201, body: { effect: 'updated', incidents: raised.body.incidents } });
    expect(await incidentOf(updated.body)).toMatchObject({
      severity: 'critical',
      alarms: [{ active: true, severity: 'critical' }],
    });

    const third = said({ identifier: 'rain-3', sent: inMinutes(0), msgType: 'Cancel', references: reference(second), info: [] });
    expect(await post(third)).toMatchObject({ status: 201, body: { effect: 'cancelled', incidents: raised.body.incidents } });
    const after = await incidentOf(raised.body);
    expect(after.alarms).toMatchObject([{ active: false }]);
    expect(after.timeline.at(-1)).toMatchObject({ kind: 'note', text: { zh: '外部预警已取消' } });

    const late = said({ identifier: 'rain-4', sent: inMinutes(0), msgType: 'Update', references: reference(second) });
    expect(await post<Problem>(late)).toMatchObject({
      status: 409,
      body: { code: 'already-cancelled', issues: [{ path: '/alert/references' }] },
    });
  });

  it('is one effect however often it comes, also twice at the same time; the same identifier for other words is refused', async () => {
    const document = said({ identifier: 'wind-1', info: [infoOf({ event: '大风', expires: inMinutes(30) })] });
    const answers = await Promise.all([post(document), post(document), post(document)]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 201]);
    expect(new Set(answers.map(({ body }) => JSON.stringify({ ...body, repeated: false }))).size).toBe(1);
    const [one] = answers;
    const detail = one && (await incidentOf(one.body));
    expect(detail?.alarms.filter(({ name }) => name.zh === '大风')).toHaveLength(1);
    expect(await post<Problem>(document.replace('大风', '台风'))).toMatchObject({
      status: 409,
      body: { code: 'identifier-taken' },
    });
    expect(await post<Problem>(document, brigade)).toMatchObject({ status: 409, body: { code: 'identifier-taken' } });
  });

  it('an update out of its order changes nothing and says so', async () => {
    const first = said({ identifier: 'fog-1', sent: inMinutes(-30) });
    const newer = said({ identifier: 'fog-3', sent: inMinutes(-1), msgType: 'Update', references: reference(first) });
    const older = said({ identifier: 'fog-2', sent: inMinutes(-10), msgType: 'Update', references: reference(first) });
    await post(first);
    await post(newer);
    expect(await post(older)).toMatchObject({ status: 201, body: { effect: 'late', areas: [] } });
  });

  it.each<[string, () => string, number, string, string]>([
    [
      'an update of what never came',
      () => said({ identifier: 'x-1', msgType: 'Update', references: 'a@b,none,2026-11-23T10:00:00+08:00' }),
      422,
      'unknown-reference',
      '/alert/references',
    ],
    [
      'a cancel of what never came',
      () => said({ identifier: 'x-2', msgType: 'Cancel', references: 'a@b,none,2026-11-23T10:00:00+08:00' }),
      422,
      'unknown-reference',
      '/alert/references',
    ],
    [
      'one that is over',
      () => said({ identifier: 'x-3', info: [infoOf({ expires: inMinutes(-1) })] }),
      422,
      'expired',
      '/alert/info/0/expires',
    ],
    ['one from the future', () => said({ identifier: 'x-4', sent: inMinutes(60) }), 422, 'sent-ahead', '/alert/sent'],
    [
      'one of another street',
      () => said({ identifier: 'x-5', info: [infoOf({ area: areaOf({ code: 'yangguang' }) })] }),
      422,
      'no-area',
      '/alert/info/0/area',
    ],
    [
      'a document type',
      () => `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${said({ identifier: '&x;' }).replace(/<\?.*?\?>/, '')}`,
      400,
      'bad-cap',
      '/',
    ],
    ['another namespace', () => said().replace('cap:1.2', 'cap:1.1'), 400, 'bad-cap', '/alert'],
    [
      'a polygon that is none',
      () => said({ info: [infoOf({ area: areaOf({ polygon: '1,1 2,2 1,1' }) })] }),
      400,
      'bad-cap',
      '/alert/info/0/area/0/polygon/0',
    ],
  ])('%s is refused with its place', async (_what, document, status, code, path) => {
    const { status: got, body } = await post<Problem>(document());
    expect({ status: got, code: body.code, path: body.issues?.[0]?.path }).toEqual({ status, code, path });
    expect(JSON.stringify(body)).not.toContain('root:');
  });

  it('too large, of another type, of no type and of broken bytes is refused', async () => {
    expect((await post(said().padEnd(300 * 1024))).status).toBe(413);
    expect((await post('{}', weather, 'application/json')).status).toBe(415);
    const response = await weather.raw('POST', '/api/cap', {
      headers: { 'x-csrf-token': weather.csrf, 'content-type': 'text/plain' },
      body: said(),
    });
    expect(response.status).toBe(415);
    const broken = await fetch(`${world.cloud.url}/api/cap`, {
      method: 'POST',
      headers: { cookie: weather.cookie, 'x-csrf-token': weather.csrf, 'content-type': 'text/xml' },
      body: new Uint8Array([0x3c, 0xff, 0xfe, 0x3e]),
    });
    expect(broken.status).toBe(400);
  });

  it('of somebody else’s, and by whoever only watches, it is not taken', async () => {
    const first = said({ identifier: 'mine-1' });
    await post(first);
    const cancel = said({ identifier: 'mine-2', msgType: 'Cancel', references: reference(first), info: [] });
    expect(await post<Problem>(cancel, brigade)).toMatchObject({ status: 403, body: { code: 'not-yours' } });
    for (const browser of [admin, dispatcher]) expect((await post(said({ identifier: 'y' }), browser)).status).toBe(404);
    expect((await weather.call('GET', '/api/incidents')).status).toBe(404);
  });

  it('a test and an exercise are kept and wake nobody', async () => {
    for (const status of ['Test', 'Exercise', 'System', 'Draft'])
      expect(await post(said({ identifier: `t-${status}`, status }))).toMatchObject({
        status: 201,
        body: { effect: 'kept', incidents: [] },
      });
  });

  it('finds an area by the code others know it by; a code is one area’s', async () => {
    const codes = [{ scheme: '行政区划代码', code: '110105001001' }];
    const address = '/api/areas/xingfu%2Fxfl%2Fg1/geocodes';
    expect(await admin.call('PUT', address, { codes })).toEqual({ status: 200, body: codes });
    expect((await admin.call('PUT', '/api/areas/xingfu%2Fxfl%2Fg2/geocodes', { codes })).status).toBe(409);
    expect((await dispatcher.call('GET', address)).status).toBe(404);
    const area =
      '<area><areaDesc>x</areaDesc><geocode><valueName>行政区划代码</valueName><value>110105000000</value></geocode></area>';
    const taken = await post(said({ identifier: 'gas-1', info: [infoOf({ category: 'Fire', event: '火灾', area })] }), brigade);
    expect(taken.body).toMatchObject({ effect: 'raised', areas: ['xingfu/xfl/g1'] });
    expect(await incidentOf(taken.body)).toMatchObject({ hazard: 'fire', area: 'xingfu/xfl/g1' });
  });
});

/** The elements of an alert in the order of the standard's table (§3.2.1–3.2.4); `info` and `area` lead to their own. */
const order: Readonly<Record<string, readonly string[]>> = {
  alert: 'identifier sender sent status msgType source scope restriction addresses code note references incidents info'.split(
    ' ',
  ),
  info: 'language category event responseType urgency severity certainty audience eventCode effective onset expires senderName headline description instruction web contact parameter resource area'.split(
    ' ',
  ),
  area: 'areaDesc polygon circle geocode altitude ceiling'.split(' '),
  geocode: ['valueName', 'value'],
  parameter: ['valueName', 'value'],
};

/** By a walk that shares nothing with what wrote it: every element is one of its parent's, and none stands before an earlier one. */
function expectInOrder(document: string): void {
  const open: { name: string; at: number }[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', ({ local, uri }) => {
    expect(uri).toBe('urn:oasis:names:tc:emergency:cap:1.2');
    const parent = open.at(-1);
    if (parent) {
      const at = order[parent.name]?.indexOf(local) ?? -1;
      expect(at, `${parent.name}/${local}`).toBeGreaterThanOrEqual(Math.max(0, parent.at));
      parent.at = at;
    }
    open.push({ name: local, at: 0 });
  });
  parser.on('closetag', () => void open.pop());
  parser.write(document).close();
}

describe('an incident goes out', () => {
  const capOf = async (id: string): Promise<string> => {
    const response = await dispatcher.raw('GET', `/api/incidents/${id}/cap`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/cap+xml; charset=utf-8');
    return response.text();
  };
  const read = (document: string) => {
    const done = readCap(document);
    if ('problems' in done) throw new Error(JSON.stringify(done.problems));
    expectInOrder(document);
    return done.message;
  };

  it('as an Alert, then Updates that refer to all before, and a Cancel when it was none; asked twice it is the same document', async () => {
    const incident = (await world.cloud.records.listIncidents(scope, {})).items.find(({ place }) => place.includes('502'));
    if (!incident) throw new Error('no smoke');
    const { id } = incident;
    const move = async (name: string, more: object = {}) => {
      const { version } = (await dispatcher.call<IncidentDetail>('GET', `/api/incidents/${id}`)).body;
      const moved = await dispatcher.call('POST', `/api/incidents/${id}/moves`, { move: name, version, key: newKey(), ...more });
      expect(moved).toMatchObject({ status: 200 });
    };
    const alert = await capOf(id);
    expect(await capOf(id)).toBe(alert);
    expect(read(alert)).toMatchObject({ msgType: 'Alert', sender: `yihu@${hostname()}`, references: [] });
    expect(alert).not.toMatch(/502|Z<\/sent>/);
    expect(read(alert).info.map(({ language, certainty }) => [language, certainty])).toEqual([
      ['zh-CN', 'Possible'],
      ['en', 'Possible'],
    ]);
    await dispatcher.call('POST', `/api/incidents/${id}/notes`, { text: '无关紧要', key: newKey() });
    expect(await capOf(id)).toBe(alert);

    await move('confirm');
    const feed = await (await dispatcher.raw('GET', '/api/cap/feed')).text();
    const update = read(await capOf(id));
    expect(update).toMatchObject({ msgType: 'Update', info: [{ certainty: 'Observed' }, { certainty: 'Observed' }] });
    expect(update.references.map(({ identifier }) => identifier)).toEqual([read(alert).identifier]);
    expect(feed).toContain(`${world.cloud.url}/api/cap/messages/${update.identifier}`);
    const linked = await dispatcher.raw('GET', `/api/cap/messages/${update.identifier}`);
    expect(read(await linked.text()).identifier).toBe(update.identifier);

    await move('false-alarm', { reason: '做饭油烟', disposition: 'false' });
    expect(await (await dispatcher.raw('GET', '/api/cap/feed')).text()).toContain(`yihu.${id}.3`);
    const cancel = read(await capOf(id));
    expect(cancel).toMatchObject({
      msgType: 'Cancel',
      references: [{ identifier: `yihu.${id}.1` }, { identifier: `yihu.${id}.2` }],
    });
    expect(cancel.info[0]).toMatchObject({ certainty: 'Unlikely', urgency: 'Past' });

    const list = await dispatcher.call<CapEntry[]>('GET', '/api/cap');
    expect(list.body.filter(({ incident: of }) => of === id).map(({ msgType }) => msgType)).toEqual([
      'Cancel',
      'Update',
      'Alert',
    ]);
    expect(list.body.some(({ direction }) => direction === 'in')).toBe(true);
  });

  it('what was over before anybody was told is not told now; what is not there is 404', async () => {
    await raiseSmoke(world, 'gw-2', 'xingfu/xfl/g2', 2);
    const fresh = (await world.cloud.records.listIncidents(scope, { open: true })).items.find(({ hazard }) => hazard === 'fire');
    const detail = (await dispatcher.call<IncidentDetail>('GET', `/api/incidents/${fresh?.id}`)).body;
    const body = { move: 'cancel', version: detail.version, reason: '重复', key: newKey() };
    expect((await dispatcher.call('POST', `/api/incidents/${detail.id}/moves`, body)).status).toBe(200);
    expect(await dispatcher.call<Problem>('GET', `/api/incidents/${detail.id}/cap`)).toMatchObject({
      status: 409,
      body: { code: 'never-sent' },
    });
    expect((await dispatcher.raw('GET', '/api/incidents/inc-none/cap')).status).toBe(404);
    expect((await dispatcher.raw('GET', '/api/cap/messages/none')).status).toBe(404);
    expect((await weather.raw('GET', '/api/cap/feed')).status).toBe(404);
  });
});
