import { identityIn } from './topic-identity.ts';
import { profilesOfModel } from '@yihu/device-profiles/library/models.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import mqtt from 'mqtt';
import type { Clock } from '../clock.ts';
import { type Publisher, publishersIn } from './mqtt-families.ts';

export interface MqttScan {
  /** `mqtt://host:port` or `mqtts://…`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** How long to listen; battery devices speak once in hours. */
  readonly ms: number;
  /** What a heard device could be. */
  readonly profiles: readonly Profile[];
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export interface FoundPublisher extends Omit<Publisher, 'family'> {
  /** `profile`: its topic is that of a profile. */
  readonly family: Publisher['family'] | 'profile';
  /** Profiles that could be its own, the likeliest first. */
  readonly profiles: readonly string[];
}

export type MqttScanEvent =
  | { readonly kind: 'listening'; readonly forMs: number }
  /** New, or better known than before: the same family and id again. */
  | { readonly kind: 'found'; readonly publisher: FoundPublisher }
  | { readonly kind: 'unreachable'; readonly problem: { readonly zh: string; readonly en: string } }
  | { readonly kind: 'done'; readonly found: number; readonly topics: number };

const connectMs = 5_000;
/** More than a community has; a broker of somebody else's is not read to its end. */
const mostPublishers = 2_000;
const mostTopics = 20_000;

/** 听 MQTT: subscribes to everything a broker lets us hear, publishes nothing, and says who is there by the shape of topics. */
export async function* scanMqtt(options: MqttScan): AsyncGenerator<MqttScanEvent> {
  const { ms, clock, signal } = options;
  const heard = new Map<string, FoundPublisher>();
  const news: FoundPublisher[] = [];
  const topics = new Set<string>();
  const { promise: lost, resolve: lose } = Promise.withResolvers<Error>();
  let wake: () => void = () => undefined;
  const client = await connected(options, lose);
  if (client instanceof Error) return yield { kind: 'unreachable', problem: problemOf(options.url, client) };
  client.on('message', (topic, payload) => {
    if (topics.size < mostTopics) topics.add(topic);
    for (const publisher of foundIn(topic, payload, options.profiles)) {
      const key = `${publisher.family} ${publisher.id}`;
      const known = heard.get(key);
      if (known ? known.model !== undefined || publisher.model === undefined : heard.size >= mostPublishers) continue;
      heard.set(key, publisher);
      news.push(publisher);
      wake();
    }
  });
  try {
    await client.subscribeAsync('#', { qos: 0 });
    yield { kind: 'listening', forMs: ms };
    const end = clock.mono() + ms;
    for (let left = ms; left > 0; left = end - clock.mono()) {
      if (signal?.aborted === true) break;
      const woken = new Promise<void>((resolve) => (wake = resolve));
      const stop = new AbortController();
      const quiet = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
      // What came while the last news was looked at waits already.
      const waits = news.length > 0 ? Promise.resolve() : woken;
      const ended = await Promise.race([waits, lost, clock.sleep(left, quiet).catch(() => undefined)]);
      stop.abort();
      for (const publisher of news.splice(0)) yield { kind: 'found', publisher };
      if (ended instanceof Error) return yield { kind: 'unreachable', problem: problemOf(options.url, ended) };
    }
    yield { kind: 'done', found: heard.size, topics: topics.size };
  } finally {
    await client.endAsync(true);
  }
}

async function connected({ url, username, password }: MqttScan, lose: (error: Error) => void) {
  const { promise, resolve } = Promise.withResolvers<mqtt.MqttClient | Error>();
  const client = mqtt.connect(url, {
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: connectMs,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  });
  client.on('connect', () => resolve(client));
  client.on('error', (error) => resolve(error));
  client.on('close', () => {
    const error = new Error('the broker closed the connection');
    resolve(error);
    lose(error);
  });
  const result = await promise;
  if (result instanceof Error) await client.endAsync(true);
  return result;
}

function foundIn(topic: string, payload: Uint8Array, profiles: readonly Profile[]): FoundPublisher[] {
  const announced = publishersIn(topic, payload);
  if (announced.length > 0)
    return announced.map((publisher) => {
      const own = publisher.model === undefined ? [] : profilesOfModel(profiles, publisher.model);
      return { ...publisher, profiles: own.map(({ id }) => id) };
    });
  const byTopic = profiles.flatMap((profile) => {
    const identity = identityIn(profile, topic);
    return identity === undefined ? [] : [{ identity, profile: profile.id }];
  });
  const [first] = byTopic;
  if (first === undefined) return [];
  const own = byTopic.filter(({ identity }) => identity === first.identity);
  return [{ family: 'profile', id: first.identity, profiles: own.map(({ profile }) => profile) }];
}

function problemOf(url: string, error: Error): { zh: string; en: string } {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === undefined || typeof code === 'number' ? error.message : code;
  if (/not authori[sz]ed|bad user ?name|identifier rejected/i.test(error.message))
    return {
      zh: `${url} 拒绝登录（${why}）。请核对用户名和密码；它还须允许订阅 #。`,
      en: `${url} refuses the login (${why}). Check user name and password; it must also allow us to subscribe to #.`,
    };
  return {
    zh: `${url} 连不上（${why}）。请核对地址和端口，确认 MQTT 服务在运行。`,
    en: `${url} cannot be reached (${why}). Check address and port, and that the broker runs.`,
  };
}
