import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadProfile } from '@yihu/device-profiles/library/load.ts';
import type { LocalMatch, LocalNewProfile } from '@yihu/device-profiles/vocabulary/local-profile.ts';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import { editSite } from '../../../gateway/commission/site-edit.ts';
import { foldersOf, folderToName, ownFolder } from '../../../gateway/local/own-profiles.ts';
import { ProfileMaking } from '../../../gateway/local/profile-making.ts';
import { SiteChanges } from '../../../gateway/local/site-changes.ts';
import { proveProfile } from '../../../gateway/prove.ts';
import { checkSiteText, openCatalog } from '../../../gateway/site.ts';
import { ChangeRig, siteText, until } from '../change/rig.ts';
import { registerServer } from '../modbus/register-server.ts';

/** A meter that nobody knows on a port of the site, and the page's way to make a profile of it. */
async function basement() {
  const server = await registerServer('tcp');
  // 230.2 V with its words swapped, 25.3 °C as a count of tenths, and a total of 1,234.56 kWh.
  server.holding.set(0x10, 0x3334).set(0x11, 0x4366).set(0x12, 253).set(0x13, 1).set(0x14, 0xe240);
  const rig = new ChangeRig();
  rig.write(siteText([{ id: 'a', at: server.port, units: [] }]).replace(/devices:\s*$/, 'devices: []\n'));
  const checked = await checkSiteText(rig.read(), rig.file, await openCatalog());
  if ('problems' in checked) throw new Error(JSON.stringify(checked.problems));
  const { site } = checked;
  const saved: string[] = [];
  const making = new ProfileMaking({
    clock: systemClock,
    ports: () => site.ports,
    lend: (_port, run) => run(new AbortController().signal),
    site: () => site,
    onSaved: ({ profile }) => void saved.push(profile.id),
  });
  return { rig, site, making, saved };
}

const where = { place: 'port:a', unit: 1 } as const;
const table = 'holding' as const;

async function found(making: ProfileMaking, shown: string): Promise<LocalMatch> {
  const answer = await making.recognise({ ...where, table, at: 0x10, count: 8, shown });
  if ('refused' in answer || !answer.matches[0]) throw new Error(JSON.stringify(answer));
  return answer.matches[0];
}

async function meter(making: ProfileMaking): Promise<LocalNewProfile> {
  return {
    ...where,
    category: 'meter.electricity',
    maker: '正泰',
    model: 'X-1（老款）',
    values: [
      { name: { quantity: 'voltage' }, unit: 'V', table, shown: '230.2', match: await found(making, '230.2') },
      { name: { zh: '柜内温度' }, unit: 'Cel', table, shown: '25.3', match: await found(making, '25.3') },
      { name: { quantity: 'energy_total' }, unit: 'kW.h', table, shown: '1234.56', match: await found(making, '1234.56') },
    ],
  };
}

it('what the display shows is found in its registers, checked, read once through the profile, and kept', async () => {
  const { making, rig, site, saved } = await basement();
  const asked = await meter(making);
  expect(asked.values[0]?.match).toMatchObject({ at: 0x10, type: 'f32', order: 'CDAB', scale: 1 });
  const id = 'zhengtai.x-1-laokuan';
  const file = join('profiles', 'zhengtai', 'x-1-laokuan.yaml');
  const common = { id, file, port: 'a' };
  const check = await making.check(asked);
  expect(check).toMatchObject({ ...common, tier: 'gold', problems: [], unreachable: null });
  expect('readings' in check && check.readings.map(({ point, value, symbol, shown }) => [point, value, symbol, shown])).toEqual([
    ['voltage', 230.2, 'V', '230.2'],
    ['guineiwendu', 25.3, '℃', '25.3'],
    ['energy_total', 1234.56, 'kWh', '1234.56'],
  ]);
  expect(existsSync(join(rig.folder, file))).toBe(false);

  expect(await making.save(asked)).toEqual(common);
  const loaded = await loadProfile(join(rig.folder, file), { prove: (profile) => proveProfile(profile) });
  expect(loaded).toMatchObject({ tier: 'gold', profile: { name: { zh: '正泰 X-1（老款） 电能表' }, maker: { en: 'Zhengtai' } } });
  expect(saved).toEqual([id]);
  // Nothing but the profile itself is left.
  expect(readdirSync(dirname(join(rig.folder, file)))).toEqual(['x-1-laokuan.yaml']);
  expect(folderToName(site, id)).toBe('profiles');
});

