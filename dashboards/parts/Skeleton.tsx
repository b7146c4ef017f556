import { useEffect, useState } from 'react';

/** Grey blocks in the shape of what comes; only after 300 ms, so that a quick answer does not flicker. */
export function Skeleton({ rows, height, label }: { rows: number; height: number; label: string }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const handle = setTimeout(() => setShown(true), 300);
    return () => clearTimeout(handle);
  }, []);
  return (
    <div className="skeletons" role="status" aria-label={label}>
      {shown ? Array.from({ length: rows }, (_, row) => <div key={row} className="skeleton" style={{ height }} />) : null}
    </div>
  );
}
