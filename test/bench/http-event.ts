import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { profileFrom } from '@yihu/device-profiles/library/parse.ts';
import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { pino } from 'pino';
import { systemClock } from '../../gateway/clock.ts';
import { HttpPort } from '../../gateway/collect/http-event/http-port.ts';
import { MultipartReader } from '../../gateway/collect/http-event/multipart.ts';
import { HttpEventAddress, HttpEventPort } from '../../gateway/collect/http-event/port.ts';
import { percentile } from './rig.ts';
import type { Bench, Row } from './run.ts';

const events = 500;

/** From the last byte of an event on a camera's stream to the pipeline, and what a reader takes in a second. */
export const httpEvent: Bench = {
  name: 'http-event',
  title: 'HTTP events: last byte on the socket → handed to the pipeline',
  async run() {
    return [...(await measureStream()), measureReader()];
  },
};

const profile = profileFrom({
  schema: 'yihu-profile/1',
  id: 'bench.camera',
  version: '1.0.0',
  name: { zh: '摄像机' },
  maker: { zh: '测试' },
  model: 'B1',
  category: 'camera',
  sources: ['made for this benchmark'],
  confidence: 'normalised',
  transport: {
    protocol: 'http-event',
    identity: { name: 'sn', pattern: '^x$', label: { zh: '编号' } },
    stream: { path: '/stream', channel: 'stream' },
  },
  availability: { offlineAfter: '5m' },
  points: {},
  decode: { stream: [{ event: { type: 'video.motion' } }] },
  vectors: [{ name: 'x', origin: 'synthetic', given: { channel: 'stream', json: {} }, events: [] }],
});

/** About 480 bytes, as a terminal sends them. */
const body = (serialNo: number) =>
  JSON.stringify({
    ipAddress: '192.168.1.11',
    macAddress: 'a4:d5:c2:24:dd:74',
    channelID: 1,
    dateTime: '2026-01-01T08:00:00+08:00',
    eventType: 'AccessControllerEvent',
    eventState: 'active',
    eventDescription: 'Access Controller Event',
    AccessControllerEvent: {
      majorEventType: 5,
      subEventType: 38,
      serialNo,
      doorNo: 1,
      employeeNoString: '0001',
      name: 'x'.repeat(100),
    },
  });
const part = (text: string) =>
  `--MIME_boundary\r\nContent-Type: application/json; charset="UTF-8"\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

async function measureStream(): Promise<Row[]> {
  const opened = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'multipart/mixed; boundary=MIME_boundary' });
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    opened.resolve(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  let heard: (at: number) => void = () => undefined;
  const http = await new HttpPort({
    id: 'cameras',
    port: HttpEventPort.parse({}),
    devices: [{ id: 'cam', profile, address: HttpEventAddress.parse({ host: '127.0.0.1', port }) }],
    clock: systemClock,
    log: pino({ level: 'silent' }),
    egress: { resolve: () => Promise.resolve({ address: '127.0.0.1' }) },
    emit: ([frame]: readonly Frame[]) => {
      if (frame?.body.kind === 'fields') heard(performance.now());
      return Promise.resolve();
    },
    report: () => undefined,
  }).start();
  const stream = await opened.promise;
  const samples: number[] = [];
  for (let serial = 0; serial < events; serial++) {
    const whole = part(body(serial));
    stream.write(`\r\n${whole.slice(0, -1)}`);
    await pause(2);
    const seen = new Promise<number>((resolve) => (heard = resolve));
    const sentAt = performance.now();
    stream.write(whole.slice(-1));
    samples.push((await seen) - sentAt);
  }
  await http.stop();
  server.closeAllConnections();
  server.close();
  const sorted = samples.toSorted((a, b) => a - b);
  return [
    { what: `last byte → pipeline: p50 of ${events}`, value: percentile(sorted, 0.5), unit: 'ms', aim: '≤ 5' },
    { what: 'last byte → pipeline: p99', value: percentile(sorted, 0.99), unit: 'ms', aim: '≤ 5' },
    { what: 'last byte → pipeline: longest', value: sorted.at(-1) ?? 0, unit: 'ms' },
  ];
}

function measureReader(): Row {
  const chunk = Buffer.from(Array.from({ length: 100 }, (_, index) => `${part(body(index))}\r\n`).join(''));
  const reader = new MultipartReader('MIME_boundary', () => 10_000);
  let parts = 0;
  const startedAt = performance.now();
  while (performance.now() - startedAt < 2_000) for (const each of reader.push(chunk)) if (each.body) parts++;
  return { what: 'parts of about 480 B read', value: parts / ((performance.now() - startedAt) / 1_000), unit: '/s' };
}
