import type { StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addFarAway, Browser, openWorld, raiseSmoke, type World } from './world.ts';

interface Heard {
  readonly id: string | null;
  readonly event: StreamEvent;
}

/** Reads an event stream as a browser does: blocks of `id:` and `data:`. */
class Listener {
  readonly heard: Heard[] = [];
  readonly status: number;
  readonly headers: Headers;
  readonly ended: Promise<void>;
  readonly #stop = new AbortController();
  #wake: () => void = () => undefined;

  private constructor(response: Response, stop: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#stop = stop;
    this.ended = this.#read(response);
  }

  static async open(browser: Browser, query = '', headers: Record<string, string> = {}): Promise<Listener> {
    const stop = new AbortController();
    const address = `${browser.world.cloud.url}/api/stream${query}`;
    return new Listener(await fetch(address, { headers: { cookie: browser.cookie, ...headers }, signal: stop.signal }), stop);
  }

  async #read(response: Response): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.#take(block);
      }
    } catch (error) {
      // Our own abort, or the server's end of the connection: both end the reading and nothing else.
      if (!(error instanceof Error)) throw error;
    }
    this.#wake();
  }

  #take(block: string): void {
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (data === undefined) return;
    this.heard.push({ id: /^id: (.*)$/m.exec(block)?.[1] ?? null, event: JSON.parse(data) as StreamEvent });
    this.#wake();
  }

  /** The first event that fits, heard already or yet to come. */
  async until(fits: (heard: Heard) => boolean): Promise<Heard> {
    for (;;) {
      const found = this.heard.find((each) => fits(each));
      if (found) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#stop.abort();
  }
}

let world: World;
let dispatcher: Browser;
beforeAll(async () => {
  world = await openWorld();
  dispatcher = await Browser.signIn(world, 'wangfang');
});
afterAll(() => world.close());

const isIncident = ({ event }: Heard) => event.type === 'incident';

describe('the event stream', () => {
  it('says at once that it is there, and unbuffered', async () => {
    const listener = await Listener.open(dispatcher);
    expect(listener.status).toBe(200);
    expect(listener.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(listener.headers.get('x-accel-buffering')).toBe('no');
    const first = await listener.until(({ event }) => event.type === 'beat');
    const second = await listener.until((heard) => heard.event.type === 'beat' && heard !== first);
    expect(second.event.at - first.event.at).toBeLessThan(5000);
    expect(first.id).toBeNull();
    listener.close();
  });

  it('brings an alarm as it is committed, and only to those whose area it is in', async () => {
    const admin = await Browser.signIn(world, 'admin');
    await addFarAway(world);
    const away = {
      account: 'elsewhere',
      name: '别处',
      password: 'a phrase for elsewhere',
      grants: [{ area: 'xingfu/dhy', role: 'dispatcher' }],
    };
    expect((await admin.call('POST', '/api/users', away)).status).toBe(201);
    const other = await Listener.open(await Browser.signIn(world, 'elsewhere', away.password));
    const listener = await Listener.open(dispatcher);
    await listener.until(({ event }) => event.type === 'beat');
    await raiseSmoke(world);
    const heard = await listener.until(isIncident);
    expect(heard.event).toMatchObject({ incident: { hazard: 'fire', state: 'open' } });
    expect(heard.id).toMatch(/^\d+$/);
    // A device came: its number is told by itself, to each reader for its own scope, and is nothing to replay.
    const counts = await listener.until(({ event }) => event.type === 'counts');
    expect(counts).toMatchObject({ id: null, event: { devices: { total: 1 } } });
    // A later event of its own area has passed by then; nothing of the other area came before it.
    await raiseSmoke(world, 'gw-9', 'xingfu/dhy');
    await other.until(isIncident);
    const areas = other.heard.flatMap(({ event }) =>
      event.type === 'incident' ? [event.incident.area] : event.type === 'alarm' ? [event.alarm.area] : [],
    );
    expect(areas.length).toBeGreaterThan(0);
    for (const area of areas) expect(area).toMatch(/^xingfu\/dhy/);
    listener.close();
    other.close();
  });

  it('replays after Last-Event-ID what happened while the server was away, in order and once', async () => {
    const before = await Listener.open(dispatcher, '?after=0');
    const seen = await before.until(isIncident);
    before.close();
    await world.restart();
    await raiseSmoke(world, 'gw-2', 'xingfu/xfl', 2);
    const { incidents } = await world.cloud.records.snapshot({ areas: ['xingfu'] });
    const after = await Listener.open(dispatcher, '?after=0', { 'last-event-id': seen.id ?? '' });
    await after.until(({ event }) => event.type === 'incident' && event.incident.id !== incidentId(seen));
    await after.until(({ event }) => event.type === 'beat');
    const ids = after.heard.flatMap(({ id }) => (id === null ? [] : [BigInt(id)]));
    expect(ids[0]).toBeGreaterThan(BigInt(seen.id ?? 0));
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => (a < b ? -1 : 1)));
    const found = new Set(after.heard.map(incidentId));
    for (const incident of incidents) if (incident.id !== incidentId(seen)) expect(found).toContain(incident.id);
    after.close();
  });

  it('says resync where the id asked for is not of this database', async () => {
    const listener = await Listener.open(dispatcher, '?after=999999999');
    const { id } = await listener.until(({ event }) => event.type === 'resync');
    expect(id).toBe(await world.cloud.records.latestStreamId());
    listener.close();
  });

  it('tells every screen who is on duty, and no telephone number to those who need not call', async () => {
    const manager = await Browser.signIn(world, 'wuye');
    const listener = await Listener.open(manager);
    await listener.until(({ event }) => event.type === 'beat');
    const worker = await Browser.signIn(world, 'wangge1');
    expect((await worker.call('PUT', '/api/me/duty', { onDuty: false })).status).toBe(200);
    const { event } = await listener.until((heard) => heard.event.type === 'responder');
    expect(event).toMatchObject({ responder: { name: '李强', onDuty: false } });
    listener.close();
  });

  it('ends at once when the session is signed out, and within a beat when its rights are taken', async () => {
    const mine = await Browser.signIn(world, 'wangge2');
    const listener = await Listener.open(mine);
    await listener.until(({ event }) => event.type === 'beat');
    await mine.call('DELETE', '/api/session');
    await listener.ended;
    const admin = await Browser.signIn(world, 'admin');
    const watcher = await Listener.open(await Browser.signIn(world, 'elsewhere', 'a phrase for elsewhere'));
    await watcher.until(({ event }) => event.type === 'beat');
    const { body: users } = await admin.call<{ id: string; account: string; version: number }[]>('GET', '/api/users');
    const user = users.find(({ account }) => account === 'elsewhere');
    expect((await admin.call('PATCH', `/api/users/${user?.id}`, { version: user?.version, disabled: true })).status).toBe(200);
    await watcher.ended;
  });

  it('is not opened without a session, nor by a role that watches nothing', async () => {
    expect((await Listener.open(new Browser(world))).status).toBe(401);
    expect((await Listener.open(await Browser.signIn(world, 'anzhuang'))).status).toBe(404);
    expect((await Listener.open(dispatcher, '?area=elsewhere')).status).toBe(404);
    expect((await Listener.open(dispatcher, '?after=abc')).status).toBe(400);
  });
});

function incidentId({ event }: Heard): string | null {
  return event.type === 'incident' ? event.incident.id : null;
}
