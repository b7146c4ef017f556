/** Bars of equal hours. An hour without alarms keeps a hairline, so that a quiet day is not an empty picture. */
export function Sparkline({ counts, label }: { counts: readonly number[]; label: string }) {
  const most = Math.max(1, ...counts);
  const width = 100 / Math.max(1, counts.length);
  return (
    <svg className="sparkline" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label={label}>
      {counts.map((count, index) => {
        const height = Math.max(0.8, (count / most) * 39);
        // The list is one bar for each hour in order: the place is the identity.
        return (
          <rect
            key={index}
            x={index * width + width * 0.14}
            width={width * 0.72}
            y={40 - height}
            height={height}
            className={count === 0 ? 'none' : ''}
          />
        );
      })}
    </svg>
  );
}
