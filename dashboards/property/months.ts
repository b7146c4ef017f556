/** The month of `now` and those before it, `2026-11`, in the viewer's own time zone. */
export function monthsBefore(now: number, count: number): string[] {
  const date = new Date(now);
  return Array.from({ length: count }, (_, back) => {
    const month = new Date(date.getFullYear(), date.getMonth() - back, 1);
    return `${month.getFullYear()}-${String(month.getMonth() + 1).padStart(2, '0')}`;
  });
}

/** From the first moment of a month to the first of the next, ms since 1970 UTC, in the viewer's own time zone. */
export function spanOf(month: string): { from: number; to: number } {
  const [year = 0, nth = 1] = month.split('-').map(Number);
  return { from: new Date(year, nth - 1, 1).getTime(), to: new Date(year, nth, 1).getTime() };
}
