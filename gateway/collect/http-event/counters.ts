/** What an HTTP port counts, in the order `/metrics` shows it. */
export const counterNames = [
  'messages_kept',
  'messages_repeated',
  'messages_not_kept',
  'messages_historical',
  'heartbeats',
  'bodies_unread',
  'pictures_dropped',
  'pictures_kept',
  'senders_refused',
  'requests_refused',
  'requests_too_large',
  'connections',
  'connections_refused',
  'streams_up',
  'reconnects',
  'parts_unread',
  'lengths_wrong',
  'backfilled',
  'backfill_failures',
  'commands_sent',
  'commands_refused',
  'commands_unknown',
  'commands_expired',
] as const;
export type CounterName = (typeof counterNames)[number];

export class Counters {
  readonly #values = Object.fromEntries(counterNames.map((name) => [name, 0])) as Record<CounterName, number>;

  add(name: CounterName, by = 1): void {
    this.#values[name] += by;
  }

  set(name: CounterName, value: number): void {
    this.#values[name] = value;
  }

  read(): Readonly<Record<CounterName, number>> {
    return { ...this.#values };
  }
}
