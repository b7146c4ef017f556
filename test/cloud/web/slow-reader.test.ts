import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../cloud/clock.ts';
import type { StreamSource } from '../../../cloud/web/needs.ts';
import { createStreams } from '../../../cloud/web/stream.ts';

/** A stream in memory whose events are as large as a busy morning's. */
class Source implements StreamSource {
  readonly #events: StreamEvent[] = [];
  #wake: () => void = () => undefined;

  add(count: number, bytes: number): void {
    const name = 'x'.repeat(bytes);
    for (let nth = 0; nth < count; nth += 1) {
      const responder = {
        id: 'r',
        name,
        role: 'grid-worker',
        area: 'a',
        phone: null,
        onDuty: true,
        incident: null,
        legState: null,
        metres: null,
      } as const;
      this.#events.push({ type: 'responder', at: this.#events.length + 1, responder });
    }
    this.#wake();
  }

  streamAfter(_scope: unknown, id: string, limit: number) {
    const from = Number(id);
    const events = this.#events.slice(from, from + limit).map((event, nth) => ({ id: String(from + nth + 1), event }));
    return Promise.resolve({ events, last: events.at(-1)?.id ?? id, resync: false });
  }

  latestStreamId(): Promise<string> {
    return Promise.resolve(String(this.#events.length));
  }

  deviceCounts() {
    return Promise.resolve({ total: 0, online: 0, late: 0, offline: 0, unknown: 0 });
  }

  onStream(wake: () => void): () => void {
    this.#wake = wake;
    return () => undefined;
  }
}

const events = 400;
const eventBytes = 64 * 1024;

function follow(port: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => void get({ port, host: '127.0.0.1' }, resolve).on('error', reject));
}

/** Ids and types of a stream's events, until one fits. */
async function readUntil(response: IncomingMessage, fits: (event: { id: string; type: string }) => boolean) {
  const heard: { id: string; type: string }[] = [];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, id = ''] = /^id: (\d+)$/m.exec(block) ?? [];
      const [, type = ''] = /"type":"(\w+)"/.exec(block) ?? [];
      if (id !== '') heard.push({ id, type });
    }
    if (heard.some(fits)) return heard;
  }
  return heard;
}

describe('a reader that is signed out', () => {
  it('is counted and can be sent away while it is still being shown what it missed', async () => {
    const source = new Source();
    source.add(3, 10);
    const { promise: asked, resolve: wasAsked } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const streams = createStreams({
      records: {
        latestStreamId: () => source.latestStreamId(),
        deviceCounts: () => source.deviceCounts(),
        onStream: (wake) => source.onStream(wake),
        streamAfter: async (scope, id, limit) => {
          wasAsked();
          await released;
          return source.streamAfter(scope, id, limit);
        },
      },
      accounts: { isLive: () => Promise.resolve(false) },
      clock: systemClock,
      onError: (error) => expect(error).toBeUndefined(),
    });
    const server = createServer((_request, response) => {
      streams.open(response, { token: 't', scope: { areas: ['a'] }, mask: 'none' }, '0');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const reader = await follow((server.address() as AddressInfo).port);
    const heard = readUntil(reader, () => false);
    await asked;
    expect(streams.countOf('t')).toBe(1);
    streams.endSession('t');
    release();
    expect(await heard).toEqual([]);
    await streams.stop();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('a reader that stops reading', () => {
  it('holds nobody up and costs a bounded queue; when it reads again it is told to start anew', async () => {
    const source = new Source();
    const failures: unknown[] = [];
    const streams = createStreams({
      records: source,
      accounts: { isLive: () => Promise.resolve(true) },
      clock: systemClock,
      onError: (error) => failures.push(error),
    });
    let widest = 0;
    const server = createServer((_request, response) => {
      const write = response.write.bind(response);
      response.write = ((...words: Parameters<typeof write>) => {
        const room = write(...words);
        widest = Math.max(widest, response.writableLength);
        return room;
      }) as typeof write;
      streams.open(response, { token: 't', scope: { areas: ['a'] }, mask: 'none' }, '0');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    source.add(20, eventBytes);
    const frozen = await follow(port);
    frozen.pause();
    const quick = await follow(port);
    const all = readUntil(quick, ({ id }) => id === String(events));
    for (let count = 20; count < events; count += 20) {
      source.add(20, eventBytes);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const heard = await all;
    expect(heard.filter(({ type }) => type === 'responder').map(({ id }) => Number(id))).toEqual(
      Array.from({ length: events }, (_, nth) => nth + 1),
    );
    expect(widest).toBeLessThan(2 * 1024 * 1024);
    const late = await readUntil(frozen, ({ type }) => type === 'resync');
    expect(late.at(-1)).toEqual({ id: String(events), type: 'resync' });
    expect(late.length).toBeLessThan(events);
    expect(failures).toEqual([]);
    await streams.stop();
    await new Promise((resolve) => server.close(resolve));
  });
});