it('the device can be added with it at once, though the site file named no folder of profiles', async () => {
  const { making, rig, site } = await basement();
  await making.save(await meter(making));
  const gateway = await rig.start();
  const changes = new SiteChanges(
    {
      plan: (request) => gateway.planChange(request),
      submit: (request) => gateway.submitChange({ ...request, withinMs: 5_000 }),
      state: () => gateway.changeState(),
      undo: () => gateway.undoChange(),
    },
    () => ({ text: rig.read(), file: rig.file }),
    (profile) => folderToName(site, profile),
  );
  const add = { id: 'a-1', name: '一号', profile: 'zhengtai.x-1-laokuan', port: 'a', address: { unit: 1 }, place: {} };
  expect((await changes.plan({ add }))?.problems).toEqual([]);
  await changes.submit({ add });
  expect(await rig.over()).toMatchObject({ state: 'kept' });
  expect(rig.read()).toContain('profiles: [ profiles ]');
  const readings = () => gateway.snapshot().find(({ id }) => id === 'a-1')?.readings ?? [];
  await until(() => readings().some(({ point, value }) => point === 'voltage' && value === 230.2), 'its voltage');
});

it('what the cloud has pushed keeps its folder to itself', () => {
  const pushed = { file: '/etc/yihu/gateway.yaml', profileFolders: ['/etc/yihu/.pushed/0123456789abcdef/profiles'] };
  expect(ownFolder(pushed)).toBe('/etc/yihu/profiles');
  expect(foldersOf(pushed)).toEqual(pushed.profileFolders);
  expect(ownFolder({ ...pushed, profileFolders: [...pushed.profileFolders, '/etc/yihu/ours'] })).toBe('/etc/yihu/ours');
  const add = { id: 'a-1', name: '一号', profile: 'acme.m1', port: 'a', address: { unit: 1 }, place: {} };
  const edited = editSite('profiles: [.pushed/0123456789abcdef/profiles]\ndevices: []\n', { add }, 'profiles');
  expect(edited).toContain('profiles: [ .pushed/0123456789abcdef/profiles, profiles ]');
});

describe('what is refused', () => {
  it('a profile that exists, with the field; the file stays as it was', async () => {
    const { making, rig } = await basement();
    const asked = await meter(making);
    const file = join(rig.folder, 'profiles', 'zhengtai', 'x-1-laokuan.yaml');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'mine\n');
    expect(await making.check(asked)).toMatchObject({ problems: [{ field: 'model' }], tier: null });
    expect(await making.save(asked)).toMatchObject({ problems: [{ field: 'model' }] });
    expect(readFileSync(file, 'utf8')).toBe('mine\n');
  });

  it('names that are none, twins, and registers that do not say what the display shows', async () => {
    const { making, rig } = await basement();
    const asked = await meter(making);
    const [first] = asked.values;
    if (!first) throw new Error('no value');
    const twice = { ...asked, values: [first, { ...first, shown: '231.9' }], maker: '（）' };
    const check = await making.check(twice);
    expect('problems' in check && check.problems.map(({ field }) => field)).toEqual(['maker', 'values.1', 'values.1']);
    const useless = { ...asked, values: [{ ...first, name: { zh: '数值' } }] };
    const said = await making.check(useless);
    expect('problems' in said && said.problems).toMatchObject([
      { field: 'values.0', en: expect.stringContaining('what it means') },
    ]);
    expect(await making.save(useless)).toHaveProperty('refused');
    expect(existsSync(join(rig.folder, 'profiles'))).toBe(false);
  });

  it('a place that is no Modbus, and a device that is gone, each with its sentence', async () => {
    const { making } = await basement();
    const asked = await meter(making);
    const gone = { ...where, place: '127.0.0.1:1' };
    expect(await making.check({ ...asked, place: 'port:none' })).toHaveProperty('refused');
    expect(await making.recognise({ ...gone, table, at: 0, count: 2, shown: '1.5' })).toHaveProperty('refused');
    // The profile is proven by what was read; it may be kept though nothing can be read now.
    expect(await making.check({ ...asked, ...gone })).toMatchObject({
      tier: 'gold',
      problems: [],
      readings: [],
      unreachable: {},
    });
  });

  it('a value that stands in no register is found nowhere', async () => {
    const { making } = await basement();
    expect(await making.recognise({ ...where, table, at: 0x10, count: 8, shown: '777.7' })).toEqual({ matches: [] });
  });
});
