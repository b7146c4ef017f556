import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { settlePending, writePending } from '../../../gateway/change/pending.ts';
import { registerServer } from '../modbus/register-server.ts';
import { ChangeRig, type Port, siteText, until } from './rig.ts';

async function polled(rig: ChangeRig, ...devices: string[]): Promise<void> {
  const good = (id: string) =>
    rig.gateway?.snapshot().some((now) => now.id === id && now.readings.some(({ quality }) => quality === 'good')) ?? false;
  await until(() => devices.every(good), `${devices.join()} to be read`);
}

/** Two ports and the servers behind them; `gone`: an address where nothing answers. */
async function community() {
  const [one, two] = [await registerServer('tcp'), await registerServer('tcp')];
  const rig = new ChangeRig();
  const a: Port = { id: 'a', at: one.port, units: [1, 2] };
  const b: Port = { id: 'b', at: two.port, units: [1] };
  rig.write(siteText([a, b]));
  await rig.start();
  await polled(rig, 'a-1', 'a-2', 'b-1');
  return { rig, one, two, a, b };
}

it('changes one port and leaves the other alone: its connection stays, and it is asked on and on', async () => {
  const { rig, one, two, a, b } = await community();
  const next = siteText([a, { ...b, units: [1, 2] }]);
  const gateway = rig.gateway ?? (await rig.start());

  const planned = await gateway.planChange({ text: next });
  expect(planned).toMatchObject({
    plan: {
      isEmpty: false,
      ports: [
        { id: 'a', change: 'untouched', devices: { untouched: 2 } },
        { id: 'b', change: 'changed', devices: { added: ['b-2'], untouched: 1 } },
      ],
    },
  });
  const before = one.connections;
  const asked = one.heard.length;
  expect(await gateway.submitChange({ text: next, by: 'local/test' })).toMatchObject({ change: { state: 'applying' } });
  expect(await gateway.submitChange({ text: next, by: 'local/test' })).toHaveProperty('refused');
  expect(await rig.over()).toMatchObject({ state: 'kept', missing: [], reason: null });
  await polled(rig, 'b-2');
  await until(() => one.heard.length > asked + 10, 'more polls of the untouched port');
  // Every register of the untouched port was asked over the one connection it had.
  expect(one.connections).toBe(before);
  expect(two.connections).toBe(2);
  expect(gateway.changeState()?.plan?.ports.map(({ change }) => change)).toEqual(['untouched', 'changed']);
  expect(rig.read()).toBe(next);
  expect(existsSync(`${rig.file}.change`)).toBe(false);
  await rig.stop();
  expect(await rig.steps()).toEqual(['applying', 'verifying', 'kept']);
  // The inventory was told again, with the new device.
  const told = (await rig.records()).flatMap((record) => (record.kind === 'site' ? [record.devices.map(({ id }) => id)] : []));
  expect(told.at(-1)).toEqual(['a-1', 'a-2', 'b-1', 'b-2']);
});

it('rolls back by itself when a new port does not answer, with what is missing, and nothing of it stays', async () => {
  const { rig, a, b } = await community();
  const before = rig.read();
  const gateway = rig.gateway ?? (await rig.start());
  const text = siteText([{ ...a, units: [1] }, b, { id: 'c', at: 1, units: [1] }]);
  await gateway.submitChange({ text, by: 'local/test', withinMs: 1_500 });
  const change = await rig.over();
  expect(change.state).toBe('rolled-back');
  expect(change.reason?.en).toContain('Device c-1 does not answer');
  expect(rig.read()).toBe(before);
  await polled(rig, 'a-1', 'a-2', 'b-1');
  expect(gateway.snapshot().map(({ id }) => id)).toEqual(expect.not.arrayContaining(['c-1']));
  await rig.stop();
  const records = await rig.records();
  expect(await rig.steps()).toEqual(['applying', 'verifying', 'rolling-back', 'rolled-back']);
  // A device that was on its way out was not missed, and not let go of.
  const about = records.flatMap((record) => (record.kind === 'alarm' && record.device === 'a-2' ? record.transitions : []));
  expect(about).toEqual([]);
});

