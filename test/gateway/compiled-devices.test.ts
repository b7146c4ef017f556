import { describe, expect, it } from 'vitest';
import { CompiledDevices } from '../../gateway/compiled-devices.ts';
import type { ConfiguredDevice } from '../../gateway/config.ts';
import { profileOf } from './modbus/profiles.ts';

describe('devices of one profile', () => {
  const profile = profileOf({ power: { at: 0 } });
  const device = (id: string, overrides: ConfiguredDevice['overrides'] = {}): ConfiguredDevice => ({
    id,
    profile,
    parts: new Map(),
    partOverrides: new Map(),
    address: {},
    port: 'tcp',
    name: { zh: id },
    place: {},
    hangsOn: undefined,
    snapshot: undefined,
    overrides,
  });

  it('share what it compiles to, and have the rules of their own that the site changed', () => {
    const [one, other, changed] = new CompiledDevices(undefined).of([
      device('m-1'),
      device('m-2'),
      device('m-3', { offline: { off: true } }),
    ]);
    expect(other?.decoder).toBe(one?.decoder);
    expect(other?.rules).toBe(one?.rules);
    expect(changed?.decoder).toBe(one?.decoder);
    expect(changed?.rules).not.toBe(one?.rules);
  });
});
