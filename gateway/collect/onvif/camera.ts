import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { onvifOf } from '@yihu/device-profiles/protocols/onvif.ts';
import type { Clock } from '../../clock.ts';
import type { Chance } from '../../random.ts';
import { Backoff } from '../http-event/backoff.ts';
import { limits } from './limits.ts';
import { type CameraMessage, fieldsOf, isAbout } from './messages.ts';
import {
  capabilitiesIn,
  informationIn,
  isUnknownCall,
  type MediaProfile,
  profilesIn,
  requests,
  type Services,
  servicesIn,
} from './services.ts';
import { type Answered, Session, type SessionParts, type Unanswered } from './session.ts';
import type { OnvifDevice } from './settings.ts';
import { Subscription } from './subscription.ts';
import { isCrowded, type Trouble, troubles } from './trouble.ts';

export interface CameraParts extends SessionParts {
  readonly device: OnvifDevice;
  readonly clock: Clock;
  readonly chance: Chance;
  emit(frames: readonly Frame[]): Promise<void>;
  readonly watch: CameraWatch;
}

/** What the port wants to know of a camera. */
export interface CameraWatch {
  count(name: 'subscriptions' | 'pulls' | 'messages' | 'messages_other' | 'messages_not_kept' | 'reconnects', by?: number): void;
  heard(device: string): void;
  trouble(device: string, trouble: Trouble): void;
  /** What a call was and what came of it, for the installer; never a secret. */
  said(device: string, sent: string, heard: string, tookMs: number): void;
}

/** Why a subscription ended; `next` is how long the camera needs to be left alone at least. */
class Lost extends Error {
  readonly trouble: Trouble;
  readonly leaveAloneMs: number;
  constructor(trouble: Trouble, leaveAloneMs = 0) {
    super(trouble.en);
    this.trouble = trouble;
    this.leaveAloneMs = leaveAloneMs;
  }
}

/**
 * One camera: connected, subscribed and pulled from for as long as the port lives. Whatever it answers, or does not, ends
 * in a new subscription; nothing ends this loop but its stop.
 */
export class Camera {
  readonly session: Session;
  readonly #parts: CameraParts;
  readonly #stopping = new AbortController();
  readonly #backoff: Backoff;
  #running: Promise<void> = Promise.resolve();
  #services: Services | null = null;
  #profiles: readonly MediaProfile[] | null = null;
  #isUp = false;

