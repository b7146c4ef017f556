import { Deliverer } from '../../../cloud/delivering.ts';
import type { Clock } from '../../../cloud/clock.ts';
import type { Reach, Sent } from '../../../cloud/notify/action.ts';
import type { Channels, OpenChannel } from '../../../cloud/notify/channels.ts';
import { type Deliveries, whoKey } from '../../../cloud/records/deliveries.ts';

export interface Heard {
  readonly channel: string;
  /** The person's id in the story. */
  readonly to: string;
  readonly text: string;
  readonly at: number;
}

/** SMS and voice as the stories have them: they hear everything, and may be down. */
export class Providers {
  readonly down = new Set<string>();
  readonly heard: Heard[] = [];
  readonly channels: Channels;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    const all = new Map(['sms', 'voice'].map((id) => [id, this.#open(id, 'phone')]));
    this.channels = {
      all,
      ladders: { lifeSafety: [['sms'], ['voice']], other: [['sms']] },
      allowPrivate: [],
      close: () => Promise.resolve(),
    };
  }

  #open(id: string, reaches: Reach): OpenChannel {
    const send = async (message: { text: string }, to: { address: string }): Promise<Sent> => {
      if (this.down.has(id))
        return { state: 'try-again', code: 'down', reason: { zh: '服务商无应答', en: 'The provider is down' } };
      this.heard.push({ channel: id, to: to.address, text: message.text, at: this.#clock.now() });
      return { state: 'accepted', receipt: false };
    };
    return { id, action: 'story', reaches, test: undefined, channel: { send, close: () => Promise.resolve() } };
  }

  /** Sends whatever is due now by every channel. */
  async deliver(deliveries: Deliveries): Promise<void> {
    const log = { warn: (message: string) => Promise.reject(new Error(message)) };
    for (const channel of this.channels.all.values()) {
      const addresses = async (who: readonly { kind: string; id: string }[]) =>
        new Map(who.map(({ kind, id }) => [whoKey(kind, id), [{ address: id, name: id }]]));
      const deliverer = new Deliverer({ channel, deliveries, addresses, clock: this.#clock, log });
      while ((await deliverer.deliverOnce()) > 0);
    }
  }
}
