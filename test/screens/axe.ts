import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

interface AxeResult {
  violations: { id: string; nodes: { target: unknown[]; failureSummary?: string }[] }[];
  passes: unknown[];
}

/** What axe finds against WCAG 2.2 AA on the page as it stands. */
export async function violationsOn(page: Page): Promise<{ found: string[]; passes: number }> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axeSource);
  const run = `axe.run(document, { runOnly: { type: 'tag', values: ${JSON.stringify(tags)} }, resultTypes: ['violations'] })`;
  const result = await page.evaluate<AxeResult>(run);
  const found: string[] = [];
  for (const { id, nodes } of result.violations) {
    for (const node of nodes) {
      if (id === 'target-size' && (await isLargeWhenWhole(page, String(node.target[0])))) continue;
      found.push(`${id} ${node.target.join(' ')} ${node.failureSummary ?? ''}`);
    }
  }
  return { found, passes: result.passes.length };
}

/** A row that its list cuts off at the edge is small only until it is scrolled to: it is judged where it stands whole. */
async function isLargeWhenWhole(page: Page, selector: string): Promise<boolean> {
  const name = JSON.stringify(selector);
  await page.evaluate(`document.querySelector(${name}).scrollIntoView({ block: 'center' })`);
  const again = `axe.run(${name}, { runOnly: { type: 'rule', values: ['target-size'] }, resultTypes: ['violations'] })`;
  return (await page.evaluate<AxeResult>(again)).violations.length === 0;
}
