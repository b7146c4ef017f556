import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { SimulationError } from './device.ts';
import type { Endpoint } from './place.ts';
import type { Alone } from './wire.ts';
import { wires } from './wires.ts';

/** One device of a profile, alone on a port of its own: how it is simulated, and how the gateway is told of it. */
export interface AloneDevice extends Alone {
  readonly driver: string;
  /** What the simulator is given besides the address: which part it is behind the device that speaks for it. */
  readonly part?: string;
  /** The profile that the gateway is told: that of the device that speaks for it. */
  readonly bound: Profile;
}

/** Every wire on which a device of this profile speaks. Throws SimulationError where there is none. */
export function aloneOn(profile: Profile, profiles: Iterable<Profile>, at: Endpoint): AloneDevice[] {
  const found = [...wires].flatMap(([driver, wire]) => {
    const alone = wire.alone(profile, at);
    return alone === undefined ? [] : [{ driver, ...alone, ...speakerOf(profile, profiles) }];
  });
  if (found.length > 0) return found;
  throw new SimulationError(
    `档案 ${profile.id} 的协议 ${profile.transport.protocol} 不能模拟`,
    `Profile ${profile.id} speaks ${profile.transport.protocol}, which is not simulated.`,
  );
}

/** A part of a panel is spoken of by its panel; every other device, and whoever has a name of its own, speaks for itself. */
function speakerOf(profile: Profile, profiles: Iterable<Profile>): Pick<AloneDevice, 'bound' | 'part'> {
  if ('identity' in profile.transport) return { bound: profile };
  for (const bound of profiles) {
    const named = bound.children?.profile;
    if (named === undefined) continue;
    if (typeof named === 'string') {
      if (named === profile.id) return { bound };
      continue;
    }
    const part = Object.entries(named.map).find(([, id]) => id === profile.id)?.[0];
    if (part !== undefined || named.otherwise === profile.id) return { bound, ...(part !== undefined && { part }) };
  }
  return { bound: profile };
}