  constructor(parts: CameraParts) {
    this.#parts = parts;
    this.session = new Session(parts);
    this.#backoff = new Backoff(limits.againFirstMs, limits.againLastMs, parts.chance);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  start(): this {
    this.#running = this.#run();
    return this;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Paths of its services; asked once, until it is thought to have been started anew. */
  async services(signal: AbortSignal): Promise<Services | Trouble> {
    if (this.#services !== null) return this.#services;
    const { address } = this.#parts;
    const answered = await this.call('GetServices', { path: address.path, body: requests.services }, signal);
    if ('body' in answered) return (this.#services = servicesIn(answered.body));
    if (!('fault' in answered) || !isUnknownCall(answered.fault.code)) return troubleOf(answered);
    const older = await this.call('GetCapabilities', { path: address.path, body: requests.capabilities }, signal);
    if (!('body' in older)) return troubleOf(older);
    return (this.#services = capabilitiesIn(older.body));
  }

  /** Media profiles, of the newer service where there are any; asked once. */
  async profiles(signal: AbortSignal): Promise<readonly MediaProfile[] | Trouble> {
    if (this.#profiles !== null) return this.#profiles;
    const services = await this.services(signal);
    if ('code' in services) return services;
    const ways = [
      ['media2', services.media2, requests.profiles2],
      ['media', services.media, requests.profiles],
    ] as const;
    let trouble: Trouble = troubles.noService('media');
    for (const [service, path, body] of ways) {
      if (path === undefined) continue;
      const answered = await this.call('GetProfiles', { path, body }, signal);
      const found = 'body' in answered ? profilesIn(answered.body, service) : [];
      if (found.length > 0) return (this.#profiles = found);
      trouble = 'body' in answered ? troubles.noSnapshot() : troubleOf(answered);
    }
    return trouble;
  }

  /** What was learned of the camera is asked anew: it was started again, or somebody changed it. */
  forget(): void {
    this.#services = null;
    this.#profiles = null;
    this.session.forget();
  }

  async call(name: string, call: Parameters<Session['call']>[0], signal: AbortSignal): Promise<Answered> {
    const { clock, device, watch } = this.#parts;
    const startedMono = clock.mono();
    const answered = await this.session.call(call, signal);
    const heard =
      'body' in answered ? `${name}Response` : 'fault' in answered ? `Fault ${answered.fault.code}` : answered.trouble.code;
    watch.said(device.id, name, heard, clock.mono() - startedMono);
    return answered;
  }

  async #run(): Promise<void> {
    const { clock, device, watch } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let leaveAloneMs = 0;
      try {
        await this.#follow();
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        leaveAloneMs = error.leaveAloneMs;
        if (!signal.aborted) watch.trouble(device.id, error.trouble);
      }
      this.#isUp = false;
      if (signal.aborted) return;
      watch.count('reconnects');
      this.forget();
      await clock.sleep(Math.max(leaveAloneMs, this.#backoff.waitMs()), signal).catch(() => undefined);
    }
  }

  /** From connecting to the end of one subscription. @throws Lost, and nothing else. */
  async #follow(): Promise<void> {
    const subscription = await this.#subscribe();
    this.#parts.watch.count('subscriptions');
    try {
      await this.#pullForEver(subscription);
    } finally {
      // Its room is given back, so that the next subscription finds some; a stop waits for that, and not for long.
      await subscription.end(new AbortController().signal);
    }
  }

  async #subscribe(): Promise<Subscription> {
    const { clock, device, watch } = this.#parts;
    const deadline = new AbortController();
    const timer = clock.after(limits.connectMs, () => deadline.abort());
    const signal = AbortSignal.any([this.#stopping.signal, deadline.signal]);
    try {
      const services = await this.services(signal);
      if ('code' in services) throw new Lost(services);
      if (services.events === undefined) throw new Lost(troubles.noService('events'), limits.againLastMs);
      await this.#introduce(signal);
      const startedMono = clock.mono();
      const subscription = await Subscription.create(this.session, clock, services.events, signal);
      const isThere = subscription instanceof Subscription;
      watch.said(
        device.id,
        'CreatePullPointSubscription',
        isThere ? 'subscribed' : wordOf(subscription),
        clock.mono() - startedMono,
      );
      if (isThere) return subscription;
      const isFull = 'fault' in subscription && isCrowded(subscription.fault);
      throw new Lost(troubleOf(subscription), isFull ? limits.crowdedMs : 0);
    } finally {
      timer.cancel();
    }
  }

  async #introduce(signal: AbortSignal): Promise<void> {
    const { address, device, watch } = this.#parts;
    const answered = await this.session.call({ path: address.path, body: requests.information }, signal);
    // Who it is, is for people to read; a camera that keeps it to itself is a camera all the same.
    if ('body' in answered) watch.said(device.id, 'GetDeviceInformation', informationIn(answered.body), 0);
  }

  async #pullForEver(subscription: Subscription): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#stopping;
    let heardMono = clock.mono();
    while (!signal.aborted) {
      const askedMono = clock.mono();
      const pulled = await subscription.pull(signal);
      if (signal.aborted) return;
      if (!Array.isArray(pulled)) {
        this.#bear(pulled, heardMono);
        await clock.sleep(limits.pullAgainMs, signal).catch(() => undefined);
        continue;
      }
      heardMono = clock.mono();
      await this.#take(pulled);
      const tookMs = clock.mono() - askedMono;
      if (pulled.length === 0 && tookMs < limits.emptyPullMs)
        await clock.sleep(limits.emptyPullMs - tookMs, signal).catch(() => undefined);
      const ended = await subscription.keep(signal);
      if (ended !== undefined && !signal.aborted) this.#bear(ended, heardMono);
    }
  }

  /** A line that is down for a moment costs nothing; whatever the camera itself says against it ends the subscription. */
  #bear(answered: Unanswered, heardMono: number): void {
    const { clock, device, watch } = this.#parts;
    const trouble = troubleOf(answered);
    const isLine = 'trouble' in answered && ['no-answer', 'broken-off', 'unreachable'].includes(trouble.code);
    if (!isLine || clock.mono() - heardMono >= limits.silentMs) throw new Lost(trouble);
    watch.trouble(device.id, trouble);
  }

  async #take(messages: readonly CameraMessage[]): Promise<void> {
    const { device, watch, clock } = this.#parts;
    const { topics } = onvifOf(device.profile);
    const wanted = messages.filter(({ topic }) => isAbout(topic, topics));
    watch.count('pulls');
    watch.count('messages', wanted.length);
    watch.count('messages_other', messages.length - wanted.length);
    watch.heard(device.id);
    this.#isUp = true;
    this.#backoff.reset();
    for (const { topic, operation } of wanted) watch.said(device.id, 'PullMessages', `${topic} ${operation}`, 0);
    const at = clock.now();
    const frames = wanted.map((message): Frame => {
      return { device: device.id, at, body: { kind: 'fields', channel: 'event', fields: fieldsOf(message) } };
    });
    await this.#offer(frames.length > 0 ? frames : [{ device: device.id, at, body: { kind: 'alive' } }]);
  }

  /** A pull has no acknowledgement: what is not kept is offered again, and the camera keeps what comes after it. */
  async #offer(frames: readonly Frame[]): Promise<void> {
    const { clock, watch } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        return await this.#parts.emit(frames);
      } catch {
        // The pipeline has said why; here it only matters that it is not on disk.
        watch.count('messages_not_kept', frames.length);
        await clock.sleep(limits.offerAgainMs, signal).catch(() => undefined);
      }
    }
  }
}

export function troubleOf(answered: Unanswered): Trouble {
  return 'trouble' in answered ? answered.trouble : troubles.fault(answered.fault);
}

function wordOf(answered: Unanswered): string {
  return 'fault' in answered ? `Fault ${answered.fault.code}` : answered.trouble.code;
}
