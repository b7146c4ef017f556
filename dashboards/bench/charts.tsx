import '../parts/theme.css';
import './charts.css';
import { createRoot } from 'react-dom/client';
import { useEffect, useState } from 'react';
import { every } from '../client/clock.ts';
import { type ChartData, TrendChart } from '../parts/TrendChart.tsx';

/** For `npm run bench charts` alone: so many of the screens' own charts on one page, all with new data so many times a second. */
const asked = new URLSearchParams(location.search);
const charts = Number(asked.get('charts') ?? 60);
const perSecond = Number(asked.get('hz') ?? 10);
const points = 300;
const bucketMs = 1_000;
const begin = 1_795_000_000_000;

/** A curve that has moved on by `tick`. */
function curve(nth: number, tick: number): ChartData {
  const from = begin + tick * 100;
  const at = Array.from({ length: points }, (_, index) => from + index * bucketMs);
  const last = at.map((time) => 20 + 5 * Math.sin(time / 40_000 + nth) + Math.sin(time / 7_000 + nth));
  const spread = (by: number) => last.map((value) => value + by);
  return { from, to: from + points * bucketMs, bucketMs, at, last, min: spread(-0.5), max: spread(0.5) };
}

const limits = [{ value: 24, severity: 'minor' as const, label: '24' }];

function Charts() {
  const [tick, setTick] = useState(0);
  useEffect(() => every(1_000 / perSecond, () => setTick((before) => before + 1)), []);
  useEffect(() => {
    document.title = String(tick);
  }, [tick]);
  return (
    <div className="bench-charts">
      {Array.from({ length: charts }, (_, nth) => (
        // They are known by their order and by nothing else.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={nth} className="bench-chart">
          <TrendChart data={curve(nth, tick)} limits={limits} step={false} states={null} label={`chart ${nth}`} gapLabel="-" />
        </div>
      ))}
    </div>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(<Charts />);
