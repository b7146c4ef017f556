import type { Language, Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { HttpClient } from './http-client.ts';

/**
 * 渠道: one way to tell people. A file of `actions/` exports `action: Action`; adding one edits no existing file. An action
 * sends once and says what came of it; it never retries, never waits for a receipt and keeps nothing: one stage
 * (`delivery.ts`) owns back-off, expiry and the next channel.
 */
export interface Action<Settings = unknown> {
  /** The word of `action:` in the channels file. */
  readonly name: string;
  /** What of a person it needs to reach them. `group`: nobody in particular, a chat room or a system named by the settings. */
  readonly reaches: Reach;
  /** The channel's own settings. Strict; secrets are named as files and never stand here. */
  readonly settings: z.ZodType<Settings>;
  /**
   * Makes the channel ready. Never connects: what may fail and be tried again happens in `send`.
   * @throws ChannelProblem where a secret file cannot be read.
   */
  open(settings: Settings, context: ActionContext): Channel;
}

export const reaches = ['phone', 'email', 'push', 'group'] as const;
export type Reach = (typeof reaches)[number];

export interface ActionContext {
  readonly clock: Clock;
  readonly http: HttpClient;
  /** Reads a secret named in the settings; relative to the channels file. @throws ChannelProblem */
  readonly secret: (file: string) => string;
  /** The channel hears what became of a message: a receipt over its own connection (SMPP). */
  readonly onReceipt: (receipt: Receipt) => void;
}

export interface Channel {
  /** Sends one message to one recipient. Never rejects for what a peer does; a broken invariant may throw. */
  send(message: Message, to: Recipient): Promise<Sent>;
  /** What a provider's call to our receipt address says; undefined where this channel gets none that way. */
  receive?(call: ReceiptCall): Received | { readonly refused: string };
  /** What a browser subscribes with, where this channel pushes to browsers. */
  readonly subscribeKey?: string;
  /** Lets go of connections. */
  close(): Promise<void>;
}

export interface Recipient {
  /** A phone number in E.164 (+8613…), an e-mail address, a push subscription as JSON; '' for a group. */
  readonly address: string;
  readonly name: string;
}

export interface Message {
  /** Of the delivery: the provider's idempotency key where it has one. */
  readonly id: string;
  readonly language: Language;
  readonly title: string;
  readonly text: string;
  readonly lifeSafety: boolean;
  /** Where it can be answered or read in full. */
  readonly link?: string | undefined;
  /** Machines read this: webhooks. */
  readonly data?: unknown;
}

/** What came of one attempt. */
export type Sent =
  /** The provider took it. `receipt`: it will say later whether it arrived. */
  | { readonly state: 'accepted'; readonly providerId?: string | undefined; readonly receipt: boolean }
  /** Trying again makes sense; not before `afterMs` where the provider said so. */
  | { readonly state: 'try-again'; readonly code: string; readonly reason: Text; readonly afterMs?: number | undefined }
  /** It will never work for this recipient or these settings. */
  | { readonly state: 'never'; readonly code: string; readonly reason: Text };

/** What a provider says later of a message it took. */
export interface Receipt {
  /** The provider's id, or ours where the provider gives it back. */
  readonly providerId: string;
  readonly state: 'delivered' | 'read' | 'failed';
  readonly code?: string | undefined;
}

/** A resident's word sent back by the same way: an SMS with a digit, a key pressed in a call. */
export interface Reply {
  /** E.164. */
  readonly from: string;
  readonly text: string;
  /** The provider's id of the reply, so that one is not taken twice. */
  readonly providerId: string;
}

export interface Received {
  readonly receipts: readonly Receipt[];
  readonly replies: readonly Reply[];
  /** What the provider wants to hear. */
  readonly answer: { readonly status: number; readonly type: string; readonly body: string };
}

export interface ReceiptCall {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** As it came. */
  readonly body: string;
}

/** A channel that cannot be made ready as it is configured. */
export class ChannelProblem extends Error {
  readonly zh: string;
  readonly en: string;

  constructor(zh: string, en: string) {
    super(en);
    this.zh = zh;
    this.en = en;
  }
}
