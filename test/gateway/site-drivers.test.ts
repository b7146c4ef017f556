import { describe, expect, it } from 'vitest';
import { checkSiteText, openCatalog } from '../../gateway/site.ts';

const site = (port: string) => `schema: yihu-site/1
gateway: { id: gw-1, name: Gateway }
ports:
  - ${port}
devices: []
`;

describe('the drivers of a site', () => {
  it('are loaded when a site first names them', async () => {
    const catalog = await openCatalog();
    expect(await checkSiteText(site('{ id: tcp, driver: modbus, mode: tcp }'), '/site.yaml', catalog)).toHaveProperty('site');
    expect([...catalog.drivers.keys()]).toEqual(['modbus']);
    await checkSiteText(site('{ id: own, "driver": "mqtt" }'), '/site.yaml', catalog);
    expect([...catalog.drivers.keys()]).toEqual(['modbus', 'mqtt']);
  });

  it('are found as well where only YAML understands how they are named', async () => {
    const catalog = await openCatalog();
    const text = site('{ id: tcp, mode: tcp, ? driver : "mod\\u0062us" }');
    expect(await checkSiteText(text, '/site.yaml', catalog)).toHaveProperty('site');
  });

  it('are all named to whoever misspells one', async () => {
    const checked = await checkSiteText(site('{ id: tcp, driver: modbas, mode: tcp }'), '/site.yaml', await openCatalog());
    const said = 'problems' in checked ? checked.problems.map(({ en }) => en).join() : '';
    expect(said).toMatch(/no driver modbas; there is: .*http-event.*modbus.*mqtt/);
  });
});
