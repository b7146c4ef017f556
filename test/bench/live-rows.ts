import type { DeviceSummary } from '@yihu/device-profiles/vocabulary/view.ts';
import { openBrowser, openPage } from '../screens/browser.ts';
import { buildScreens } from '../screens/built.ts';
import { devicesAt } from '../screens/fixture-site.ts';
import { FixtureServer } from '../screens/fixture-server.ts';
import { watchPage } from './page-load.ts';
import type { Bench } from './run.ts';

const rows = 1_000;
const seconds = 8;
const perTick = [100, 1_000];

/** The device list with 1,000 devices, of which so many change ten times a second, each as an event of its own on the stream. */
export const liveRows: Bench = {
  name: 'live-rows',
  title: '1,000 live rows at 10 Hz (headless Chromium, painted in software)',
  async run() {
    const screens = await buildScreens();
    const server = await new FixtureServer(screens.dist).start();
    const browser = await openBrowser();
    try {
      const results = [];
      for (const changing of perTick) {
        server.reset('property');
        server.world.devices = devicesAt(Date.now(), rows);
        const { page } = await openPage(browser, { width: 1920, height: 1080 });
        await page.goto(`${server.url}/property/devices`);
        await page.locator('.row').first().waitFor();
        const quiet = await watchPage(page, 3);
        const stop = change(server, changing);
        const busy = await watchPage(page, seconds);
        stop();
        results.push({ changing, quiet, busy });
        await page.context().close();
      }
      return results.flatMap(({ changing, quiet, busy }) => [
        { what: 'main thread with nothing changing', value: quiet.percent, unit: '% of a core' },
        {
          what: `main thread, ${changing} rows changed ten times a second`,
          value: busy.percent,
          unit: '% of a core',
          ...(changing === perTick[0] ? { aim: '< 10' } : {}),
        },
        { what: `frames, ${changing} rows changed ten times a second`, value: busy.framesPerSecond, unit: 'fps' },
        { what: `heap, ${changing} rows changed ten times a second`, value: busy.heapMb, unit: 'MB' },
      ]);
    } finally {
      await browser.close();
      await server.stop();
      screens.remove();
    }
  },
};

/** Ten times a second, the next `count` devices say something new; the server keeps no more events than a tick's. */
function change(server: FixtureServer, count: number): () => void {
  let tick = 0;
  const handle = setInterval(() => {
    tick += 1;
    const now = Date.now();
    const { devices, events } = server.world;
    for (let nth = 0; nth < count; nth += 1) {
      const device = devices[(tick * count + nth) % devices.length];
      if (device !== undefined) events.push({ type: 'device', at: now, device: moved(device, tick, now) });
    }
    server.pump(false);
  }, 100);
  return () => clearInterval(handle);
}

function moved(device: DeviceSummary, tick: number, at: number): DeviceSummary {
  const headline = device.headline.map((one) => ({ ...one, value: Number(one.value ?? 0) + (tick % 7) / 10, at }));
  return { ...device, lastAt: at, headline };
}
