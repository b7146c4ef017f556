import { randomUUID } from 'node:crypto';
import mqtt from 'mqtt';
import { z } from 'zod';
import type { Clock } from '../clock.ts';

export interface ZigbeeJoin {
  /** `mqtt://host:port` of the broker that the bridge is on. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** The bridge's base topic. */
  readonly base: string;
  /** For how long the network shall be open. */
  readonly seconds: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** `until`: when the bridge itself will close the network, ms since 1970 by its clock; null where it does not say (before 2.0). */
export type ZigbeeJoinEvent =
  | { readonly kind: 'open'; readonly until: number | null }
  | { readonly kind: 'joined'; readonly address: string; readonly name: string }
  | {
      readonly kind: 'interview';
      readonly address: string;
      readonly state: 'started' | 'successful' | 'failed';
      readonly model: string | null;
    }
  | { readonly kind: 'refused'; readonly problem: { readonly zh: string; readonly en: string } }
  | { readonly kind: 'unreachable'; readonly problem: { readonly zh: string; readonly en: string } }
  | { readonly kind: 'closed'; readonly wasStopped: boolean };

const Info = z.object({ permit_join: z.boolean(), permit_join_end: z.number().nullish() });
const Response = z.object({ status: z.string(), error: z.string().optional(), transaction: z.string().optional() });
const Told = z.object({
  type: z.string(),
  data: z.object({
    friendly_name: z.string().max(120).default(''),
    ieee_address: z.string().max(40),
    status: z.enum(['started', 'successful', 'failed']).optional(),
    definition: z.object({ model: z.string().max(64) }).nullish(),
  }),
});

const connectMs = 5_000;
/** A bridge that is there answers at once. */
const answerMs = 10_000;

/**
 * 配对窗口 of a zigbee2mqtt bridge: asks it to open its network, tells until when it really is open, who joins and how far
 * their interview is, and closes it again when `signal` aborts. What counts down is the bridge's own deadline, never ours: a
 * bridge may shorten what it was asked for, and others may close it.
 */
export async function* zigbeeJoin(options: ZigbeeJoin): AsyncGenerator<ZigbeeJoinEvent> {
  const { url, base, seconds, clock, signal } = options;
  const news: ZigbeeJoinEvent[] = [];
  let wake: () => void = () => undefined;
  const tell = (event: ZigbeeJoinEvent): void => {
    news.push(event);
    wake();
  };
  const client = await connected(options);
  if (client instanceof Error) return yield { kind: 'unreachable', problem: away(url, client) };
  const transaction = randomUUID();
  client.on('close', () => tell({ kind: 'unreachable', problem: away(url, new Error('the broker closed the connection')) }));
  client.on('message', (topic, payload) => {
    const event = eventIn(topic.slice(base.length + 1), payload, transaction);
    if (event) tell(event);
  });
  const ask = (time: number) =>
    client.publishAsync(`${base}/bridge/request/permit_join`, JSON.stringify({ time, transaction }), { qos: 1 });
  try {
    await client.subscribeAsync(
      ['info', 'response/permit_join', 'event'].map((word) => `${base}/bridge/${word}`),
      { qos: 1 },
    );
    await ask(seconds);
    const asked = clock.mono();
    let isOpen = false;
    for (;;) {
      if (signal?.aborted === true) break;
      for (const event of news.splice(0)) {
        // The network was closed already when we came: what counts is that it closes after it was open.
        if (event.kind === 'closed' && !isOpen) continue;
        isOpen ||= event.kind === 'open';
        yield event;
        if (['closed', 'refused', 'unreachable'].includes(event.kind)) return;
      }
      if (!isOpen && clock.mono() - asked > answerMs) return yield { kind: 'refused', problem: noBridge(base) };
      const woken = new Promise<void>((resolve) => (wake = resolve));
      await Promise.race([news.length > 0 ? undefined : woken, clock.sleep(500, signal).catch(() => undefined)]);
    }
    await ask(0);
    yield { kind: 'closed', wasStopped: true };
  } finally {
    client.removeAllListeners('close');
    await client.endAsync();
  }
}

function eventIn(word: string, payload: Buffer, transaction: string): ZigbeeJoinEvent | undefined {
  const said = parsed(payload);
  if (word === 'bridge/info') {
    const info = Info.safeParse(said).data;
    if (!info) return undefined;
    return info.permit_join ? { kind: 'open', until: info.permit_join_end ?? null } : { kind: 'closed', wasStopped: false };
  }
  if (word === 'bridge/response/permit_join') {
    const response = Response.safeParse(said).data;
    if (response?.status !== 'error' || response.transaction !== transaction) return undefined;
    const why = (response.error ?? '').slice(0, 120);
    return { kind: 'refused', problem: { zh: `网桥没有打开配对：${why}`, en: `The bridge did not open its network: ${why}` } };
  }
  const told = Told.safeParse(said).data;
  if (!told) return undefined;
  const { ieee_address: address, friendly_name: name, status, definition } = told.data;
  if (told.type === 'device_joined') return { kind: 'joined', address, name };
  if (told.type !== 'device_interview' || status === undefined) return undefined;
  return { kind: 'interview', address, state: status, model: definition?.model ?? null };
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8')) as unknown;
  } catch {
    // Not the bridge's.
    return undefined;
  }
}

async function connected({ url, username, password }: ZigbeeJoin): Promise<mqtt.MqttClient | Error> {
  const login = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const session = { protocolVersion: 4, clean: true, reconnectPeriod: 0, connectTimeout: connectMs } as const;
  return mqtt
    .connectAsync(url, { ...session, ...login })
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

function away(url: string, error: Error): { zh: string; en: string } {
  const why = (error as NodeJS.ErrnoException).code ?? error.message;
  return {
    zh: `${url} 连不上（${why}）。请核对地址、用户名和密码。`,
    en: `${url} cannot be reached (${why}). Check address and login.`,
  };
}

function noBridge(base: string): { zh: string; en: string } {
  return {
    zh: `这个 MQTT 服务上没有 ${base} 网桥应答。zigbee2mqtt 在运行吗？它的 base_topic 是什么？`,
    en: `No bridge answers as ${base} at this broker. Does zigbee2mqtt run, and what is its base_topic?`,
  };
}
