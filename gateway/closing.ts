/** What was opened, to be closed in the reverse order. One step that fails does not leave the others open. */
export class Closing {
  readonly #steps: (() => void | Promise<void>)[] = [];
  #closed: Promise<void> | null = null;

  add(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  /** Closes everything, once; rejects with what the first failing step said, when all have had their turn. */
  close(): Promise<void> {
    this.#closed ??= this.#run();
    return this.#closed;
  }

  async #run(): Promise<void> {
    const errors: unknown[] = [];
    for (const step of this.#steps.splice(0).toReversed()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
