import { useEffect, useState } from 'react';
import { type Canvas, containScale } from './canvas.ts';

/** The scale for the window as it is now. */
export function useContainScale(design: Canvas): number {
  const { width, height } = design;
  const measure = () => containScale({ width, height }, { width: innerWidth, height: innerHeight });
  const [scale, setScale] = useState(measure);
  useEffect(() => {
    const resize = () => setScale(containScale({ width, height }, { width: innerWidth, height: innerHeight }));
    resize();
    addEventListener('resize', resize);
    return () => removeEventListener('resize', resize);
  }, [width, height]);
  return scale;
}
