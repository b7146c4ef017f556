/** What a port counts under names of its driver's own, in the order `/metrics` shows them. */
export class NamedCounters<Name extends string> {
  readonly #values: Record<Name, number>;

  constructor(names: readonly Name[]) {
    this.#values = Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  }

  add(name: Name, by = 1): void {
    this.#values[name] += by;
  }

  set(name: Name, value: number): void {
    this.#values[name] = value;
  }

  read(): Readonly<Record<Name, number>> {
    return { ...this.#values };
  }
}
