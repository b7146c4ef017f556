import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileFrom } from '@yihu/device-profiles/library/parse.ts';
import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { type Logger, pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../gateway/clock.ts';
import type { Egress, Keep, PortState, Snapshot } from '../../../gateway/collect/driver.ts';
import { HttpPort } from '../../../gateway/collect/http-event/http-port.ts';
import { HttpEventAddress, HttpEventPort, type HttpDevice } from '../../../gateway/collect/http-event/port.ts';
import { hashSecret } from '../../../gateway/collect/mqtt/secret.ts';
import { siteEgress } from '../../../gateway/egress.ts';

/** A profile that says no more than the test needs: its transport, and one event per channel. */
export function profileOf(transport: Record<string, unknown>, more: Record<string, unknown> = {}): Profile {
  const channels = ['event', 'stream', 'history', 'plate', 'line', 'status'];
  return profileFrom({
    schema: 'yihu-profile/1',
    id: 'test.device',
    version: '1.0.0',
    name: { zh: '门禁', en: 'Door' },
    maker: { zh: '测试', en: 'Test' },
    model: 'T1',
    category: 'access.controller',
    sources: ['made for this test'],
    confidence: 'normalised',
    transport: {
      protocol: 'http-event',
      identity: { name: 'sn', pattern: '^[A-Za-z0-9-]{1,32}$', label: { zh: '序列号', en: 'serial number' } },
      ...transport,
    },
    availability: { offlineAfter: '5m' },
    points: {},
    decode: Object.fromEntries(channels.map((channel) => [channel, [{ event: { type: 'test.happened' } }]])),
    vectors: [{ name: 'x', origin: 'synthetic', given: { channel: 'event', json: {} }, events: [] }],
    ...more,
  });
}

/** A face terminal: pushes JSON, XML or multipart, is asked for what was missed. */
export const terminal = profileOf(
  {
    listen: {
      event: { path: '/ingest/hik/{key}' },
      options: { method: 'GET', path: '/ingest/hik/{key}', is: 'alive', reply: { type: 'text/plain', body: 'OK' } },
    },
    stream: { path: '/ISAPI/Event/notification/alertStream', channel: 'stream', readTimeout: '5s' },
    backfill: {
      path: '/ISAPI/AccessControl/AcsEvent?format=json',
      body: '{"AcsEventCond":{"searchID":"{search}","searchResultPosition":0,"maxResults":{page},"major":0,"minor":0,"beginSerialNo":{from},"endSerialNo":{to}}}',
      page: 3,
      list: '$.AcsEvent.InfoList',
      serial: '$.serialNo',
      channel: 'history',
      as: { dateTime: '$.time', AccessControllerEvent: '$' },
    },
    serial: '$.AccessControllerEvent.serialNo',
    heartbeat: [
      [
        { path: '$.eventType', equals: 'videoloss' },
        { path: '$.eventState', equals: 'inactive' },
      ],
    ],
  },
  {
    time: { from: '$.dateTime', format: 'rfc3339' },
    dedupe: { key: ['$.AccessControllerEvent.serialNo', '$.dateTime'], window: '7d' },
  },
);

export const key = Buffer.alloc(32, 7);
export const secretOf = (id: string) => `secret-of-${id}-${'x'.repeat(20)}`;

/** A device with a key of its own. */
export function device(id: string, profile: Profile, address: Record<string, unknown> = {}): HttpDevice {
  return { id, profile, address: HttpEventAddress.parse({ key: hashSecret(key, secretOf(id)), ...address }) };
}

export interface Kept {
  readonly frames: Frame[];
  readonly reports: PortState[];
  /** What the driver asked to be kept with its frames, as it would be loaded after a restart. */
  readonly memory: Map<string, string>;
  readonly snapshots: Snapshot[];
  /** What emit does besides remembering; replace it to hold back or refuse. */
  emit(frames: readonly Frame[]): Promise<void>;
  /** The messages that were kept, without the signs of life. */
  messages(): unknown[];
  /** Resolves when the condition holds, looked at after every frame and every report. */
  until(holds: () => boolean): Promise<void>;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-http-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file that only its owner can read. */
export function secretFile(folder: string, text: string, name = 'password'): string {
  const file = join(folder, name);
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
}

/** The real clock, but for the pauses between attempts: nobody wants to wait through a growing back-off. */
const impatient: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 25, signal) };

