import type { Profile } from '../vocabulary/profile.ts';

/**
 * 补传: the serials between two events of a device that never came, `undefined` where none is missing or nobody can tell: no
 * `backfill` in the profile, a serial that is no number, a device that began to count anew. Of a gap longer than the profile
 * allows, the newest part.
 */
export function missedSerials(
  { backfill }: Profile,
  last: string,
  next: string,
): { readonly from: number; readonly to: number } | undefined {
  const [before, now] = [serial(last), serial(next)];
  if (backfill === undefined || before === undefined || now === undefined || now <= before + 1) return undefined;
  return { from: Math.max(before + 1, now - backfill.most), to: now - 1 };
}

function serial(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
