import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import mqtt from 'mqtt';
import { stringify } from 'yaml';
import { type Child, startChild } from '../../demo/child.ts';
import { freePort } from '../../demo/ports.ts';
import { systemClock } from '../../gateway/clock.ts';
import { openLog } from '../../gateway/store/sqlite-log.ts';

interface Status {
  readonly clock: string;
  readonly problems: readonly { readonly en: string }[];
  readonly history: { readonly buffered: number };
}

interface Site {
  readonly id: string;
  readonly ports?: readonly object[];
  readonly devices: readonly { id: string; profile: string; port: string; address: object; name: string }[];
  readonly [section: string]: unknown;
}

/** A real gateway in a process of its own, over several lives in one folder; devices reach it by MQTT at its port `air`. */
export class RealGateway {
  readonly file: string;
  readonly children: Child[] = [];
  readonly #folder: string;
  readonly #local: number;
  readonly #air: number;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, local: number, air: number, env: NodeJS.ProcessEnv) {
    this.file = join(folder, 'gateway.yaml');
    this.#folder = folder;
    this.#local = local;
    this.#air = air;
    this.#env = env;
  }

  /** `profiles`, of maker `test`, and the rest of the site file are written as given. */
  static async in(folder: string, site: Site, profiles: readonly { id: string }[], env: NodeJS.ProcessEnv = {}) {
    const [air, local] = await Promise.all([freePort(0), freePort(0)]);
    const gateway = new RealGateway(folder, local, air, env);
    mkdirSync(join(folder, 'profiles', 'test'), { recursive: true });
    for (const profile of profiles)
      writeFileSync(
        join(folder, 'profiles', 'test', `${profile.id.replace('test.', '')}.yaml`),
        stringify(profile, { aliasDuplicateObjects: false }),
      );
    const { id, ports = [], devices, ...more } = site;
    const document = {
      schema: 'yihu-site/1',
      gateway: { id, name: '一号' },
      data: 'data',
      listen: `127.0.0.1:${local}`,
      profiles: ['profiles'],
      ports: [{ id: 'air', driver: 'mqtt', listen: `127.0.0.1:${air}`, login: 'open' }, ...ports],
      devices,
      ...more,
    };
    writeFileSync(gateway.file, stringify(document));
    return gateway;
  }

  async start(): Promise<Child> {
    const args = ['gateway/bin/yihu-gateway.js', 'run', this.file, '--json'];
    const child = startChild('gateway', args, this.#folder, this.#env);
    this.children.push(child);
    const said = await child.started;
    if (said['ok'] === false) throw new Error(JSON.stringify(said['problems']));
    return child;
  }

  async status(): Promise<Status> {
    return (await (await fetch(`http://127.0.0.1:${this.#local}/api/status`)).json()) as Status;
  }

  /** Resolves when the gateway has it on disk; rejects where it hung up before it said so. */
  async publish(device: string, topic: string, body: object): Promise<void> {
    const options = { clientId: device, protocolVersion: 4, reconnectPeriod: 0 } as const;
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${this.#air}`, options, false);
    const hungUp = new Promise<never>((_, reject) => client.once('close', () => reject(new Error('the gateway hung up'))));
    try {
      await Promise.race([client.publishAsync(topic, JSON.stringify(body), { qos: 1 }), hungUp]);
    } finally {
      hungUp.catch(() => undefined);
      await client.endAsync(true);
    }
  }

  /** What its log holds, while it does not run. */
  async records(lane: 'alarm' | 'telemetry'): Promise<LogRecord[]> {
    const folder = join(this.#folder, 'data', 'log');
    const log = await openLog({ folder, maxBytes: 1e9, readers: ['look'], clock: systemClock });
    const batches = await log.read('look', lane, 1e9, 0);
    await log.close();
    return batches.flatMap(({ blob }) => unpackTrusted(blob).map(({ record }) => LogRecord.parse(record)));
  }
}

/** A profile of devices that publish JSON to `<kind>/<id>/up`, each of its keys a point; `example` is one such message. */
export function mqttProfile(id: string, kind: string, example: Record<string, number | boolean>, more: Record<string, unknown>) {
  const text = (word: string) => ({ zh: `点 ${word}`, en: word });
  const points = Object.keys(example);
  const state = (point: string) => (typeof example[point] === 'boolean' ? { kind: 'state' } : {});
  return {
    schema: 'yihu-profile/1',
    id,
    version: '1.0.0',
    name: text(kind),
    maker: { zh: '示例', en: 'Acme' },
    model: 'm',
    category: 'other',
    sources: ['made for this test'],
    confidence: 'normalised',
    transport: {
      protocol: 'mqtt',
      identity: { name: 'id', pattern: '^[a-z0-9-]+$', label: { zh: '编号', en: 'Id' } },
      topics: { up: { filter: `${kind}/{id}/up`, qos: 1 } },
    },
    availability: { offlineAfter: '1h' },
    points: Object.fromEntries(points.map((point) => [point, { name: text(point), ...state(point) }])),
    decode: { up: [{ points: Object.fromEntries(points.map((point) => [point, `$.${point}`])) }] },
    vectors: [{ name: 'one', origin: 'synthetic', given: { channel: 'up', json: example }, expect: example }],
    ...more,
  };
}

export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within a minute`);
    await pause(50);
  }
}

export async function end(child: Child, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  child.process.kill(signal);
  await child.ended;
}
