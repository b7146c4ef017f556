import { expect, it } from 'vitest';
import { describeWith } from '../needs.ts';
import { oneSeat } from './one-seat.ts';
import { dispatcherStates } from './states.ts';

/** Whether the middle of what is found is what a hand would hit there. */
const isInReach = `(selector) => {
  const element = document.querySelector(selector);
  const { left, top, width, height } = element.getBoundingClientRect();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  return hit !== null && element.contains(hit);
}`;

describeWith(['chromium'], 'the desk in English at 1366 × 768, where its words are longest and its room is least', () => {
  const seat = oneSeat('dispatcher', { language: 'en' });

  async function open(name: string): Promise<void> {
    const { server, page } = seat();
    const state = dispatcherStates.find((one) => one.name === name);
    if (state === undefined) throw new Error(`no state ${name}`);
    state.given?.(server);
    await page.goto(server.url + state.path);
    await state.act?.(page, server);
    await page.locator(state.ready).first().waitFor();
  }

  it('keeps the rarer actions in one row', async () => {
    await open('desk-incidents');
    const { page } = seat();
    await page.locator('.actions-more a').waitFor();
    expect(
      await page.evaluate(
        "new Set([...document.querySelectorAll('.actions-more > *')].map((one) => one.getBoundingClientRect().top)).size",
      ),
    ).toBe(1);
  });

  it('draws the curve above the buttons, not over them', async () => {
    await open('desk-trend');
    const { page } = seat();
    const bottom = 'document.querySelector(".trend canvas").getBoundingClientRect().bottom';
    expect(await page.evaluate(`${bottom} <= document.querySelector(".actions").getBoundingClientRect().top`)).toBe(true);
  });

  it('lets a picture that did not come be tried again', async () => {
    await open('desk-picture-failed');
    expect(await seat().page.evaluate(`(${isInReach})('.picture-word button')`)).toBe(true);
  });

  it('lists the homes of a building before the next building begins', async () => {
    await open('desk-call-homes');
    const { page } = seat();
    const rows = await page
      .locator('.area-row')
      .evaluateAll((all) => all.map((row) => ({ need: row.scrollHeight, has: row.clientHeight })));
    for (const { need, has } of rows) expect(need).toBeLessThanOrEqual(has + 1);
  });
});
