/** What an MQTT port counts, in the order `/metrics` shows it. */
export const counterNames = [
  'messages_kept',
  'messages_not_kept',
  'messages_lost_qos0',
  'topics_unknown',
  'topics_foreign',
  'topics_malformed',
  'qos2_refused',
  'retained_ignored',
  'subscriptions_refused',
  'logins_refused',
  'client_ids_refused',
  'wills_refused',
  'take_overs',
  'connections',
  'connections_refused',
  'guard_closed',
  'restarts',
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
