import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../cloud/clock.ts';
import { signature } from '../../../cloud/notify/actions/webhook.ts';
import { openDatabase } from '../../../cloud/records/database.ts';
import { fanOut } from '../../../cloud/records/webhook-queue.ts';
import { type Heard, providerServer, type ProviderServer } from '../notify/provider-server.ts';
import { addFarAway, Browser, newKey, openBeside, openWorld, raiseSmoke, type World } from './world.ts';

let world: World;
let admin: Browser;
let receiver: ProviderServer;
beforeAll(async () => {
  world = await openWorld({ webhookPrivate: ['127.0.0.1'] });
  receiver = await providerServer();
  admin = await Browser.signIn(world, 'admin');
});
afterAll(async () => {
  await world.close();
  await receiver.stop();
});

interface Made {
  readonly id: string;
  readonly secret: string;
}

async function subscribe(
  at: string,
  kinds: string[] = ['alarm.raised', 'alarm.cleared', 'alarm.acked'],
  area = '',
): Promise<Made> {
  const made = await admin.call<Made>('POST', '/api/webhooks', { name: '指挥中心', area, url: `${receiver.url}${at}`, kinds });
  expect(made.status).toBe(201);
  return made.body;
}

interface Event {
  readonly id: string;
  readonly kind: string;
  readonly area: string;
  readonly data: Record<string, unknown>;
}

const at = (address: string): Heard[] => receiver.heard.filter(({ url }) => url === address);
const eventOf = ({ body }: Heard): Event => (JSON.parse(body.toString('utf8')) as { data: Event }).data;
const heard = (address: string): Event[] => at(address).map(eventOf);
/** Until the receiver has heard so many; looks often, waits long. */
const until = (look: () => void | Promise<void>) => vi.waitFor(look, { timeout: 30_000, interval: 50 });
const drop = (id: string) => admin.call('DELETE', `/api/webhooks/${id}`);
const view = async (id: string) =>
  (
    await admin.call<{ queued: number; dead: number; failingSince: number | null; lastReason: object | null }>(
      'GET',
      `/api/webhooks/${id}`,
    )
  ).body;
const dead = async (id: string) =>
  (await admin.call<{ items: { event: string; code: string; attempts: number }[] }>('GET', `/api/webhooks/${id}/events`)).body
    .items;

/** What waits for its next attempt is due now. */
async function hurry(): Promise<void> {
  const database = await openBeside(world);
  await sql`update webhook_event set due_at = 0 where state = 'queued'`.execute(database.db);
  await database.close();
}

let episode = 10;
/** A new gateway with a new alarm each. */
async function smoke(area = 'xingfu/xfl'): Promise<void> {
  episode += 1;
  await raiseSmoke(world, `gw-${episode}`, area, episode);
}

