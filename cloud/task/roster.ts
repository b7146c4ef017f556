import type { DutyGap, DutyNeed, Shift } from '@yihu/device-profiles/vocabulary/duty.ts';

export const rosterLimits = {
  /** A gap is told of so long before it begins. */
  aheadMs: 24 * 3_600_000,
  /** How often it is looked for. */
  lookMs: 3_600_000,
  longestShiftMs: 24 * 3_600_000,
} as const;

type Counted = Pick<Shift, 'area' | 'role' | 'person' | 'from' | 'to'>;

/** 缺岗: where between `from` and `to` fewer are on the roster than must be, neighbouring spans of the same lack as one. Ends are not part of a shift. */
export function gapsOf(needs: readonly DutyNeed[], shifts: readonly Counted[], from: number, to: number): DutyGap[] {
  return needs.flatMap((need) => gapsOfOne(need, shifts, from, to));
}

function gapsOfOne(need: DutyNeed, shifts: readonly Counted[], from: number, to: number): DutyGap[] {
  const { area, role, least } = need;
  const mine = shifts.filter((shift) => shift.area === area && shift.role === role && shift.from < to && shift.to > from);
  const edges = [...new Set([from, to, ...mine.flatMap((shift) => [shift.from, shift.to])])]
    .filter((edge) => edge >= from && edge <= to)
    .toSorted((a, b) => a - b);
  const gaps: DutyGap[] = [];
  for (const [nth, start] of edges.slice(0, -1).entries()) {
    const end = edges[nth + 1] ?? to;
    const there = new Set(mine.filter((shift) => shift.from <= start && shift.to >= end).map(({ person }) => person)).size;
    const missing = least - there;
    const last = gaps.at(-1);
    if (missing <= 0) continue;
    if (last?.to === start && last.missing === missing) gaps[gaps.length - 1] = { ...last, to: end };
    else gaps.push({ area, role, from: start, to: end, missing });
  }
  return gaps;
}
