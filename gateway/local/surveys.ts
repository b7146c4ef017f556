import type {
  LocalSurvey,
  LocalSurveyFound,
  LocalSurveyPlaces,
  LocalSurveyRequest,
} from '@yihu/device-profiles/vocabulary/local-survey.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Clock } from '../clock.ts';
import { discoverCameras } from '../collect/onvif/discovery.ts';
import { outOfReach, ownSubnets, privateSubnets } from '../commission/reachable.ts';
import { scanMqtt } from '../commission/scan-mqtt.ts';
import { zigbeeJoin } from '../commission/zigbee-join.ts';
import { hostsIn, mostHosts, scanTcp } from '../commission/scan-tcp.ts';
import type { Site } from '../config.ts';
import { siteEgress } from '../egress.ts';
import { brokersOf, foundAt, foundCamera, foundJoining, foundPublisher } from './survey-found.ts';

export interface SurveysOptions {
  readonly clock: Clock;
  readonly site: () => Pick<Site, 'ports' | 'devices' | 'subnets'>;
  /** What a heard device could be. */
  readonly profiles: () => Promise<readonly Profile[]>;
}

const busy: Text = { zh: '正在扫描，请先停止。', en: 'A scan is under way; stop it first.' };
/** What ONVIF's discovery takes, twice asked. */
const camerasMs = 5_000;
/** More than an installer looks through on a phone. */
const mostFound = 500;

/** 扫描网络: one at a time, as it goes; only where the site file declares subnets, and in private networks. */
export class Surveys {
  readonly #options: SurveysOptions;
  #survey: LocalSurvey | null = null;
  #stop: AbortController | null = null;
  #work: Promise<void> = Promise.resolve();

  constructor(options: SurveysOptions) {
    this.#options = options;
  }

  places(): LocalSurveyPlaces {
    const site = this.#options.site();
    return { declared: site.subnets, own: ownSubnets(), brokers: brokersOf(site) };
  }

  now(): LocalSurvey | null {
    return this.#survey;
  }

  start(asked: LocalSurveyRequest): { refused: Text } | { survey: LocalSurvey } {
    if (this.#stop !== null) return { refused: busy };
    const refused = 'subnets' in asked ? this.#flawOf(asked.subnets) : null;
    if (refused !== null) return { refused };
    const at = this.#options.clock.now();
    const survey = {
      kind: asked.kind,
      state: 'running',
      at,
      atMostMs: 0,
      done: 0,
      of: 0,
      found: [],
      note: null,
      reason: null,
    } as const;
    this.#survey = survey;
    const stop = new AbortController();
    this.#stop = stop;
    this.#work = this.#run(asked, stop.signal)
      .catch((error: unknown) =>
        this.#change({ state: 'failed', reason: { zh: String(error).slice(0, 110), en: String(error).slice(0, 110) } }),
      )
      .finally(() => (this.#stop = null));
    return { survey };
  }

  stop(): void {
    this.#stop?.abort(new Error('stopped by the installer'));
  }

  async end(): Promise<void> {
    this.stop();
    await this.#work;
  }

  #flawOf(subnets: readonly string[]): Text | null {
    if (hostsIn(subnets) === null)
      return {
        zh: `网段太大：一次最多 ${mostHosts} 个地址，每个网段不大于 /22。请分几次扫描。`,
        en: `Too large: at most ${mostHosts} addresses at once, each subnet /22 or smaller. Scan in several steps.`,
      };
    const outside = outOfReach(subnets, this.#options.site().subnets);
    return outside.length === 0 ? null : notOurs(outside.join(', '));
  }

  #run(asked: LocalSurveyRequest, signal: AbortSignal): Promise<void> {
    switch (asked.kind) {
      case 'tcp':
        return this.#tcp(asked, signal);
      case 'mqtt':
        return this.#mqtt(asked, signal);
      case 'cameras':
        return this.#cameras(asked, signal);
      case 'zigbee':
        return this.#zigbee(asked, signal);
    }
  }

  async #tcp({ subnets, ports }: Extract<LocalSurveyRequest, { kind: 'tcp' }>, signal: AbortSignal): Promise<void> {
    const { clock, site } = this.#options;
    const scan = {
      subnets,
      egress: siteEgress(subnets),
      clock,
      signal,
      ...(ports !== undefined && ports.length > 0 && { ports }),
    };
    for await (const event of scanTcp(scan)) {
      if (event.kind === 'plan') this.#change({ atMostMs: event.atMostMs, of: event.addresses * event.ports.length });
      else if (event.kind === 'progress') this.#change({ done: event.done, of: event.of });
      else if (event.kind === 'found') this.#add(foundAt(event, site()));
      else this.#end(event.wasStopped);
    }
  }

  async #mqtt(
    { url, username, password, seconds }: Extract<LocalSurveyRequest, { kind: 'mqtt' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, site } = this.#options;
    const at = await this.#brokerAt(url);
    if (at === null) return this.#change({ state: 'failed', reason: notOurs(url) });
    const login = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
    const profiles = await this.#options.profiles();
    for await (const event of scanMqtt({ url: at, ...login, ms: seconds * 1_000, profiles, clock, signal })) {
      if (event.kind === 'listening') this.#change({ atMostMs: event.forMs });
      else if (event.kind === 'found') this.#add(foundPublisher(event.publisher, url, site()));
      else if (event.kind === 'unreachable') return this.#change({ state: 'failed', reason: event.problem });
      else {
        this.#change({ note: topicsNote(event.topics, event.found) });
        this.#end(signal.aborted);
      }
    }
  }

