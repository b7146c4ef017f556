import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { applyVariant } from '@yihu/device-profiles/library/load.ts';
import { describe, expect, it } from 'vitest';
import { dialect as cjt188 } from '../../../gateway/collect/cjt188/dialect.ts';
import { dialect as dlt645 } from '../../../gateway/collect/dlt645/dialect.ts';
import type { BoundDevice } from '../../../gateway/collect/driver.ts';
import type { Dialect, Read } from '../../../gateway/collect/line/dialect.ts';
import { dialect as mbus } from '../../../gateway/collect/mbus/dialect.ts';
import { dialect as megatec } from '../../../gateway/collect/megatec/dialect.ts';
import { compile } from '../../../gateway/decode/decode.ts';
import { loadProfiles } from '../../../gateway/site.ts';
import { cjt188Slave } from '../../../gateway/simulate/wires/cjt188/slave.ts';
import { SimulatedDevice } from '../../../gateway/simulate/device.ts';
import { dlt645Slave } from '../../../gateway/simulate/wires/dlt645/slave.ts';
import type { LineSlave } from '../../../gateway/simulate/wires/line/slave.ts';
import { mbusSlave } from '../../../gateway/simulate/wires/mbus/slave.ts';
import { megatecSlave } from '../../../gateway/simulate/wires/megatec/slave.ts';
import { converse } from '../meters/converse.ts';

/** The driver reads the simulated devices that were written apart from it: each checks the other. */

interface Speaking {
  readonly dialect: Dialect;
  readonly slave: (device: SimulatedDevice) => LineSlave;
  readonly address: Readonly<Record<string, unknown>>;
}

const speaking: Readonly<Record<string, Speaking>> = {
  dlt645: { dialect: dlt645, slave: dlt645Slave, address: { meter: '000000000161' } },
  cjt188: { dialect: cjt188, slave: cjt188Slave, address: { meter: '78331122334455' } },
  mbus: { dialect: mbus, slave: mbusSlave, address: { secondary: '12345678', manufacturer: 'EFE' } },
  megatec: { dialect: megatec, slave: megatecSlave, address: {} },
};

const { profiles } = await loadProfiles();
const all = [...profiles.values()].flatMap((profile): [string, Profile][] => {
  if (speaking[profile.transport.protocol] === undefined) return [];
  const variants = profile.variants.map(({ id }): [string, Profile] => [`${profile.id}, ${id}`, applyVariant(profile, id)]);
  return [[profile.id, profile], ...variants];
});

const at = Date.UTC(2026, 10, 28, 12, 0, 0);

function simulate(profile: Profile, address?: Readonly<Record<string, unknown>>) {
  const speaks = speaking[profile.transport.protocol] as Speaking;
  const device = new SimulatedDevice('d', profile, address ?? speaks.address, () => 0.3);
  const bound: BoundDevice = { id: 'd', profile, address: speaks.dialect.address.parse(device.address) };
  const slave = speaks.slave(device);
  const decoder = compile(profile);
  const readAll = () => {
    const reads = speaks.dialect.reads(bound, Object.keys(profile.points));
    const bodies = reads.flatMap((read: Read) => converse(read, (question) => slave(question, at)).bodies);
    return new Map(
      bodies.flatMap((body) => decoder.decode({ device: 'd', at, body }).readings).map((reading) => [reading.point, reading]),
    );
  };
  return { device, slave, bound, speaks, readAll };
}

describe('every profile of a serial meter', () => {
  it.each(all)('%s is read as it is simulated', (_, profile) => {
    const { device, readAll } = simulate(profile);
    const readings = readAll();
    for (const [id, point] of Object.entries(profile.points)) {
      const reading = readings.get(id);
      expect(reading, id).toMatchObject({ quality: 'good' });
      const value = device.value(id, at);
      const step = point.scale ?? (point.round === undefined ? 0.01 : 10 ** -point.round);
      if (typeof value === 'number')
        expect(Math.abs(Number(reading?.value) - value), id).toBeLessThanOrEqual(Math.abs(step) / 2 + 1e-9);
      else expect(reading?.value, id).toBe(value);
    }
  });

  it.each(all)('%s says what it is set to', (_, profile) => {
    const { device, readAll } = simulate(profile);
    const named = Object.entries(profile.points).filter(
      ([, { enum: names, kind, type }]) => names !== undefined || (kind === 'state' && type === undefined),
    );
    for (const [id, { enum: names }] of named) device.set(id, Object.values(names ?? {}).at(-1)?.value ?? true);
    const readings = readAll();
    for (const [id] of named) expect(readings.get(id)?.value, id).toBe(device.value(id, at));
  });
});

describe('commands', () => {
  const tell = (profile: Profile, command: string) => {
    const { bound, speaks, slave, readAll } = simulate(profile);
    const spec = profile.commands[command];
    if (spec === undefined) throw new Error(`no command ${command}`);
    const order = { id: '1', device: 'd', command, spec, args: {}, deadlineMono: 0 };
    const read = speaks.dialect.act?.(bound, order, { at, folder: '/' });
    if (read === undefined || 'refused' in read) throw new Error('refused');
    converse(read, (question) => slave(question, at));
    return readAll().get(spec.verify?.point ?? '')?.value;
  };

  it.each([
    ['generic.cjt188-water', 'close_valve', 'closed'],
    ['generic.cjt188-gas', 'close_valve', 'closed'],
    ['generic.ups-megatec', 'test', true],
  ])('%s, %s: the point that verifies it says so', (id, command, value) => {
    expect(tell(profiles.get(id) as Profile, command)).toBe(value);
  });
});

describe('what is not for a slave', () => {
  it.each(all)('%s is silent to other addresses, broken questions and noise', (_, profile) => {
    const { bound, slave, speaks } = simulate(profile);
    const [read] = speaks.dialect.reads(bound, Object.keys(profile.points));
    const question = read?.first().send ?? new Uint8Array();
    expect(slave(question, at)).toBeDefined();
    if (profile.transport.protocol === 'megatec') return;
    const broken = Uint8Array.from(question);
    broken[broken.length - 2] = (broken.at(-2) ?? 0) ^ 1;
    expect(slave(broken, at)).toBeUndefined();
    expect(slave(question.subarray(0, -1), at)).toBeUndefined();
    expect(slave(Uint8Array.of(0xfe, 0xfe), at)).toBeUndefined();
    const others = { dlt645: { meter: '000000000162' }, cjt188: { meter: '78331122334456' }, mbus: { secondary: '12345679' } };
    const other = simulate(profile, others[profile.transport.protocol as keyof typeof others]);
    expect(other.slave(question, at)).toBeUndefined();
  });
});
