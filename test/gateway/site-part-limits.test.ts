import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../demo/ports.ts';
import { systemClock } from '../../gateway/clock.ts';
import { SimulatedPanel } from '../../gateway/simulate/wires/gb26875/panel.ts';
import { checkSiteText, openCatalog } from '../../gateway/site.ts';
import { ChangeRig, until } from './change/rig.ts';

/** Limits of the gas detectors behind a fire panel, as the site sets them for all of its kind. */
const site = (parts: string, port = 1) => `schema: yihu-site/1
gateway: {id: gw-1, name: 一号}
data: data
listen: null
uplink: "off"
ports:
  - {id: fire, driver: gb26875, listen: "127.0.0.1:${port}"}
devices:
  - {id: panel, profile: gb26875.transmitter, port: fire, address: {source: "0000000000ab"}, name: 消防主机${parts}}
`;

const catalog = await openCatalog();
const check = (parts: string) => checkSiteText(site(parts), '/tmp/gateway.yaml', catalog);
const lower =
  ', parts: {gb26875.gas: {params: {gas_low: 4}, alarms: {concentration_high: {limit: 12, clear: 10, severity: major}}}}';

describe('limits of parts', () => {
  it('are params and rules of their profile, for this device alone', async () => {
    const checked = await check(lower);
    if ('problems' in checked) throw new Error(JSON.stringify(checked.problems));
    const [panel] = checked.site.devices;
    expect(panel?.parts.get('gb26875.gas')?.alarms['concentration_low']).toMatchObject({ above: 4, clear: 2 });
    expect(panel?.partOverrides.get('gb26875.gas')).toMatchObject({ concentration_high: { limit: 12 } });
    const plain = await check('');
    if ('problems' in plain) throw new Error(JSON.stringify(plain.problems));
    expect(plain.site.devices[0]?.parts.get('gb26875.gas')?.alarms['concentration_low']).toMatchObject({ above: 8, clear: 6 });
    expect(plain.site.inventoryHash).not.toBe(checked.site.inventoryHash);
  });

  it.each([
    [', parts: {gb26875.gaz: {}}', 'devices[0].parts.gb26875.gaz', 'Did you mean gb26875.gas?'],
    [', parts: {gb26875.gas: {params: {gas_low: 400}}}', 'devices[0].parts.gb26875.gas.params.gas_low', '3–50 %LEL'],
    [', parts: {gb26875.gas: {alarms: {hot: {off: true}}}}', 'devices[0].parts.gb26875.gas.alarms.hot', 'has no alarm hot'],
    [', parts: {gb26875.gas: {limits: {}}}', 'devices[0].parts.gb26875.gas', 'limits'],
  ])('%s is refused at its place', async (parts, path, sentence) => {
    const checked = await check(parts);
    const problems = 'problems' in checked ? checked.problems : [];
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]?.en).toContain(sentence);
  });

  it('hold for a detector that has spoken already, from the moment they are changed, and are told with it', async () => {
    const port = await freePort(0);
    const rig = new ChangeRig();
    rig.write(site('', port));
    const gateway = await rig.start();
    const panel = new SimulatedPanel({ host: '127.0.0.1', clock: systemClock, port, source: 0xab });
    onTestFinished(() => panel.stop());
    const detector = { system: 1, systemAddress: 1, type: 11, address: 0x0001_0007 };
    const gas = () => gateway.snapshot().find(({ profile }) => profile === 'gb26875.gas');
    const said = (value: number) =>
      until(() => gas()?.readings.some((reading) => reading.value === value) === true, `${value} %LEL`);
    await panel.analogue(detector, 6, 50);
    await said(5);
    expect(gas()?.alarms).toEqual([]);
    await gateway.submitChange({ text: site(lower, port), by: 'test' });
    expect((await rig.over()).state).toBe('kept');
    await panel.analogue(detector, 6, 51);
    await said(5.1);
    expect(gas()?.alarms).toEqual(['concentration_low']);
    panel.stop();
    await rig.stop();
    const told = (await rig.records()).flatMap((record) => (record.kind === 'site' ? record.devices : []));
    const last = told.findLast(({ profile }) => profile === 'gb26875.gas');
    expect(last?.rules?.['concentration_low']).toMatchObject({ limit: 4, clear: 2 });
  });
});
