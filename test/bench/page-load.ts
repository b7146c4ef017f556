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
 * Watches the main thread for some seconds, and then counts the frames it is asked for in as many. Not both at once: counting asks for sixty frames a
 * second, and those alone are 2.5 to 4 % of a core on an empty page. What is counted is the time the thread ran (`threadTicks`), so that other
 * work on the machine is not taken for the page's. Headless Chromium without a graphics card paints in software: that is in
 * neither figure's favour.
 */
export async function watchPage(page: Page, seconds: number): Promise<Load> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const [busy, begun] = [await read(session, 'ThreadTime'), performance.now()];
  await new Promise<void>((done) => setTimeout(done, seconds * 1_000));
  const passed = (performance.now() - begun) / 1_000;
  const percent = (((await read(session, 'ThreadTime')) - busy) / passed) * 100;
  const framesPerSecond = Number(await page.evaluate(frames.replace('SECONDS', String(seconds))));
  return { percent, framesPerSecond, heapMb: (await read(session, 'JSHeapUsedSize')) / 1e6 };
}
