import { expect, it } from 'vitest';
import { SiteChanges } from '../../../gateway/local/site-changes.ts';
import { ChangeRig, siteText, until } from '../change/rig.ts';
import { registerServer } from '../modbus/register-server.ts';

/** A meter that is read, a line where nothing answers, and the page's way to change their site. */
async function community() {
  const server = await registerServer('tcp');
  const rig = new ChangeRig();
  rig.write(
    siteText([
      { id: 'a', at: server.port, units: [1] },
      { id: 'b', at: 1, units: [] },
    ]),
  );
  const gateway = await rig.start();
  const values = () => gateway.snapshot().find(({ id }) => id === 'a-1')?.readings ?? [];
  await until(() => values().some(({ quality }) => quality === 'good'), 'a reading');
  const changes = new SiteChanges(
    {
      plan: (request) => gateway.planChange(request),
      submit: (request) => gateway.submitChange({ ...request, withinMs: 1_500 }),
      state: () => gateway.changeState(),
      undo: () => gateway.undoChange(),
    },
    () => ({ text: rig.read(), file: rig.file }),
  );
  return { rig, server, changes };
}

it('a device otherwise: the plan says which port and which lines, and the other port misses nothing', async () => {
  const { rig, server, changes } = await community();
  const edit = { change: { id: 'a-1', name: '一号楼总表', address: { unit: 2 } } };
  const planned = await changes.plan(edit);
  expect(planned?.plan?.ports).toMatchObject([
    { id: 'a', change: 'changed', devices: { added: [], removed: [], changed: ['a-1'] } },
    { id: 'b', change: 'untouched' },
  ]);
  expect(planned?.plan?.lines.map(({ sign }) => sign)).toEqual(['-', '+']);
  expect(await changes.submit(edit)).toMatchObject({ change: { state: 'applying' } });
  expect((await rig.over()).state).toBe('kept');
  expect(rig.read()).toContain('name: 一号楼总表');
  expect(server.heard.at(-1)).toMatch(/^2 /);
});

it('a name alone restarts no port', async () => {
  const { rig, server, changes } = await community();
  const before = server.connections;
  const edit = { change: { id: 'a-1', name: '一号楼总表' } };
  expect((await changes.plan(edit))?.plan?.ports[0]).toMatchObject({ change: 'untouched', devices: { changed: ['a-1'] } });
  await changes.submit(edit);
  expect((await rig.over()).state).toBe('kept');
  expect(server.connections).toBe(before);
});

it('a device that does not answer is rolled back, and kept where it may be silent because it is not wired yet', async () => {
  const { rig, changes } = await community();
  const add = { id: 'b-7', name: '七号', profile: 'test.meter', port: 'b', address: { unit: 7 }, place: {} };
  await changes.submit({ add });
  expect((await rig.over()).state).toBe('rolled-back');
  expect(rig.read()).not.toContain('b-7');
  await changes.submit({ add, mayBeSilent: true });
  await until(() => rig.gateway?.changeState()?.state === 'kept', 'the change to be kept');
  expect(rig.read()).toContain('b-7');
});

it('what is wrong is said with its place, and nothing happens', async () => {
  const { rig, changes } = await community();
  const before = rig.read();
  const planned = await changes.plan({ change: { id: 'a-1', address: { unit: 900 }, alarms: { none: { off: true } } } });
  expect(planned?.plan).toBeNull();
  expect(planned?.problems.map(({ path }) => path)).toEqual(expect.arrayContaining(['devices[0].alarms.none']));
  expect(await changes.plan({ change: { id: 'gone', name: 'x' } })).toBeNull();
  expect(rig.read()).toBe(before);
});
