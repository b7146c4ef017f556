/** What a port counts that devices dial in to, in the order `/metrics` shows it. */
export const counterNames = [
  'frames_kept',
  'frames_not_kept',
  'frames_repeated',
  'frames_damaged',
  'noise_bytes',
  'strangers_refused',
  'take_overs',
  'take_overs_refused',
  'commands_sent',
  'connections',
  'connections_refused',
  'closed_before_known',
  'closed_silent',
  'closed_noise',
  'closed_frozen',
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
