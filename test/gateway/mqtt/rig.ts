import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { profileFrom } from '@yihu/device-profiles/library/parse.ts';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import type { PortState } from '../../../gateway/collect/driver.ts';
import type { MqttAddress, MqttDevice } from '../../../gateway/collect/mqtt/address.ts';
import { accountsOf } from '../../../gateway/collect/mqtt/admission.ts';
import { Intake } from '../../../gateway/collect/mqtt/intake.ts';
import { TopicIndex } from '../../../gateway/collect/mqtt/topics.ts';
import { OwnPort } from '../../../gateway/collect/mqtt/own-port.ts';
import { ForeignPort } from '../../../gateway/collect/mqtt/foreign-port.ts';
import type { ForeignBroker, OwnBroker } from '../../../gateway/collect/mqtt/port.ts';
import { hashSecret } from '../../../gateway/collect/mqtt/secret.ts';

/** A smoke detector that says "smoke" in JSON and has a last will. */
export const smokeProfile = profileFrom({
  schema: 'yihu-profile/1',
  id: 'test.smoke',
  version: '1.0.0',
  name: { zh: '烟感', en: 'Smoke' },
  maker: { zh: '测试', en: 'Test' },
  model: 'T1',
  category: 'fire.smoke',
  sources: ['made for this test'],
  confidence: 'normalised',
  transport: {
    protocol: 'mqtt',
    identity: { name: 'id', pattern: '[a-z0-9-]{1,32}', label: { zh: '编号', en: 'number' } },
    topics: {
      state: { filter: 'home/{id}' },
      status: { filter: 'home/{id}/availability' },
      events: { filter: 'app/+/device/{id}/event/#', qos: 0 },
    },
  },
  availability: { offlineAfter: '25h', will: { channel: 'status', online: 'online', offline: 'offline' } },
  points: { smoke: { name: { zh: '烟雾', en: 'smoke' }, kind: 'state' } },
  decode: { state: [{ points: { smoke: '$.smoke' } }] },
  vectors: [{ name: 'smoke', origin: 'synthetic', given: { channel: 'state', json: { smoke: true } }, expect: { smoke: true } }],
});

export const key = Buffer.alloc(32, 7);

export function device(id: string, address: Partial<MqttAddress> = {}): MqttDevice {
  return { id, profile: smokeProfile, address: { identity: id, secret: hashSecret(key, `secret of ${id}`), ...address } };
}

type Emit = (frames: readonly Frame[]) => Promise<void>;

export interface Kept {
  readonly frames: Frame[];
  readonly texts: string[];
  readonly reports: PortState[];
  /** What emit does besides remembering; replace it to hold back or refuse. */
  emit: Emit;
  /** Resolves when the condition holds, looked at after every frame and every report. */
  until(holds: () => boolean): Promise<void>;
}

function keeper(): Kept & { take: Emit; told(state: PortState): void } {
  const frames: Frame[] = [];
  const texts: string[] = [];
  const reports: PortState[] = [];
  const waiting: { holds: () => boolean; done: () => void }[] = [];
  const look = () => {
    for (const each of waiting.filter(({ holds }) => holds())) {
      waiting.splice(waiting.indexOf(each), 1);
      each.done();
    }
  };
  const kept = {
    frames,
    texts,
    reports,
    emit: async () => undefined,
    async take(some: readonly Frame[]) {
      await kept.emit(some);
      frames.push(...some);
      for (const { body } of some) if (body.kind === 'message') texts.push(Buffer.from(body.payload).toString());
      look();
    },
    told(state: PortState) {
      reports.push(state);
      look();
    },
    until: (holds: () => boolean) =>
      new Promise<void>((done) => {
        waiting.push({ holds, done });
        look();
      }),
  } as Kept & { take: Emit; told(state: PortState): void };
  return kept;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-mqtt-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const quiet = pino({ level: 'silent' });

/** The gateway's own broker on a free port, with a keeper in place of the pipeline. */
export async function ownBroker(
  devices: readonly MqttDevice[],
  settings: Partial<OwnBroker> = {},
  make?: ConstructorParameters<typeof OwnPort>[1],
) {
  const kept = keeper();
  const deviceKeyFile = join(temporaryFolder(), 'device-key');

  writeFileSync(deviceKeyFile, key, { mode: 0o600 });
  const context = {
    id: 'mqtt-1',
    port: { listen: '127.0.0.1:0', login: 'required' as const, deviceKeyFile, ...settings },
    devices,
    clock: systemClock,
    log: quiet,
    emit: (frames: readonly Frame[]) => kept.take(frames),
    report: (state: PortState) => kept.told(state),
  };
  const port = await new OwnPort(context, make).start();
  onTestFinished(() => port.stop());

  return { port, kept, url: `mqtt://127.0.0.1:${port.listensOn}`, tcp: port.listensOn as number };
}

/** What one life of the broker is made of, with a keeper in place of the pipeline. */
export function brokerParts(devices: readonly MqttDevice[]) {
  const kept = keeper();
  const emit: Emit = (frames) => kept.take(frames);
  const intake = new Intake({ devices, clock: systemClock, log: quiet, emit, report: (state) => kept.told(state) });
  const settings = {
    host: '127.0.0.1',
    port: 0,
    connections: 100,
    connectionsPerAddress: 100,
    login: { key, accounts: accountsOf(devices) },
    everyone: { login: 'anyone', devices: new Set(devices) },
  };
  const deaths: Error[] = [];
  const onDeath = (error: Error) => void deaths.push(error);
  return { kept, deaths, parts: { settings, intake, index: new TopicIndex(devices), clock: systemClock, onDeath } };
}

/** A port on a broker that is there. */
export async function foreignPort(devices: readonly MqttDevice[], settings: ForeignBroker) {
  const kept = keeper();
  const port = await new ForeignPort({
    id: 'mqtt-2',
    port: settings,
    devices,
    clock: systemClock,
    log: quiet,
    emit: (frames) => kept.take(frames),
    report: (state) => kept.told(state),
  }).start();
  onTestFinished(() => port.stop());
  return { port, kept };
}

/** A client that is in, closed after the test. Rejects when the broker says no. */
export async function connected(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = mqtt.connect(url, { reconnectPeriod: 0, ...options });
  onTestFinished(() => client.endAsync(true).then(() => undefined));
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed before CONNACK')));
  });
  // What happens later is looked at by the tests through `closed`.
  client.on('error', () => undefined);
  return client;
}

/** As `connected`, with the login of a device made by `device()`. */
export function as(url: string, id: string, options: IClientOptions = {}): Promise<MqttClient> {
  return connected(url, { clientId: `c-${id}`, username: id, password: `secret of ${id}`, ...options });
}

export function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', () => resolve()));
}
