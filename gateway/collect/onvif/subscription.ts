import type { Clock } from '../../clock.ts';
import { limits } from './limits.ts';
import { type CameraMessage, messagesIn } from './messages.ts';
import { names } from './names.ts';
import { referenceParameters } from './reference.ts';
import { pathOf } from './services.ts';
import type { Answered, Session, Unanswered } from './session.ts';
import { at, words } from './tree.ts';
import { troubles } from './trouble.ts';

const actions = {
  create: 'http://www.onvif.org/ver10/events/wsdl/EventPortType/CreatePullPointSubscriptionRequest',
  pull: 'http://www.onvif.org/ver10/events/wsdl/PullPointSubscription/PullMessagesRequest',
  renew: 'http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewRequest',
  unsubscribe: 'http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/UnsubscribeRequest',
} as const;

const seconds = (ms: number) => `PT${Math.round(ms / 1000)}S`;

/** 订阅: one pull-point of a camera (ONVIF Core §9.1), until it is lost. */
export class Subscription {
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #to: string;
  readonly #path: string;
  readonly #parameters: string;
  /** When the camera forgets us unless it hears of us (monotonic ms). */
  #endsMono: number;
  readonly #leaseMs: number;
  #canRenew = true;
  #waitMs: number = limits.firstPullMs;

  private constructor(session: Session, clock: Clock, to: string, path: string, parameters: string, leaseMs: number) {
    this.#session = session;
    this.#clock = clock;
    this.#to = to;
    this.#path = path;
    this.#parameters = parameters;
    this.#leaseMs = leaseMs;
    this.#endsMono = clock.mono() + leaseMs;
  }

  /** Asks the camera for a pull-point; or why there is none. */
  static async create(
    session: Session,
    clock: Clock,
    eventsPath: string,
    signal: AbortSignal,
  ): Promise<Subscription | Unanswered> {
    const body =
      `<CreatePullPointSubscription xmlns="${names.events}">` +
      `<InitialTerminationTime>${seconds(limits.leaseMs)}</InitialTerminationTime></CreatePullPointSubscription>`;
    const addressed = { action: actions.create, to: session.addressOf(eventsPath), parameters: '' };
    const answered = await session.call({ path: eventsPath, body, addressed }, signal);
    if (!('body' in answered)) return answered;
    const response = at(answered.body, 'CreatePullPointSubscriptionResponse');
    const to = words(at(response, 'SubscriptionReference', 'Address'));
    const path = pathOf(to);
    if (to === undefined || path === undefined) return { trouble: troubles.unread('no-subscription') };
    const parameters = referenceParameters(answered.text);
    return new Subscription(session, clock, to, path, parameters, leaseIn(response) ?? limits.leaseMs);
  }

  /** Waits for what happens; the answer is there after `limits.pullMs` at the latest, with or without messages. */
  async pull(signal: AbortSignal): Promise<CameraMessage[] | Unanswered> {
    const body =
      `<PullMessages xmlns="${names.events}"><Timeout>${seconds(this.#waitMs)}</Timeout>` +
      `<MessageLimit>${limits.messagesPerPull}</MessageLimit></PullMessages>`;
    const answered = await this.#call(actions.pull, body, limits.pullMs + limits.pullGraceMs, signal);
    if (!('body' in answered)) return answered;
    const response = at(answered.body, 'PullMessagesResponse');
    if (response === undefined) return { trouble: troubles.unread('no-pull-answer') };
    // A pull must not outlive what it is a pull of.
    this.#waitMs = Math.min(limits.pullMs, this.#leaseMs / 2);
    this.#extend(leaseIn(response));
    return messagesIn(response);
  }

  /** Renews where the lease might not last for another pull; undefined where nothing needs to be done, or it was. */
  async keep(signal: AbortSignal): Promise<Unanswered | undefined> {
    const leftMs = this.#endsMono - this.#clock.mono();
    if (leftMs > Math.max(this.#leaseMs / 2, limits.pullMs + limits.pullGraceMs)) return undefined;
    // A camera that cannot renew, and whose pulls do not, is asked for a new subscription before this one runs out.
    if (!this.#canRenew) return leftMs < this.#waitMs + limits.callMs ? { trouble: troubles.leaseOver() } : undefined;
    const body = `<Renew xmlns="${names.notification}"><TerminationTime>${seconds(limits.leaseMs)}</TerminationTime></Renew>`;
    const answered = await this.#call(actions.renew, body, limits.callMs, signal);
    if ('body' in answered) {
      this.#extend(leaseIn(at(answered.body, 'RenewResponse')) ?? this.#leaseMs);
      return undefined;
    }
    if ('trouble' in answered) return answered;
    this.#canRenew = false;
    return undefined;
  }

  /** Gives the camera its room back; whatever it answers. */
  async end(signal: AbortSignal): Promise<void> {
    await this.#call(actions.unsubscribe, `<Unsubscribe xmlns="${names.notification}"/>`, limits.unsubscribeMs, signal);
  }

  #call(action: string, body: string, timeoutMs: number, signal: AbortSignal): Promise<Answered> {
    const addressed = { action, to: this.#to, parameters: this.#parameters };
    return this.#session.call({ path: this.#path, body, addressed, timeoutMs }, signal);
  }

  #extend(leaseMs: number | undefined): void {
    if (leaseMs !== undefined) this.#endsMono = Math.max(this.#endsMono, this.#clock.mono() + leaseMs);
  }
}

/** From the camera's now to its end, both by the camera's own clock. */
function leaseIn(response: Parameters<typeof at>[0]): number | undefined {
  const [now, end] = ['CurrentTime', 'TerminationTime'].map((name) => Date.parse(words(at(response, name)) ?? ''));
  const leaseMs = (end ?? Number.NaN) - (now ?? Number.NaN);
  return leaseMs > 0 ? Math.min(leaseMs, 86_400_000) : undefined;
}
