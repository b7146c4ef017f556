export type Trend = { at: readonly number[]; values: readonly (number | null)[] };
export type Gap = { from: number; to: number };

/** The usual distance between two known values: the median, so that one outage does not hide itself. */
function usualStep(known: readonly number[], bucketMs: number): number {
  const steps = known.slice(1).map((at, index) => at - (known[index] ?? at));
  steps.sort((a, b) => a - b);
  return Math.max(bucketMs, steps[Math.floor(steps.length / 2)] ?? bucketMs);
}

/**
 * Where nothing good was heard. A device that reports every minute leaves empty 10 s buckets between its values; a gap
 * is only what is longer than three of its usual steps. Times in ms, from ≤ to.
 */
export function gapsIn(trend: Trend, from: number, to: number, bucketMs: number): Gap[] {
  const known = trend.at.filter((_, index) => trend.values[index] !== null && trend.values[index] !== undefined);
  if (known.length === 0) return [{ from, to }];
  const longest = usualStep(known, bucketMs) * 3;
  const edges = [from, ...known, to];
  return edges
    .slice(1)
    .map((at, index) => ({ from: edges[index] ?? at, to: at }))
    .filter((gap) => gap.to - gap.from > longest);
}

/** Columns for a line that is drawn through empty buckets but broken at every gap. Times in seconds, as uPlot wants. */
export function brokenAtGaps(trend: Trend, gaps: readonly Gap[]): { seconds: number[]; indexes: (number | null)[] } {
  const seconds: number[] = [];
  const indexes: (number | null)[] = [];
  trend.at.forEach((at, index) => {
    const value = trend.values[index];
    if (value === null || value === undefined) return;
    const gap = gaps.find((candidate) => candidate.to === at);
    if (gap !== undefined && seconds.length > 0) {
      seconds.push((gap.from + gap.to) / 2000);
      indexes.push(null);
    }
    seconds.push(at / 1000);
    indexes.push(index);
  });
  return { seconds, indexes };
}
