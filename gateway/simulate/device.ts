import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { type Fault, skewMsOf } from './faults.ts';
import { computedMotion, isTime, type Motion, motionOf } from './motion.ts';

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
  /** A fault that comes and goes by chance: the part of the exchanges that it spoils, from 0 to 1. */
  chance: { readonly fault: Fault; readonly part: number } | null = null;
  /** Told when a point was set from outside. */
  onSet: (() => void) | undefined;
  readonly #random: () => number;
  readonly #motions: ReadonlyMap<string, Motion>;
  readonly #forced = new Map<string, NonNullable<Value>>();
  /** What was shown last, for a device that is stuck. */
  readonly #shown = new Map<string, NonNullable<Value>>();

  constructor(id: string, profile: Profile, address: Readonly<Record<string, unknown>>, random: () => number) {
    this.id = id;
    this.profile = profile;
    this.address = address;
    this.#random = random;
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

  /** What it says of a point at a time by our clock; a device that is stuck says what it said before. */
  value(point: string, at: number): NonNullable<Value> {
    const before = this.fault === 'stuck' ? this.#shown.get(point) : undefined;
    if (before !== undefined) return before;
    const definition = this.profile.points[point];
    const moment = definition && isTime(definition) ? this.clockAt(at) : at;
    const value = this.#forced.get(point) ?? this.#motion(point)(moment);
    this.#shown.set(point, value);
    return value;
  }

  /** An exchange begins: whatever is left to chance is decided for it. */
  meet(): Fault | null {
    if (this.chance !== null) this.fault = this.#random() < this.chance.part ? this.chance.fault : null;
    return this.fault;
  }

  /** What its own clock says when ours says `at`. */
  clockAt(at: number): number {
    return at + skewMsOf(this.fault);
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
