import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import { expect, it, onTestFinished } from 'vitest';
import { demoSite } from '../../demo/site.ts';
import { isTwoState } from '../../gateway/simulate/motion.ts';
import { eventTypes } from '../../gateway/simulate/said/message.ts';
import { readScenario } from '../../gateway/simulate/scenario.ts';
import { loadSite } from '../../gateway/site.ts';

it('the community that `npm start` shows is a site without a problem, and its scenarios are of its devices', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-demo-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = demoSite(folder, 'gw-1', { modbusTcp: 8502, modbusRtu: 8503, mqtt: 8883, local: 8610, camera: 8620 });
  const loaded = await loadSite(file);
  expect('problems' in loaded ? loaded.problems : []).toEqual([]);
  const devices = 'site' in loaded ? loaded.site.devices : [];
  expect(devices.length).toBeGreaterThanOrEqual(60);
  const byId = new Map(devices.map((device) => [device.id, device.profile]));
  const scenarios = new URL('../../demo/scenarios/', import.meta.url);
  const files = readdirSync(scenarios);
  expect(files.length).toBeGreaterThanOrEqual(6);
  for (const name of files) {
    for (const step of readScenario(new URL(name, scenarios).pathname).steps) {
      const profile = byId.get(step.device);
      expect(profile, `${name}: ${step.device}`).toBeDefined();
      for (const [point, value] of 'set' in step ? Object.entries(step.set) : []) {
        expect(profile?.points, `${name}: ${step.device}`).toHaveProperty(point);
        const isSwitch = profile !== undefined && isTwoState(profile.points[point] as Point);
        if (value !== null) expect(typeof value === 'boolean', `${name}: ${step.device} ${point}`).toBe(isSwitch);
      }
      if (profile && 'fire' in step) expect(eventTypes(profile), name).toContain(step.fire);
    }
  }
});
