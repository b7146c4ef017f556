import { describe, expect, it } from 'vitest';
import { camera, part, searching } from './camera.ts';
import { acsEvent, device, httpPort, post, secretFile, secretOf, temporaryFolder, terminal } from './rig.ts';

/** An event as a search gives it: other names than in a push. */
const found = (serialNo: number) => {
  const { dateTime, AccessControllerEvent } = acsEvent(serialNo);
  const { majorEventType, subEventType, doorNo } = AccessControllerEvent;
  return { major: majorEventType, minor: subEventType, time: dateTime, doorNo, serialNo };
};

const serialsOf = (messages: readonly unknown[]) =>
  (messages as { AccessControllerEvent: { serialNo: number } }[]).map((message) => message.AccessControllerEvent.serialNo);

/** A terminal with a memory, streaming to us and searched by us. */
async function rig(memory: number[], kept?: ReadonlyMap<string, string>) {
  const cam = await camera({ password: 'p', answer: searching(() => memory.map(found)) });
  const folder = temporaryFolder();
  secretFile(folder, 'p');
  const address = { host: '127.0.0.1', port: cam.port, username: 'admin', passwordFile: 'password' };
  const started = await httpPort([device('door-1', terminal, address)], { folder, ...(kept && { memory: kept }) });
  const { port, kept: keeper } = started;
  await keeper.until(() => port.counters()['streams_up'] === 1);
  const searches = () => cam.heard.filter(({ url, authorization }) => url.includes('AcsEvent') && authorization !== undefined);
  return { ...started, cam, searches, kept: keeper };
}

describe('what was missed', () => {
  it('before a gap in the numbers is asked for, page by page, and each event is taken once', async () => {
    const memory = [100];
    const { cam, kept, port, searches } = await rig(memory);
    cam.latest().write(part(acsEvent(100)));
    await kept.until(() => kept.messages().length === 1);
    for (let serial = 101; serial <= 108; serial++) memory.push(serial);
    cam.latest().write(part(acsEvent(108)));
    await kept.until(() => kept.messages().length === 9);
    expect(serialsOf(kept.messages())).toEqual([100, 108, 101, 102, 103, 104, 105, 106, 107]);
    const [first] = kept.frames.filter(({ body }) => body.kind === 'fields' && body.channel === 'history');
    expect(first?.body).toEqual({
      kind: 'fields',
      channel: 'history',
      historical: true,
      fields: { ...found(101), dateTime: found(101).time, AccessControllerEvent: found(101) },
    });
    await expect.poll(() => port.counters()['backfilled']).toBe(7);
    // Pages of three, from the number behind the last one: 101, 104, 107; each under its own name.
    const asked = searches().map(({ body }) => (JSON.parse(body) as { AcsEventCond: Record<string, unknown> }).AcsEventCond);
    expect([...new Set(asked.map(({ beginSerialNo }) => beginSerialNo))].slice(0, 3)).toEqual([101, 104, 107]);
    expect(new Set(asked.map(({ maxResults }) => maxResults))).toEqual(new Set([3]));
    expect(new Set(asked.map(({ searchID }) => searchID)).size).toBe(asked.length);
  });

  it('while we were away is asked for when we are back, after a restart too, and nothing of before we knew the device', async () => {
    const memory = [1, 2, 3, 4, 5];
    const first = await rig(memory);
    first.cam.latest().write(part(acsEvent(5)));
    await first.kept.until(() => first.kept.messages().length === 1);
    await first.port.stop();
    memory.push(6, 7);
    const second = await rig(memory, first.kept.memory);
    await second.kept.until(() => second.kept.messages().length === 2);
    expect(serialsOf(second.kept.messages())).toEqual([6, 7]);
    expect(serialsOf(first.kept.messages())).toEqual([5]);
    // And after the stream was gone for a while.
    memory.push(8);
    second.cam.latest().end();
    await second.kept.until(() => second.kept.messages().length === 3);
    expect(serialsOf(second.kept.messages())).toEqual([6, 7, 8]);
  });

  it('that the device has no more of is not asked for for ever', async () => {
    const memory = [100, 105];
    const { cam, kept, searches } = await rig(memory);
    cam.latest().write(part(acsEvent(100)));
    cam.latest().write(part(acsEvent(105)));
    await kept.until(() => kept.messages().length === 2);
    await expect.poll(() => searches().filter(({ body }) => body.includes('"endSerialNo":104')).length).toBe(1);
    cam.latest().write(part(acsEvent(106)));
    await kept.until(() => kept.messages().length === 3);
    await expect.poll(() => kept.memory.get('serials/door-1')).toContain('"missing":[]');
    expect(searches().filter(({ body }) => body.includes('"endSerialNo":104'))).toHaveLength(1);
  });

  it('is tried again where it could not be kept or the device would not say, and shown meanwhile', async () => {
    const memory = [100, 101, 102];
    const { cam, kept, port } = await rig(memory);
    cam.latest().write(part(acsEvent(100)));
    await kept.until(() => kept.messages().length === 1);
    const search = cam.manners.answer;
    cam.manners.answer = ({ url }, response) => {
      if (!url.includes('AcsEvent')) return false;
      response.writeHead(503).end();
      return true;
    };
    cam.latest().write(part(acsEvent(102)));
    await kept.until(() => port.state().devices['door-1']?.fault === 'backfill: http-503');
    if (search) cam.manners.answer = search;
    let failures = 1;
    kept.emit = ([frame]) =>
      frame?.body.kind === 'fields' && failures-- > 0 ? Promise.reject(new Error('disk full')) : Promise.resolve();
    await kept.until(() => kept.messages().length === 3);
    await kept.until(() => port.state().devices['door-1']?.fault === undefined);
    expect(serialsOf(kept.messages())).toEqual([100, 102, 101]);
    expect(port.counters()['backfill_failures']).toBeGreaterThanOrEqual(2);
  }, 60_000);

  it('by a device that does not heed the numbers is refused, not believed to be nothing', async () => {
    const { cam, kept, port } = await rig([100]);
    cam.manners.answer = ({ url }, response) => {
      if (!url.includes('AcsEvent')) return false;
      response.end(JSON.stringify({ AcsEvent: { InfoList: [found(1), found(2)] } }));
      return true;
    };
    cam.latest().write(part(acsEvent(100)));
    cam.latest().write(part(acsEvent(102)));
    await kept.until(() => port.state().devices['door-1']?.fault === 'backfill: unfit-answer');
    expect(serialsOf(kept.messages())).toEqual([100, 102]);
  });

  it('of a device that only pushes is asked for too', async () => {
    const memory = [100, 101, 102, 103];
    const cam = await camera({ answer: searching(() => memory.map(found)) });
    const { kept, url } = await httpPort([device('door-1', terminal, { host: '127.0.0.1', port: cam.port })]);
    await post(`${url}/ingest/hik/${secretOf('door-1')}`, acsEvent(100));
    await post(`${url}/ingest/hik/${secretOf('door-1')}`, acsEvent(103));
    await kept.until(() => kept.messages().length === 4);
    expect(serialsOf(kept.messages())).toEqual([100, 103, 101, 102]);
  });
});
