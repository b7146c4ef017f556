import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { demoSite } from '../../demo/site.ts';
import { loadSite } from '../../gateway/site.ts';

it('the community that `npm start` shows is a site without a problem', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-demo-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = demoSite(folder, 'gw-1', { modbusTcp: 8502, modbusRtu: 8503, mqtt: 8883, local: 8610 });
  const loaded = await loadSite(file);
  expect('problems' in loaded ? loaded.problems : []).toEqual([]);
});
