import type { Page } from 'playwright-core';

/** Set to a folder to keep the pictures. */
const pictures = process.env['REFLOW_PICTURES'];

/** WCAG 1.4.10: 1280 px at 400 %, and more than a phone at 200 %. */
const narrowest = 320;

/** Run in a page: the page itself does not scroll sideways, and no text lies outside of what can be seen or scrolled to. */
const beside = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  const wide = scrollWidth > clientWidth ? ['page ' + scrollWidth + ' > ' + clientWidth] : [];
  const scrolls = (element) => element !== null && element !== document.body && element !== document.documentElement &&
    (['auto', 'scroll'].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  const dialog = document.querySelector('dialog[open]');
  if (dialog !== null && dialog.scrollWidth > dialog.clientWidth) wide.push('dialog ' + dialog.scrollWidth + ' > ' + dialog.clientWidth);
  const top = dialog ?? document.body;
  const out = [...top.querySelectorAll('*')].flatMap((element) => {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join('');
    if (text === '' || element.closest('.unseen, svg, option, script, style') !== null || scrolls(element)) return [];
    const { left, right, width, height } = element.getBoundingClientRect();
    const isHidden = width <= 1 || height <= 1 || !element.checkVisibility();
    return !isHidden && (right > clientWidth + 1 || left < -1) ? ['outside: ' + text.slice(0, 40)] : [];
  });
  return [...wide, ...out];
})()`;

/** What does not fit when the page is 320 px wide; empty where it reflows. The page gets its width back. */
export async function unfitAt320(page: Page, name: string): Promise<string[]> {
  const before = page.viewportSize();
  if (before === null) throw new Error('a page without a size');
  await page.setViewportSize({ width: narrowest, height: 640 });
  // Charts are drawn anew at their size a moment later.
  let found: string[] = [];
  for (let tries = 0; tries < 20; tries += 1) {
    found = await page.evaluate<string[]>(beside);
    if (found.length === 0) break;
    await page.waitForTimeout(50);
  }
  if (pictures !== undefined) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
  await page.setViewportSize(before);
  return found;
}
