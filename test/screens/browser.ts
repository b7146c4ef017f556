import { type Browser, chromium, type Page } from 'playwright-core';

/**
 * What is left out: playwright's own list, of which the last `--disable-features` is heard alone, and the browser's own pages, of which
 * it would make two processes ahead for each page that is opened (a second of a core).
 */
const without = [
  'PreloadTopChromeWebUI',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'OptimizationHints',
];

/** Chromium from Debian, quiet and alone. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--disable-features=${without.join(',')}`,
    ],
  });
}

export interface PageOptions {
  width?: number;
  height?: number;
  language?: 'zh' | 'en';
  /** The shift's sound test is done already. */
  soundTested?: boolean;
}

/** A page of its own context, in the town's time zone. Everything the page logs as an error is kept in `errors`. */
export async function openPage(browser: Browser, options: PageOptions = {}): Promise<{ page: Page; errors: string[] }> {
  const { width = 1366, height = 768, language = 'zh', soundTested = true } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    timezoneId: 'Asia/Shanghai',
    locale: language === 'en' ? 'en' : 'zh-CN',
  });
  await context.addInitScript(
    ([wanted, tested]) => {
      localStorage.setItem('yihu.language', wanted);
      if (tested === 'yes') localStorage.setItem('yihu.soundTestedAt', String(Date.now()));
    },
    [language, soundTested ? 'yes' : 'no'] as const,
  );
  const page = await context.newPage();
  // Several pages share the cores: what comes late is no failure.
  page.setDefaultTimeout(60_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) errors.push(message.text());
  });
  return { page, errors };
}