  async #zigbee(asked: Extract<LocalSurveyRequest, { kind: 'zigbee' }>, signal: AbortSignal): Promise<void> {
    const { clock, site } = this.#options;
    const { url, base, seconds, username, password } = asked;
    const at = await this.#brokerAt(url);
    if (at === null) return this.#change({ state: 'failed', reason: notOurs(url) });
    const login = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
    const models = await this.#options.profiles();
    for await (const event of zigbeeJoin({ url: at, base, seconds, ...login, clock, signal })) {
      if (event.kind === 'open')
        this.#change({ atMostMs: leftOf(event.until, clock.now()) + clock.now() - (this.#survey?.at ?? 0) });
      else if (event.kind === 'joined')
        this.#add(foundJoining(event.address, { state: 'joined', model: null }, url, site(), models));
      else if (event.kind === 'interview') this.#add(foundJoining(event.address, event, url, site(), models));
      else if (event.kind === 'closed') this.#end(event.wasStopped);
      else this.#change({ state: 'failed', reason: event.problem });
    }
  }

  /** Where to connect to, or null where nobody may be listened to. Loopback is this machine, whose broker an installer may hear. */
  async #brokerAt(url: string): Promise<string | null> {
    const place = new URL(url);
    const egress = siteEgress([...this.#options.site().subnets, ...privateSubnets, '127.0.0.0/8', '::1/128']);
    const resolved = await egress.resolve(place.hostname);
    if ('refused' in resolved) return null;
    // What was looked up once is what is connected to; with TLS the certificate answers for the name.
    if (url.startsWith('mqtts:')) return url;
    return `mqtt://${bracketed(resolved.address)}${place.port === '' ? '' : `:${place.port}`}`;
  }

  async #cameras({ subnets }: Extract<LocalSurveyRequest, { kind: 'cameras' }>, signal: AbortSignal): Promise<void> {
    const { clock, site } = this.#options;
    this.#change({ atMostMs: camerasMs });
    const { cameras, askedFrom, dropped } = await discoverCameras({ egress: siteEgress(subnets), clock, signal });
    if (askedFrom.length === 0) return this.#change({ state: 'failed', reason: noAddress(subnets.join(', ')) });
    for (const camera of cameras) this.#add(foundCamera(camera, site()));
    if (dropped > 0) this.#change({ note: droppedNote(dropped) });
    return this.#end(signal.aborted);
  }

  /** Found again, better known: in the place of what it was. */
  #add(found: LocalSurveyFound): void {
    const before = this.#survey?.found ?? [];
    const known = before.findIndex(({ name }) => name === found.name);
    if (known >= 0) this.#change({ found: before.with(known, found) });
    else if (before.length < mostFound) this.#change({ found: [...before, found] });
  }

  #end(wasStopped: boolean): void {
    const of = this.#survey?.of ?? 0;
    this.#change(wasStopped ? { state: 'stopped' } : { state: 'done', done: of });
  }

  #change(change: Partial<LocalSurvey>): void {
    if (this.#survey !== null) this.#survey = { ...this.#survey, ...change };
  }
}

/** Zigbee opens for 254 s at most; a bridge whose clock is another than ours would say more. */
const longestOpenMs = 254_000;

/** By the bridge's own deadline; one that says none is taken to stay open as long as it can. */
function leftOf(until: number | null, now: number): number {
  return until === null ? longestOpenMs : Math.min(longestOpenMs, Math.max(0, until - now));
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function notOurs(where: string): Text {
  return {
    zh: `${where} 既不是私有网段，也没有在现场文件的 network.subnets 里声明，不予扫描。`,
    en: `${where} is neither private nor declared in network.subnets of the site file; nobody is looked for there.`,
  };
}

function noAddress(subnets: string): Text {
  return {
    zh: `本机没有地址在 ${subnets} 里，没有地方可问。请选本机所在的网段。`,
    en: `This machine has no address in ${subnets}, so nobody could be asked. Choose a subnet it is in.`,
  };
}

function topicsNote(topics: number, found: number): Text | null {
  if (topics === 0)
    return {
      zh: '一条消息也没有听到。设备在发吗？用户允许订阅 # 吗？可以听久一点。',
      en: 'Not one message was heard. Do the devices publish? May this user subscribe to #? Listen longer.',
    };
  return found > 0 ? null : { zh: `听到 ${topics} 个主题，没有认识的。`, en: `${topics} topics were heard, and none is known.` };
}

function droppedNote(dropped: number): Text {
  return {
    zh: `${dropped} 个回答读不懂或来自别处，没有采用。`,
    en: `${dropped} answers could not be read or came from elsewhere.`,
  };
}
