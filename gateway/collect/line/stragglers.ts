import type { Ask } from './dialect.ts';

/** An answer later than this is not expected any more. */
const rememberedMs = 5_000;
/** More than a slave can leave unanswered in that time before its breaker opens. */
const mostVariations = 8;
/** Shapes remembered of one slave. */
const mostShapes = 32;

interface Expected {
  readonly until: number;
  readonly sent: Uint8Array;
}

/**
 * 迟到应答: the frames of many protocols carry no id, so that after a time-out only the answer's shape can tell a late one
 * from a new one. Remembers what each slave may still answer, and asks in another way where that would look the same.
 */
export class Stragglers {
  readonly #expected = new Map<string, Map<string, Expected>>();

  /** `ask` timed out: its answer may still come. */
  expect(ask: Ask, now: number): void {
    if (ask.shape === undefined) return;
    const shapes = this.#expected.get(ask.slave) ?? new Map<string, Expected>();
    for (const [shape, { until }] of shapes) if (until <= now || shapes.size >= mostShapes) shapes.delete(shape);
    shapes.set(ask.shape, { until: now + rememberedMs, sent: ask.send });
    this.#expected.set(ask.slave, shapes);
  }

  /** The late answer to `ask` has come. */
  came(ask: Ask): void {
    if (ask.shape !== undefined) this.#expected.get(ask.slave)?.delete(ask.shape);
  }

  /** A slave answers in order: when it has refused a varied request, nothing older should be on its way. */
  clear(slave: string): void {
    this.#expected.delete(slave);
  }

  clearAll(): void {
    this.#expected.clear();
  }

  /**
   * The way in which `ask` can be asked now. Of many ways that have all been in vain the oldest is taken again; where there
   * is one way only, nothing: a late answer could be taken for its own.
   */
  vary(ask: Ask, now: number): Ask | undefined {
    const shapes = this.#expected.get(ask.slave);
    if (shapes === undefined || !isConfusable(ask, shapes, now)) return ask;
    let oldest: { ask: Ask; until: number } | undefined;
    for (let step = 0; step <= mostVariations; step += 1) {
      const varied = step === 0 ? ask : ask.vary?.(step);
      if (varied === undefined) continue;
      if (!isConfusable(varied, shapes, now)) return varied;
      const until = shapes.get(varied.shape ?? '')?.until ?? Infinity;
      if (step > 0 && (oldest === undefined || until < oldest.until)) oldest = { ask: varied, until };
    }
    return oldest?.ask;
  }
}

function isConfusable(ask: Ask, shapes: ReadonlyMap<string, Expected>, now: number): boolean {
  const expected = ask.shape === undefined ? undefined : shapes.get(ask.shape);
  if (expected === undefined || expected.until <= now) return false;
  // What may be done twice may also be confirmed by the first time's answer.
  return !(ask.isHarmless === true && Buffer.from(expected.sent).equals(ask.send));
}
