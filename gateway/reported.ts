import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { type Reported, type Reporting, isNews } from './evaluate/report.ts';

/** One point of one device that a group is about to record; `keep` when it is on disk. */
export interface Advance {
  readonly values: ReportedValues;
  readonly point: string;
  readonly value: Reported;
}

/**
 * What was last recorded of one device's points. It moves on only when the record is on disk: compared against a value
 * that was never kept, the next one would be held back and both would be lost.
 */
export class ReportedValues {
  readonly #kept = new Map<string, Reported>();
  /** As it will be when everything under way is on disk. */
  readonly #ahead = new Map<string, Reported>();

  /** The readings to record, and what moves with them. `evidence`: points whose reading moved a rule, always recorded. */
  select(
    reporting: Reporting,
    readings: readonly Reading[],
    mono: number,
    evidence: ReadonlySet<string>,
  ): { readonly news: readonly Reading[]; readonly advances: readonly Advance[] } {
    const advances: Advance[] = [];
    const news = readings.filter((reading) => {
      const { point } = reading;
      // What is about earlier is no news of now, and none of it is left out.
      if (reading.historical) return true;
      const rule = reporting.get(point);
      if (!rule) return true;
      const last = this.#ahead.get(point) ?? this.#kept.get(point);
      if (!evidence.has(point) && !isNews(rule, last, reading, mono)) return false;
      const value: Reported = { value: reading.value, quality: reading.quality, reason: reading.reason, mono };
      this.#ahead.set(point, value);
      advances.push({ values: this, point, value });
      return true;
    });
    return { news, advances };
  }

  /** On disk. */
  keep(point: string, value: Reported): void {
    this.#kept.set(point, value);
    if (this.#ahead.get(point) === value) this.#ahead.delete(point);
  }

  /** What was under way is not on disk. */
  giveBack(): void {
    this.#ahead.clear();
  }

  /** The device is back after a silence: its first readings are news, whatever they are. */
  forget(): void {
    this.#kept.clear();
    this.#ahead.clear();
  }
}
