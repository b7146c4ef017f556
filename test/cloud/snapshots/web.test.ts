import type { IncidentDetail, IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { roles, type Role } from '@yihu/device-profiles/vocabulary/view.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, newKey, openWorld, raiseSmoke, type World } from '../web/world.ts';
import { addPicture } from './world-picture.ts';

interface Line {
  action: string;
  object: string;
  account: string;
  detail: Record<string, unknown>;
}

let world: World;
const browsers = new Map<Role, Browser>();
const password = 'one quiet phrase for all';
beforeAll(async () => {
  world = await openWorld();
  await raiseSmoke(world);
  const admin = await Browser.signIn(world, 'admin');
  for (const role of roles) {
    const grants = [{ area: 'xingfu/xfl', role }];
    expect((await admin.call('POST', '/api/users', { account: `p-${role}`, name: role, password, grants })).status).toBe(201);
    browsers.set(role, await Browser.signIn(world, `p-${role}`, password));
  }
});
afterAll(() => world.close());

const as = (role: Role): Browser => browsers.get(role) as Browser;
const look = (role: Role, id: string) => as(role).raw('GET', `/api/snapshots/${id}`);
const statuses = async (id: string) =>
  Object.fromEntries(
    await Promise.all(
      roles.map(async (role) => {
        const response = await look(role, id);
        await response.body?.cancel();
        return [role, response.status] as const;
      }),
    ),
  );
const audited = async (id: string) => {
  const { body } = await as('auditor').call<Line[]>('GET', '/api/audit?limit=500');
  return body.filter(({ object }) => object.endsWith(id));
};
const incident = async (): Promise<IncidentDetail> => {
  const { body } = await as('dispatcher').call<{ items: IncidentSummary[] }>('GET', '/api/incidents?state=all');
  return (await as('dispatcher').call<IncidentDetail>('GET', `/api/incidents/${body.items[0]?.id}`)).body;
};

describe('a picture of a hall', () => {
  it('is served as an image and nothing else, to the reader alone', async () => {
    const { id, picture } = await addPicture(world, { seed: 1 });
    const response = await look('dispatcher', id);
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer()).equals(picture.bytes)).toBe(true);
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(picture.bytes.length),
      'cache-control': 'private, max-age=3600, immutable',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'inline; filename="snapshot.jpg"',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('shows itself to who watches incidents, to nobody else and to nobody signed out', async () => {
    const { id } = await addPicture(world, { seed: 2 });
    expect(await statuses(id)).toEqual({
      admin: 200,
      dispatcher: 200,
      property: 200,
      installer: 404,
      wall: 404,
      warner: 404,
      'grid-worker': 200,
      auditor: 200,
    });
    expect((await new Browser(world).raw('GET', `/api/snapshots/${id}`)).status).toBe(401);
    // Looking at a hall is part of looking at the incident, and no line of its own.
    expect(await audited(id)).toEqual([]);
  });

  it('answers a made-up id, one of another form and one of another community alike', async () => {
    const made = await look('dispatcher', 'snp-00000000000000000000');
    expect([made.status, await made.json()]).toMatchObject([404, { code: 'not-found' }]);
    expect((await look('dispatcher', '..%2f..%2fetc%2fpasswd')).status).toBe(400);
  });

  it('stands in the incident and in the list of alarms, with the camera’s name and its age', async () => {
    const { id } = await addPicture(world, { seed: 3 });
    const shown = { id, camera: 'cam-3', cameraName: { zh: '3号摄像机' }, state: 'here', missing: null };
    expect((await incident()).alarms.flatMap(({ snapshots }) => snapshots ?? [])).toContainEqual(expect.objectContaining(shown));
    const { body } = await as('property').call<{ items: IncidentDetail['alarms'] }>('GET', '/api/alarms?open=true');
    expect(body.items.flatMap(({ snapshots }) => snapshots ?? [])).toContainEqual(expect.objectContaining(shown));
  });
});

describe('a picture of a home', () => {
  it('is for those who send help or bring it, every look is written down, and nobody’s browser keeps it', async () => {
    const { id } = await addPicture(world, { seed: 4, place: { building: '3', unit: '2', room: '502' } });
    expect(await statuses(id)).toEqual({
      admin: 404,
      dispatcher: 200,
      property: 404,
      installer: 404,
      wall: 404,
      warner: 404,
      'grid-worker': 200,
      auditor: 404,
    });
    const looks = (await audited(id)).filter(({ detail }) => detail['home'] === true);
    expect(looks.map(({ account }) => account).toSorted()).toEqual(['p-dispatcher', 'p-grid-worker']);
    const response = await look('dispatcher', id);
    await response.body?.cancel();
    expect(response.headers.get('cache-control')).toBe('private, no-store');
  });

  it('closes with its incident', async () => {
    const { id } = await addPicture(world, { seed: 5, place: { building: '3', unit: '2', room: '502' } });
    const hall = await addPicture(world, { seed: 6 });
    expect((await look('dispatcher', id)).status).toBe(200);
    const open = await incident();
    const move = { move: 'false-alarm', version: open.version, reason: '演练', key: newKey() };
    expect((await as('dispatcher').call('POST', `/api/incidents/${open.id}/moves`, move)).status).toBe(200);
    expect((await look('dispatcher', id)).status).toBe(404);
    expect((await look('dispatcher', hall.id)).status).toBe(200);
  });
});
