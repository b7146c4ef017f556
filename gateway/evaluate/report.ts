import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Quality, QualityReason, Reading, Value } from '@yihu/device-profiles/vocabulary/reading.ts';

/** 变化上报: what of a point is worth a record. A point without a rule is recorded every time. */
export interface ReportRule {
  /** The smallest change that is news, in the point's unit; a percentage is of the value last recorded, with a floor. */
  readonly deadband?: number | { readonly pct: number; readonly min: number };
  /** The longest silence: recorded this often even when nothing changed. */
  readonly heartbeatMs?: number;
}

/** By point. */
export type Reporting = ReadonlyMap<string, ReportRule>;

/** The reading of a point that was recorded last. */
export interface Reported {
  readonly value: Value;
  readonly quality: Quality;
  readonly reason: QualityReason | undefined;
  /** Running clock. */
  readonly mono: number;
}

export function compileReporting(points: Profile['points']): Reporting {
  return new Map(
    Object.entries(points).flatMap(([point, { deadband, heartbeat }]): [string, ReportRule][] => {
      if (deadband === undefined && heartbeat === undefined) return [];
      return [
        [
          point,
          { ...(deadband === undefined ? {} : { deadband }), ...(heartbeat === undefined ? {} : { heartbeatMs: heartbeat }) },
        ],
      ];
    }),
  );
}

/** Whether the reading is recorded: there was none before, its quality is another, it changed enough, or silence was long enough. */
export function isNews(
  { deadband, heartbeatMs }: ReportRule,
  last: Reported | undefined,
  reading: Reading,
  mono: number,
): boolean {
  if (last === undefined || last.quality !== reading.quality || last.reason !== reading.reason) return true;
  if (heartbeatMs !== undefined && mono - last.mono >= heartbeatMs) return true;
  if (last.value === reading.value) return false;
  if (deadband === undefined) return true;
  const change = changeBetween(last.value, reading.value);
  if (Number.isNaN(change)) return true;
  // 0.7 − 0.6 is a little less than 0.1 as a computer has it, and is a change of 0.1 all the same.
  return change >= bandOf(deadband, last.value) * (1 - 1e-9);
}

function bandOf(deadband: NonNullable<ReportRule['deadband']>, value: Value): number {
  if (typeof deadband === 'number') return deadband;
  return Math.max(deadband.min, (Math.abs(Number(value)) * deadband.pct) / 100);
}

/** NaN where the two are not numbers. Integers past 2^53 are decimal text, and their difference is exact. */
function changeBetween(before: Value, after: Value): number {
  if (typeof before === 'number' && typeof after === 'number') return Math.abs(after - before);
  const [one, other] = [wholeOf(before), wholeOf(after)];
  if (one === null || other === null) return Number.NaN;
  return Math.abs(Number(other - one));
}

function wholeOf(value: Value): bigint | null {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : null;
  return typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : null;
}
