import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { computedMotion, type Motion, motionOf } from './motion.ts';

/** What any simulated device can be made to do wrong. */
export const plainFaults = ['silent', 'garbage', 'slow', 'exception'] as const;
/** What only a device that is asked over a wire can do: an answer under another name, cut, among stray bytes; no wire at all. */
export const wireFaults = ['wrong-unit', 'truncated', 'stray', 'unplugged'] as const;
/** And what only a serial line does to an answer. */
export const lineFaults = ['bad-crc', 'echo'] as const;
export const faults = [...plainFaults, ...wireFaults, ...lineFaults] as const;
/** `exception:17`: only what touches register 17, counted from zero, is refused. */
export type Fault = (typeof faults)[number] | `exception:${number}`;

/** The fault of that name; undefined where there is none. */
export function faultNamed(text: string): Fault | undefined {
  const register = /^exception:(\d{1,5})$/.exec(text)?.[1];
  if (register !== undefined && Number(register) <= 0xffff) return `exception:${Number(register)}`;
  return faults.find((each) => each === text);
}

/** The register that `exception:17` speaks of. */
export function refusedRegister(fault: Fault | null): number | undefined {
  const register = fault?.split(':')[1];
  return register === undefined ? undefined : Number(register);
}

/** A request the person or program at the simulator got wrong; `zh` and `en` say what there is. */
export class SimulationError extends Error {
  readonly zh: string;
  readonly en: string;

  constructor(zh: string, en: string) {
    super(en);
    this.zh = zh;
    this.en = en;
  }
}

/** One device: its values now, forced or moving by themselves, and its fault. */
export class SimulatedDevice {
  readonly id: string;
  readonly profile: Profile;
  readonly address: Readonly<Record<string, unknown>>;
  fault: Fault | null = null;
  /** Told when a point was set from outside. */
  onSet: (() => void) | undefined;
  readonly #motions: ReadonlyMap<string, Motion>;
  readonly #forced = new Map<string, NonNullable<Value>>();

  constructor(id: string, profile: Profile, address: Readonly<Record<string, unknown>>, random: () => number) {
    this.id = id;
    this.profile = profile;
    this.address = address;
    this.#motions = new Map(
      Object.entries(profile.points).map(([point, definition]) => [
        point,
        definition.compute === undefined
          ? motionOf(profile, point, definition, random)
          : computedMotion(profile, definition, definition.compute, (id, at) => this.value(id, at)),
      ]),
    );
  }

  /** `null` gives the point back to the simulation. */
  set(point: string, value: Value): void {
    this.#motion(point);
    if (this.profile.points[point]?.compute !== undefined) {
      throw new SimulationError(
        `点位 ${point} 是由其他点位计算的；请改变那些点位`,
        `Point ${point} is calculated from others; set those.`,
      );
    }
    if (value === null) this.#forced.delete(point);
    else this.#forced.set(point, value);
    this.onSet?.();
  }

  value(point: string, at: number): NonNullable<Value> {
    return this.#forced.get(point) ?? this.#motion(point)(at);
  }

  values(at: number): Record<string, NonNullable<Value>> {
    return Object.fromEntries([...this.#motions.keys()].map((point) => [point, this.value(point, at)]));
  }

  #motion(point: string): Motion {
    const motion = this.#motions.get(point);
    if (motion) return motion;
    const known = [...this.#motions.keys()].join(', ');
    throw new SimulationError(
      `设备 ${this.id} 没有点位 ${point}；可用：${known}`,
      `Device ${this.id} has no point ${point}; it has: ${known}`,
    );
  }
}