describe('a subscription', () => {
  it('hears what happens in its area, signed, in order, and nothing of what it did not ask for', async () => {
    const { id, secret } = await subscribe('/whole');
    const near = await subscribe('/near', ['alarm.raised', 'incident.opened'], 'xingfu/xfl');
    await smoke();
    await smoke('xingfu/dhy');
    const dispatcher = await Browser.signIn(world, 'wangfang');
    const [alarm] = (await world.cloud.records.listAlarms({ areas: ['xingfu/xfl'] }, {})).items;
    const move = { move: 'ack', version: alarm?.version, key: newKey() };
    expect((await dispatcher.call('POST', `/api/alarms/${encodeURIComponent(alarm?.id ?? '')}/moves`, move)).status).toBe(200);
    await until(() => expect(heard('/whole')).toHaveLength(3));
    expect(heard('/whole').map(({ kind, area }) => `${kind} ${area}`)).toEqual([
      'alarm.raised xingfu/xfl/3/2/502',
      'alarm.raised xingfu/dhy/3/2/502',
      'alarm.acked xingfu/xfl/3/2/502',
    ]);
    await until(() => expect(heard('/near')).toHaveLength(2));
    expect(
      heard('/near')
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(['alarm.raised', 'incident.opened']);
    // One event has one id, whoever hears it.
    expect(heard('/near').map((event) => event.id)).toContain(heard('/whole')[0]?.id);
    for (const { headers, body } of at('/whole')) {
      const [event, timestamp] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])];
      expect(headers['webhook-signature']).toBe(signature(secret, event, timestamp, body.toString('utf8')));
      expect(body.toString('utf8')).not.toMatch(/王芳|wangfang|u-0/);
    }
    await until(async () => expect(await view(id)).toMatchObject({ queued: 0, dead: 0, failingSince: null }));
    await drop(id);
    await drop(near.id);
  });

  it('shows its secret once and keeps it sealed; the query of its address is not shown', async () => {
    const url = `${receiver.url}/q?token=hidden-token`;
    const { body: made } = await admin.call<Made>('POST', '/api/webhooks', {
      name: '带令牌',
      area: '',
      url,
      kinds: ['call.sent'],
    });
    const list = await admin.call('GET', '/api/webhooks');
    expect(JSON.stringify(list.body)).toContain('/q?…');
    const database = await openBeside(world);
    const { rows } = await sql<{
      row: string;
    }>`select w::text as row from webhook w union all select a::text from audit a`.execute(database.db);
    await database.close();
    const kept = JSON.stringify(list.body) + rows.map(({ row }) => row).join('') + world.lines.join('');
    expect(kept).not.toContain(made.secret);
    expect(kept).not.toContain(Buffer.from(made.secret).toString('hex'));
    expect(JSON.stringify(list.body)).not.toContain('hidden-token');
    await drop(made.id);
  });

  it('is sent nothing while it is paused, and then all of it in order', async () => {
    const { id } = await subscribe('/paused', ['alarm.raised']);
    const pause = (paused: boolean) => admin.call('POST', `/api/webhooks/${id}/pause`, { paused });
    expect((await pause(true)).body).toMatchObject({ pausedByName: '系统管理员' });
    await smoke();
    await smoke();
    await until(async () => expect(await view(id)).toMatchObject({ queued: 2, failingSince: null }));
    const expiries = async () => {
      const database = await openBeside(world);
      const { rows } = await sql<{ at: number; paused: number }>`select e.expires_at as at, w.paused_at as paused
        from webhook_event e join webhook w on w.id = e.webhook where w.id = ${id} order by e.id`.execute(database.db);
      await database.close();
      return rows;
    };
    const before = await expiries();
    expect(at('/paused')).toEqual([]);
    expect((await pause(true)).status).toBe(200);
    expect((await expiries())[0]?.paused).toBe(before[0]?.paused);
    expect((await pause(false)).body).toMatchObject({ pausedAt: null, pausedByName: null });
    await until(() => expect(heard('/paused')).toHaveLength(2));
    const after = await expiries();
    for (const [nth, { at: end }] of before.entries()) expect(after[nth]?.at).toBeGreaterThan(end);
    expect((await admin.call('POST', '/api/webhooks/hook-none/pause', { paused: true })).status).toBe(404);
    await drop(id);
  });

  it('is tried with a test that says nothing happened', async () => {
    const { id } = await subscribe('/test');
    const { body } = await admin.call<{ event: string }>('POST', `/api/webhooks/${id}/test`);
    await until(() => expect(heard('/test').map((event) => [event.id, event.kind])).toEqual([[body.event, 'test']]));
    const sent = async () =>
      (await admin.call<{ items: { event: string }[] }>('GET', `/api/webhooks/${id}/events?state=sent`)).body.items;
    await until(async () => expect(await sent()).toMatchObject([{ event: body.event, state: 'sent', attempts: 1 }]));
    await drop(id);
  });

  it('does not hear of what stood open before it, but of how that goes on', async () => {
    await smoke();
    const { id } = await subscribe('/later', ['alarm.raised', 'alarm.acked', 'incident.opened', 'incident.moved']);
    const dispatcher = await Browser.signIn(world, 'wangfang');
    const [incident] = (await world.cloud.records.listIncidents({ areas: ['xingfu/xfl'] }, {})).items;
    const move = { move: 'confirm', version: incident?.version, key: newKey() };
    expect((await dispatcher.call('POST', `/api/incidents/${incident?.id}/moves`, move)).status).toBe(200);
    await until(() => expect(heard('/later').map(({ kind }) => kind)).toContain('incident.moved'));
    expect(heard('/later').map(({ kind }) => kind)).not.toContain('alarm.raised');
    expect(heard('/later').map(({ kind }) => kind)).not.toContain('incident.opened');
    expect(heard('/later').find(({ kind }) => kind === 'incident.moved')?.data).toMatchObject({
      from: 'open',
      state: 'confirmed',
    });
    await drop(id);
  });
});

