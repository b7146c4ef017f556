import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { openBrowser, openPage } from '../screens/browser.ts';
import { watchPage } from './page-load.ts';
import type { Bench } from './run.ts';

const vite = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url));
const dashboards = fileURLToPath(new URL('../../dashboards/', import.meta.url));
const seconds = 8;
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** A chart that is drawn anew clears its canvas first; the page's own count of data would not say what was drawn of them. */
const countDrawings = `{
  window.drawings = 0;
  const { clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    window.drawings += 1;
    clearRect.apply(this, box);
  };
}`;

/** Sixty of the screens' own charts on one page, 300 points each, new data ten times a second. */
export const charts: Bench = {
  name: 'charts',
  title: '60 charts of 300 points (headless Chromium, painted in software)',
  async run() {
    const dist = mkdtempSync(path.join(tmpdir(), 'yihu-charts-'));
    const config = path.join(dashboards, 'vite.bench.config.ts');
    const env = { ...process.env, NODE_ENV: 'production' };
    await promisify(execFile)(process.execPath, [vite, 'build', '--config', config, '--outDir', dist], { cwd: dashboards, env });
    const server = createServer((request, response) => {
      const asked = new URL(request.url ?? '/', 'http://here').pathname;
      const file = path.join(dist, asked === '/' ? 'index.html' : path.normalize(asked));
      if (!existsSync(file)) return void response.writeHead(404).end();
      return void response.writeHead(200, { 'content-type': types[path.extname(file)] ?? 'text/plain' }).end(readFileSync(file));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const browser = await openBrowser();
    try {
      const loads = [];
      for (const hz of [1, 10]) {
        const { page } = await openPage(browser, { width: 1920, height: 1080 });
        await page.addInitScript(countDrawings);
        await page.goto(`http://127.0.0.1:${port}/?charts=60&hz=${hz}`);
        await page.locator('.bench-chart canvas').last().waitFor();
        const [before, begun] = [Number(await page.evaluate('drawings')), performance.now()];
        const load = await watchPage(page, seconds);
        const passed = (performance.now() - begun) / 1_000;
        loads.push({ hz, ...load, drawings: (Number(await page.evaluate('drawings')) - before) / passed });
        await page.context().close();
      }
      return loads.flatMap(({ hz, percent, framesPerSecond, drawings, heapMb }) => [
        { what: `frames at ${hz} Hz`, value: framesPerSecond, unit: 'fps', ...(hz === 10 ? { aim: '≥ 50' } : {}) },
        { what: `charts drawn at ${hz} Hz`, value: drawings, unit: '/s', aim: String(60 * hz) },
        { what: `main thread at ${hz} Hz`, value: percent, unit: '% of a core' },
        { what: `heap at ${hz} Hz`, value: heapMb, unit: 'MB' },
      ]);
    } finally {
      await browser.close();
      server.close();
      rmSync(dist, { recursive: true, force: true });
    }
  },
};