export const quiet = pino({ level: 'silent' });

export interface Options {
  readonly port?: Record<string, unknown>;
  readonly egress?: Egress | null;
  readonly memory?: ReadonlyMap<string, string>;
  readonly log?: Logger;
  readonly folder?: string;
  readonly keepsPictures?: boolean;
}

/** A port with a keeper in place of the pipeline. */
export async function httpPort(devices: readonly HttpDevice[], options: Options = {}) {
  const folder = options.folder ?? temporaryFolder();
  writeFileSync(join(folder, 'device-key'), key, { mode: 0o600 });
  const kept = keeper(options.memory);
  const { egress = siteEgress(['127.0.0.0/8']) } = options;
  const context = {
    id: 'http-1',
    port: HttpEventPort.parse({ listen: '127.0.0.1:0', deviceKeyFile: 'device-key', ...options.port }),
    devices,
    folder,
    clock: impatient,
    log: options.log ?? quiet,
    ...(egress && { egress }),
    ...(options.memory && { kept: options.memory }),
    ...(options.keepsPictures && {
      snapshot: (snapshot: Snapshot) => {
        kept.snapshots.push(snapshot);
        return Promise.resolve();
      },
    }),
    emit: (frames: readonly Frame[], keep: Keep = []) => kept.take(frames, keep),
    report: (state: PortState) => kept.told(state),
  };
  const port = await new HttpPort(context).start();
  onTestFinished(() => port.stop());
  return { port, kept, folder, url: `http://127.0.0.1:${port.listensOn}` };
}

function keeper(before: ReadonlyMap<string, string> = new Map()) {
  const waiting: { holds: () => boolean; done: () => void }[] = [];
  const look = () => {
    for (const each of waiting.filter(({ holds }) => holds())) {
      waiting.splice(waiting.indexOf(each), 1);
      each.done();
    }
  };
  const kept = {
    frames: [] as Frame[],
    reports: [] as PortState[],
    memory: new Map(before),
    snapshots: [] as Snapshot[],
    emit: (_frames: readonly Frame[]): Promise<void> => Promise.resolve(),
    messages: () => kept.frames.flatMap(({ body }) => (body.kind === 'fields' ? [body.fields] : [])),
    async take(frames: readonly Frame[], keep: Keep) {
      await kept.emit(frames);
      kept.frames.push(...frames);
      for (const [name, json] of keep) {
        if (json === null) kept.memory.delete(name);
        else kept.memory.set(name, json);
      }
      look();
    },
    told(state: PortState) {
      kept.reports.push(state);
      look();
    },
    until: (holds: () => boolean) =>
      new Promise<void>((done) => {
        waiting.push({ holds, done });
        look();
      }),
  };
  return kept;
}

/** An event of a terminal, as it pushes it (Hikvision ISAPI). */
export function acsEvent(serialNo: number, more: Record<string, unknown> = {}) {
  return {
    ipAddress: '192.168.1.11',
    macAddress: 'a4:d5:c2:24:dd:74',
    dateTime: `2026-01-01T08:${String(Math.floor(serialNo / 60) % 60).padStart(2, '0')}:${String(serialNo % 60).padStart(2, '0')}+08:00`,
    eventType: 'AccessControllerEvent',
    eventState: 'active',
    AccessControllerEvent: { majorEventType: 5, subEventType: 38, doorNo: 1, serialNo, ...more },
  };
}

export const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