describe('a receiver that is away', () => {
  it('loses nothing over a restart of the cloud, hears it in order, and keeps nobody else waiting', async () => {
    const away = await subscribe('/away', ['alarm.raised']);
    const well = await subscribe('/well', ['alarm.raised']);
    let isAway = true;
    receiver.say = ({ url }) => (isAway && url === '/away' ? { status: 503 } : {});
    for (let count = 0; count < 3; count += 1) await smoke();
    await until(() => expect(heard('/well')).toHaveLength(3));
    await until(async () => expect(await view(away.id)).toMatchObject({ queued: 3, lastReason: expect.anything() as object }));
    expect((await view(away.id)).failingSince).not.toBeNull();
    await world.restart();
    await until(async () => expect((await view(away.id)).queued).toBe(3));
    await smoke();
    isAway = false;
    await hurry();
    const order = () => [...new Set(heard('/away').map(({ id }) => id))];
    await until(() => expect(order()).toHaveLength(4));
    await until(() => expect(heard('/well')).toHaveLength(4));
    expect(order()).toEqual(heard('/well').map(({ id }) => id));
    await until(async () => expect(await view(away.id)).toMatchObject({ queued: 0, dead: 0, failingSince: null }));
    await drop(away.id);
    await drop(well.id);
  });

  it('for good has dead letters; one is sent again from the list, and it is the same event', async () => {
    const { id } = await subscribe('/gone', ['alarm.raised']);
    receiver.say = ({ url }) => (url === '/gone' ? { status: 410 } : {});
    await smoke();
    await until(async () => expect(await dead(id)).toMatchObject([{ code: 'http-410', attempts: 1 }]));
    const [letter] = await dead(id);
    const again = `/api/webhooks/${id}/events/${letter?.event}/again`;
    receiver.say = () => ({});
    expect((await admin.call('POST', again)).status).toBe(202);
    await until(() => expect(heard('/gone').map((event) => event.id)).toEqual([letter?.event, letter?.event]));
    await until(async () => expect(await view(id)).toMatchObject({ queued: 0, dead: 0 }));
    expect((await admin.call('POST', again)).status).toBe(409);
    expect((await admin.call('POST', `/api/webhooks/${id}/events/evt-none/again`)).status).toBe(409);
    expect((await admin.call('POST', `/api/webhooks/hook-none/events/${letter?.event}/again`)).status).toBe(404);
    await drop(id);
  });

  it('for longer than it is tried has dead letters too, and then the next goes through', async () => {
    const { id } = await subscribe('/slow', ['alarm.raised']);
    receiver.say = ({ url }) => (url === '/slow' ? { status: 500 } : {});
    await smoke();
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await until(() => expect(at('/slow').length).toBeGreaterThanOrEqual(attempt));
      await hurry();
    }
    await until(async () => expect(await dead(id)).toMatchObject([{ code: 'http-500', attempts: 8 }]));
    receiver.say = () => ({});
    await smoke();
    await until(async () => expect(await view(id)).toMatchObject({ queued: 0, dead: 1, failingSince: null }));
    await drop(id);
  });
});