it('what did not answer before need not, and what is named may be silent', async () => {
  const one = await registerServer('tcp');
  const rig = new ChangeRig();
  const a: Port = { id: 'a', at: one.port, units: [1] };
  const dead: Port = { id: 'dead', at: 1, units: [1] };
  rig.write(siteText([a, dead]));
  const gateway = await rig.start();
  await polled(rig, 'a-1');
  const text = siteText([a, { ...dead, units: [1, 2] }]);
  await gateway.submitChange({ text, by: 'local/test', withinMs: 20_000, mayBeSilent: ['dead-2'] });
  expect((await rig.over()).state).toBe('kept');
});

it('a wrong file is refused whole with every problem, and nothing is touched', async () => {
  const { rig, two, a, b } = await community();
  const gateway = rig.gateway ?? (await rig.start());
  const text = siteText([a, { ...b, units: [1, 1] }, { ...b, id: 'c' }], 'uplink: "on"').replaceAll('test.meter', 'test.metre');
  const refused = await gateway.submitChange({ text, by: 'local/test' });
  const problems = 'problems' in refused ? refused.problems : [];
  expect(problems.length).toBeGreaterThan(4);
  expect(problems.map(({ en }) => en).join()).toContain('is used twice');
  const fixed = await gateway.submitChange({ text: siteText([a, b], 'uplink: "on"'), by: 'local/test' });
  expect(fixed).toMatchObject({ problems: [{ path: 'uplink', line: 5 }] });
  expect(gateway.changeState()).toBeNull();
  expect(two.connections).toBe(1);
});

it('an edited site file goes back when it is not verified, and the edit is kept beside it', async () => {
  const { rig, a, b } = await community();
  const before = rig.read();
  const gateway = rig.gateway ?? (await rig.start());
  const text = siteText([a, { ...b, at: 1 }]);
  rig.write(text);
  await gateway.submitChange({ text, by: 'local/test' });
  await until(() => gateway.changeState()?.state === 'verifying', 'the verification');
  expect(gateway.undoChange()).toBe(true);
  expect(await rig.over()).toMatchObject({
    state: 'rolled-back',
    reason: { en: expect.stringContaining('take the change back') },
  });
  expect([rig.read(), rig.read('gateway.yaml.refused')]).toEqual([before, text]);
});

it('a stop in the middle comes up with the old site and says so; one after the verification with the new', async () => {
  const { rig, a, b } = await community();
  const before = rig.read();
  const text = siteText([a, { ...b, at: 1 }]);
  rig.write(text);
  await rig.gateway?.submitChange({ text, by: 'local/test' });
  await until(() => rig.gateway?.changeState()?.state === 'verifying', 'the verification');
  await rig.stop();
  expect(rig.read()).toBe(text);
  await settlePending(rig.file);
  expect(rig.read()).toBe(before);
  const again = await rig.start();
  expect(again.changeState()).toMatchObject({ state: 'rolled-back', by: 'local/test' });
  await rig.stop();
  expect(await rig.steps()).toEqual(['applying', 'verifying', 'rolled-back']);

  const data = join(rig.folder, 'data');
  const pending = { schema: 'yihu-change/1', id: 'x', by: 'local', data, before, after: text } as const;
  await writePending(rig.file, { ...pending, phase: 'kept' });
  await settlePending(rig.file);
  expect(rig.read()).toBe(text);
  expect((await rig.start()).changeState()).toMatchObject({ id: 'x', state: 'kept' });
});

it('the socket of this machine is its owner’s alone, and a file that cannot be written beside changes nothing', async () => {
  const { rig, a, b } = await community();
  expect(statSync(join(rig.folder, 'data', 'gateway.sock')).mode & 0o777).toBe(0o600);
  const gateway = rig.gateway ?? (await rig.start());
  // A folder in the way of the pending file: also root cannot rename over it.
  mkdirSync(join(`${rig.file}.change`, 'x'), { recursive: true });
  const refused = await gateway.submitChange({ text: siteText([a, { ...b, units: [1, 2] }]), by: 'local/test' });
  expect(refused).toMatchObject({ refused: { en: expect.stringContaining('Nothing was changed') } });
});
