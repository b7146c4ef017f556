import type { CDPSession, Page } from 'playwright-core';

/** What a page did while it was watched. */
export interface Load {
  /** Of one core, the page's main thread, percent. */
  readonly percent: number;
  readonly framesPerSecond: number;
  readonly heapMb: number;
}

interface Metrics {
  readonly metrics: readonly { readonly name: string; readonly value: number }[];
}

async function read(session: CDPSession, name: string): Promise<number> {
  const { metrics } = (await session.send('Performance.getMetrics')) as Metrics;
  return metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
}

const frames = `new Promise((done) => {
  let count = 0;
  const begun = performance.now();
  const next = () => {
    count += 1;
    const passed = performance.now() - begun;
    if (passed < SECONDS * 1000) requestAnimationFrame(next);
    else done((count * 1000) / passed);
  };
  requestAnimationFrame(next);
})`;

/**
 * Watches the main thread for some seconds (`TaskDuration` of the browser's own metrics) and counts the frames it was asked for.
 * Headless Chromium without a graphics card paints in software: that is in neither figure's favour.
 */
export async function watchPage(page: Page, seconds: number): Promise<Load> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const [busy, begun] = [await read(session, 'TaskDuration'), performance.now()];
  const framesPerSecond = Number(await page.evaluate(frames.replace('SECONDS', String(seconds))));
  const passed = (performance.now() - begun) / 1000;
  const percent = (((await read(session, 'TaskDuration')) - busy) / passed) * 100;
  return { percent, framesPerSecond, heapMb: (await read(session, 'JSHeapUsedSize')) / 1e6 };
}