describe('a sender that is killed', () => {
  it('loses nothing: what was on its way goes again with the same id, and the rest follows in order', async () => {
    if (world.connection === null) throw new Error('a shared database is expected');
    const { id } = await subscribe('/killed', ['alarm.raised']);
    receiver.say = ({ url }) => (url === '/killed' && heard('/killed').length >= 3 ? { hang: true } : {});
    await world.cloud.stop();
    for (let count = 0; count < 6; count += 1) await smoke();
    const first = send(0);
    await until(() => expect(heard('/killed')).toHaveLength(3));
    first.kill('SIGKILL');
    await once(first, 'exit');
    receiver.say = () => ({});
    // The lease of the one that died is over.
    const second = send(60_000);
    await until(() => expect(new Set(heard('/killed').map((event) => event.id)).size).toBe(6));
    second.kill('SIGKILL');
    await once(second, 'exit');
    const ids = heard('/killed').map((event) => event.id);
    expect(ids[2]).toBe(ids[3]);
    const order = [...new Set(ids)];
    expect(order).toEqual(order.toSorted((a, b) => Number(a.split('-')[1]) - Number(b.split('-')[1])));
    await world.restart();
    await drop(id);
  });

  it('in the middle of the look at the stream leaves cursor, states and queues as they were', async () => {
    if (world.connection === null) throw new Error('a shared database is expected');
    const { id } = await subscribe('/torn', ['alarm.raised']);
    await world.cloud.stop();
    await smoke();
    const database = openDatabase(world.connection);
    const torn = () => {
      throw new Error('killed here');
    };
    await expect(fanOut(database.db, torn, systemClock.now())).rejects.toThrow('killed here');
    await database.close();
    await world.restart();
    await until(() => expect(heard('/torn')).toHaveLength(1));
    await drop(id);
  });

  function send(clockAhead: number): ChildProcess {
    const given = JSON.stringify({
      connection: world.connection,
      keyFile: `${world.folder}/people.key`,
      ahead: clockAhead,
    });
    return spawn(process.execPath, [path.join(import.meta.dirname, 'webhook-process.ts'), given], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
});

describe('what is refused', () => {
  it('names the field: an inner address, plain HTTP, no kinds, an unknown kind, another’s area', async () => {
    const good = { name: '对接', area: '', url: 'https://hooks.example.cn/x', kinds: ['alarm.raised'] };
    const refused = async (who: Browser, change: object) => {
      const { status, body } = await who.call<{ issues: { path: string }[] }>('POST', '/api/webhooks', { ...good, ...change });
      return [status, body.issues[0]?.path];
    };
    expect(await refused(admin, { url: 'https://10.0.0.5/x' })).toEqual([400, '/url']);
    expect(await refused(admin, { url: 'http://hooks.example.cn/x' })).toEqual([400, '/url']);
    expect(await refused(admin, { kinds: [] })).toEqual([400, '/kinds']);
    expect(await refused(admin, { kinds: ['person.changed'] })).toEqual([400, '/kinds/0']);
    expect(await refused(admin, { secret: 'mine' })).toEqual([400, '/secret']);
    const password = 'one quiet phrase for all';
    await addFarAway(world);
    await admin.call('POST', '/api/users', {
      account: 'dhy-admin',
      name: '远方',
      password,
      grants: [{ area: 'xingfu/dhy', role: 'admin' }],
    });
    const far = await Browser.signIn(world, 'dhy-admin', password);
    expect(await refused(far, { area: 'xingfu/xfl' })).toEqual([400, '/area']);
    const { id } = await subscribe('/mine', ['alarm.raised'], 'xingfu/xfl');
    expect((await far.call('GET', '/api/webhooks')).body).toEqual([]);
    for (const [method, rest] of [
      ['GET', ''],
      ['GET', '/events'],
      ['POST', '/test'],
      ['DELETE', ''],
    ] as const)
      expect((await far.call(method, `/api/webhooks/${id}${rest}`)).status, rest).toBe(404);
    await drop(id);
  });

  it('is an inner address behind a name, when something is sent: it is a dead letter that says so', async () => {
    const name = receiver.url.replace('127.0.0.1', 'localhost.localdomain');
    const url = name.replace('http:', 'https:');
    const made = await admin.call<Made>('POST', '/api/webhooks', { name: '绕路', area: '', url, kinds: ['alarm.raised'] });
    // Where the machine knows no such name it cannot be reached, which is tried again; either way nothing arrives.
    expect(made.status).toBe(201);
    await admin.call('POST', `/api/webhooks/${made.body.id}/test`);
    await until(async () => {
      const [letter] = await dead(made.body.id);
      const { lastReason } = await view(made.body.id);
      expect(letter?.code === 'blocked' || lastReason !== null).toBe(true);
    });
    await drop(made.body.id);
  });
});
