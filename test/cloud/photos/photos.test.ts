import type { IncidentDetail, IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { plainJpeg } from '@yihu/device-profiles/vocabulary/jpeg.ts';
import { maxTaskPhotos } from '@yihu/device-profiles/vocabulary/photo.ts';
import type { TaskDetail } from '@yihu/device-profiles/vocabulary/task.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dropOldPhotos } from '../../../cloud/records/photos.ts';
import { corridor, mosaicJpeg } from '../../../gateway/simulate/jpeg.ts';
import { Browser, newKey, openBeside, openWorld, raiseSmoke, type World } from '../web/world.ts';

let world: World;
let desk: Browser;
let worker: Browser;
let property: Browser;
let other: Browser;
let person: string;
const password = 'one quiet phrase for all';

beforeAll(async () => {
  world = await openWorld();
  await raiseSmoke(world);
  const admin = await Browser.signIn(world, 'admin');
  const elsewhere = { path: 'xingfu/dhy', kind: 'community', name: '东湖苑' };
  expect((await admin.call('POST', '/api/areas', elsewhere)).status).toBe(201);
  const people = { desk: 'dispatcher', door: 'grid-worker', house: 'property', far: 'grid-worker' } as const;
  for (const [account, role] of Object.entries(people)) {
    const grants = [{ area: account === 'far' ? 'xingfu/dhy' : 'xingfu/xfl', role }];
    const made = await admin.call('POST', '/api/users', { account: `p-${account}`, name: `王${account}`, password, grants });
    expect(made.status).toBe(201);
  }
  [desk, worker, property, other] = (await Promise.all(
    ['desk', 'door', 'house', 'far'].map((name) => Browser.signIn(world, `p-${name}`, password)),
  )) as [Browser, Browser, Browser, Browser];
  person = worker.session?.user.id ?? '';
});
afterAll(() => world.close());

const picture = (seed = 1) => mosaicJpeg({ columns: 12, rows: 8 }, corridor(12, 8, seed * 1000));
/** With what a phone writes beside a picture. */
const withExif = (bytes: Buffer) => {
  const note = Buffer.from('Exif\0\0MM GPS 31.2304N 121.4737E 王建国的手机');
  const head = Buffer.from([0xff, 0xe1, (note.length + 2) >> 8, (note.length + 2) & 0xff]);
  return Buffer.concat([bytes.subarray(0, 2), head, note, bytes.subarray(2)]);
};

async function send(who: Browser, task: string, body: Uint8Array | string, { key = newKey(), type = 'image/jpeg' } = {}) {
  const response = await fetch(`${world.cloud.url}/api/me/tasks/${task}/photos?key=${key}&takenAt=1795940000000`, {
    method: 'POST',
    headers: { cookie: who.cookie, 'x-csrf-token': who.csrf, 'content-type': type },
    body: Buffer.from(body),
  });
  return { status: response.status, body: (await response.json()) as TaskDetail & { code?: string; message: { zh: string } } };
}

async function visit(kind: 'visit' | 'work-order' = 'visit'): Promise<string> {
  const order = { kind, title: '看门', area: 'xingfu/xfl', person, key: newKey() };
  const { status, body } = await desk.call<TaskDetail>('POST', '/api/tasks', order);
  expect(status).toBe(201);
  return body.id;
}

async function step(task: string, ...moves: string[]): Promise<void> {
  for (const move of moves)
    expect((await worker.call('POST', `/api/me/tasks/${task}/moves`, { move, key: newKey() })).status, move).toBe(200);
}

const look = (who: Browser, id: string) => who.raw('GET', `/api/photos/${id}`);
const statusOf = async (who: Browser, id: string) => {
  const response = await look(who, id);
  await response.body?.cancel();
  return response.status;
};

describe('a photo of a task', () => {
  it('comes once however often it is sent, without what the phone wrote into it, and says so on the task', async () => {
    const task = await visit();
    await step(task, 'accept', 'arrive');
    const key = newKey();
    const first = await send(worker, task, withExif(picture()), { key });
    expect([first.status, first.body.photos?.length]).toEqual([200, 1]);
    const again = await send(worker, task, withExif(picture()), { key });
    expect([again.status, again.body.photos]).toEqual([200, first.body.photos]);
    const [photo] = first.body.photos ?? [];
    expect(photo).toMatchObject({ takenAt: 1_795_940_000_000, byName: '王door', bytes: picture().length });
    const lines = again.body.timeline.filter(({ data }) => data['photo'] === photo?.id);
    expect(lines.map(({ kind, text, actor }) => [kind, text.zh, actor])).toEqual([['note', '王door 拍了现场照片', person]]);
    const answer = await look(desk, photo?.id ?? '');
    expect(Buffer.from(await answer.arrayBuffer()).equals(picture())).toBe(true);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(await statusOf(worker, photo?.id ?? '')).toBe(200);
    expect(await statusOf(property, photo?.id ?? '')).toBe(404);
    expect(await statusOf(other, photo?.id ?? '')).toBe(404);
    expect((await new Browser(world).raw('GET', `/api/photos/${photo?.id}`)).status).toBe(401);
  });

  it('of an incident stands in the incident; of work on the estate the property manager sees it', async () => {
    const { body } = await desk.call<{ items: IncidentSummary[] }>('GET', '/api/incidents');
    const [incident] = body.items;
    const dispatch = { move: 'dispatch', person, version: incident?.version, key: newKey() };
    const sent = await desk.call('POST', `/api/incidents/${incident?.id}/moves`, dispatch);
    expect(
      sent.status,
      world.lines.findLast((line) => line.includes('request failed')),
    ).toBe(200);
    const own = await worker.call<TaskDetail[]>('GET', '/api/me/tasks');
    const task = own.body.find((each) => each.incident === incident?.id)?.id ?? '';
    await step(task, 'accept', 'arrive');
    expect((await send(worker, task, picture(2))).status).toBe(200);
    const detail = (await desk.call<IncidentDetail>('GET', `/api/incidents/${incident?.id}`)).body;
    expect(detail.photos?.map(({ byName }) => byName)).toEqual(['王door']);
    expect(detail.timeline.at(-1)).toMatchObject({ kind: 'note', data: { photo: detail.photos?.[0]?.id } });

    const work = await visit('work-order');
    await step(work, 'accept');
    const photo = (await send(worker, work, picture(3))).body.photos?.[0]?.id ?? '';
    expect(await statusOf(property, photo)).toBe(200);
  });

  it('is taken of nobody who did not go, of nobody else’s task, and no more than so many', async () => {
    const task = await visit();
    expect((await send(worker, task, picture())).status).toBe(403);
    expect((await send(other, task, picture())).status).toBe(404);
    await step(task, 'accept');
    for (let nth = 0; nth < maxTaskPhotos; nth += 1) expect((await send(worker, task, picture(nth))).status).toBe(200);
    const over = await send(worker, task, picture(99));
    expect([over.status, over.body.photos, over.body.message.zh]).toEqual([
      409,
      undefined,
      `一个任务最多 ${maxTaskPhotos} 张照片，这张没有收下`,
    ]);
  });

  it.each<[string, string | Uint8Array, string, number, string]>([
    ['nothing', '', 'image/jpeg', 415, 'not-a-photo'],
    ['a page that calls itself a picture', '<html><script>1</script>', 'image/jpeg', 415, 'not-a-photo'],
    ['a picture that breaks off', picture().subarray(0, -2), 'image/jpeg', 415, 'not-a-photo'],
    ['another kind of file', 'x', 'image/svg+xml', 415, 'not-a-photo'],
    ['JSON', '{}', 'application/json', 415, 'not-a-photo'],
    ['too much', Buffer.concat([picture(), Buffer.alloc(520 * 1024)]), 'image/jpeg', 413, 'photo-too-large'],
    ['one that unfolds into gigabytes', bomb(), 'image/jpeg', 413, 'photo-too-large'],
  ])('is not %s', async (_name, body, type, status, code) => {
    const task = await visit();
    await step(task, 'accept');
    const answer = await send(worker, task, body, { type });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect((await desk.call<TaskDetail>('GET', `/api/tasks/${task}`)).body.photos).toBeUndefined();
  });

  it('is forgotten after its time, and the oldest first where there are too many bytes', async () => {
    const beside = await openBeside(world);
    const task = await visit();
    await step(task, 'accept');
    await send(worker, task, picture(1));
    await send(worker, task, picture(2));
    const photosOf = async () => (await desk.call<TaskDetail>('GET', `/api/tasks/${task}`)).body.photos ?? [];
    const [, second] = await photosOf();
    await dropOldPhotos(beside.db, 0, 1000, 0, second?.bytes ?? 0);
    expect((await photosOf()).map(({ id }) => id)).toEqual([second?.id]);
    await dropOldPhotos(beside.db, Number.MAX_SAFE_INTEGER, 1000);
    expect(await photosOf()).toEqual([]);
    expect(await statusOf(worker, second?.id ?? '')).toBe(404);
    await beside.close();
  });
});

/** 60,000 by 60,000 pixels, said in a small file. */
function bomb(): Buffer {
  const bytes = Buffer.from(picture());
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(60_000, frame + 5);
  bytes.writeUInt16BE(60_000, frame + 7);
  expect(plainJpeg(bytes)?.width).toBe(60_000);
  return bytes;
}
