import type { EventEmitter } from 'node:events';
import type { Clock } from '../../../clock.ts';
import { type CameraNotice, durationMs, faultText, inEnvelope, noticeText, said, timeText } from './words.ts';

export interface PullPointsParts {
  readonly clock: Clock;
  /** The camera's own time, milliseconds. */
  readonly now: () => number;
  readonly tells: 'path' | 'parameter';
  readonly room: number;
  readonly leaseMs: number;
  readonly doPullsKeep: boolean;
}

interface Point {
  readonly id: number;
  readonly address: string;
  readonly waiting: string[];
  endsMono: number;
  wake: () => void;
}

/** Messages that a camera keeps for a subscriber who is away; then the oldest go. */
const mostWaiting = 100;
const longestPullMs = 60_000;

/** The subscriptions of a simulated camera (ONVIF Core §9.1.3): each with its own queue, each forgotten when nobody renews. */
export class PullPoints {
  readonly #parts: PullPointsParts;
  readonly #points = new Map<number, Point>();
  /** How each property stands: what a new subscriber is told first. */
  readonly #state = new Map<string, CameraNotice>();
  #last = 0;

  constructor(parts: PullPointsParts) {
    this.#parts = parts;
  }

  get size(): number {
    this.#expire();
    return this.#points.size;
  }

  say(notice: CameraNotice): void {
    const key = JSON.stringify([notice.topic, notice.source]);
    if (notice.operation === 'Deleted') this.#state.delete(key);
    else if (notice.operation !== undefined) this.#state.set(key, notice);
    const text = noticeText(notice, this.#parts.now());
    for (const point of this.#points.values()) {
      if (point.waiting.length >= mostWaiting) point.waiting.shift();
      point.waiting.push(text);
      point.wake();
    }
  }

  forget(): void {
    for (const { wake } of this.#points.values()) wake();
    this.#points.clear();
  }

  create(text: string, base: string): string {
    this.#expire();
    const { clock, now, tells, room, leaseMs } = this.#parts;
    if (this.#points.size >= room)
      return faultText('ter:MaxSubscriptions', 'The maximum number of subscriptions has been reached');
    const id = ++this.#last;
    const address = tells === 'path' ? `${base}/${id}` : base;
    const wanted = Math.min(durationMs(said(text, 'InitialTerminationTime')) ?? leaseMs, leaseMs);
    const waiting = [...this.#state.values()].map((notice) => noticeText({ ...notice, operation: 'Initialized' }, now()));
    this.#points.set(id, { id, address, waiting, endsMono: clock.mono() + wanted, wake: () => undefined });
    const parameter =
      tells === 'path'
        ? ''
        : `<wsa5:ReferenceParameters><sim:Subscription sim:of="us">${id}</sim:Subscription></wsa5:ReferenceParameters>`;
    return inEnvelope(
      `<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa5:Address>${address}</wsa5:Address>${parameter}` +
        `</tev:SubscriptionReference>${this.#lease('wsnt', wanted)}</tev:CreatePullPointSubscriptionResponse>`,
    );
  }

  /** `gone` closes when who asked no longer waits. */
  async pull(text: string, path: string, isAtOnce: boolean, gone: EventEmitter): Promise<string> {
    const point = this.#find(text, path);
    if (point === undefined) return unknown;
    const { clock, leaseMs, doPullsKeep } = this.#parts;
    if (point.waiting.length === 0 && !isAtOnce) {
      const waitMs = Math.min(durationMs(said(text, 'Timeout')) ?? 0, longestPullMs);
      await new Promise<void>((resolve) => {
        const timer = clock.after(waitMs, resolve);
        point.wake = () => {
          timer.cancel();
          resolve();
        };
        gone.once('close', point.wake);
      });
    }
    if (!this.#points.has(point.id)) return unknown;
    const messages = point.waiting.splice(0, Number(said(text, 'MessageLimit')) || 1).join('');
    // ONVIF Core §9.1.3.2: a pull keeps its subscription.
    if (doPullsKeep) point.endsMono = Math.max(point.endsMono, clock.mono() + leaseMs);
    return inEnvelope(
      `<tev:PullMessagesResponse>${this.#lease('tev', point.endsMono - clock.mono())}${messages}</tev:PullMessagesResponse>`,
    );
  }

  renew(text: string, path: string): string {
    const point = this.#find(text, path);
    if (point === undefined) return unknown;
    const { leaseMs } = this.#parts;
    const wanted = Math.min(durationMs(said(text, 'TerminationTime')) ?? leaseMs, leaseMs);
    point.endsMono = this.#parts.clock.mono() + wanted;
    return inEnvelope(`<wsnt:RenewResponse>${this.#lease('wsnt', wanted)}</wsnt:RenewResponse>`);
  }

  end(text: string, path: string): string {
    const point = this.#find(text, path);
    if (point === undefined) return unknown;
    this.#points.delete(point.id);
    point.wake();
    return inEnvelope('<wsnt:UnsubscribeResponse/>');
  }

  /** By what it is addressed to (WS-Addressing), and by the reference parameter where there is one: the element, namespace and all. */
  #find(text: string, path: string): Point | undefined {
    this.#expire();
    const to = said(text, 'To');
    const id = this.#parts.tells === 'path' ? Number(/\/(\d+)$/.exec(path)?.[1]) : parameterIn(text);
    const point = this.#points.get(id);
    return point !== undefined && to === point.address && new URL(to).pathname === path ? point : undefined;
  }

  #lease(prefix: string, ms: number): string {
    const now = this.#parts.now();
    return `<${prefix}:CurrentTime>${timeText(now)}</${prefix}:CurrentTime><${prefix}:TerminationTime>${timeText(now + ms)}</${prefix}:TerminationTime>`;
  }

  #expire(): void {
    for (const { id, endsMono } of this.#points.values()) if (endsMono < this.#parts.clock.mono()) this.#points.delete(id);
  }
}

const unknown = faultText('wsrf-rw:ResourceUnknownFault', 'The subscription is not known');

function parameterIn(text: string): number {
  const header = /<(?:\w+:)?Header>(.*)<\/(?:\w+:)?Header>/s.exec(text)?.[1] ?? '';
  const [, prefix = '', declarations = '', id] = /<(\w+):Subscription((?:\s[^>]*)?)>(\d+)</.exec(header) ?? [];
  const isOurs =
    declarations.includes(`xmlns:${prefix}="urn:yihu:simulated-camera"`) && declarations.includes(`${prefix}:of="us"`);
  return isOurs ? Number(id) : Number.NaN;
}
