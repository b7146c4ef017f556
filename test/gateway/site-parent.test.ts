import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { demoSite } from '../../demo/site.ts';
import { loadSite } from '../../gateway/site.ts';

/** The demo's site with what its devices hang on: device → parent, by their positions in the file. */
async function siteWith(parents: (ids: readonly string[]) => Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-parent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = demoSite(folder, 'gw-1', { modbusTcp: 8502, modbusRtu: 8503, mqtt: 8883, local: 8610, camera: 8620 });
  const site = parse(readFileSync(file, 'utf8')) as { devices: { id: string }[] };
  const given = parents(site.devices.map(({ id }) => id));
  const devices = site.devices.map((device) => ({ ...device, ...(given[device.id] ? { parent: given[device.id] } : {}) }));
  writeFileSync(file, stringify({ ...site, devices }, { aliasDuplicateObjects: false }));
  const loaded = await loadSite(file);
  const inventory = 'site' in loaded ? loaded.site.inventory : [];
  return { problems: 'problems' in loaded ? loaded.problems.map(({ en }) => en) : [], inventory };
}

describe('what a device hangs on', () => {
  it('is said to the cloud with the inventory', async () => {
    const { inventory, problems } = await siteWith(([a = '', b = '']) => ({ [b]: a }));
    expect(problems).toEqual([]);
    expect(inventory.slice(0, 2).map(({ parent }) => parent)).toEqual([undefined, inventory[0]?.id]);
  });
  it('must be there', async () => {
    expect((await siteWith(([a = '']) => ({ [a]: 'nothing-there' }))).problems).toEqual(['There is no device nothing-there.']);
  });
  it('does not come back to the device itself', async () => {
    const { problems } = await siteWith(([a = '', b = '']) => ({ [a]: b, [b]: a }));
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatch(/^What .+ hangs on hangs on /);
  });
});
