import { Acts, type ActTarget } from './act/acts.ts';
import type { Sight } from './act/condition.ts';
import { Linkage } from './act/linkage.ts';
import type { DeviceFacts } from './act/rule.ts';
import type { Clock, Stamp } from './clock.ts';
import type { ActOutcome, RunningPort } from './collect/driver.ts';
import type { Site } from './config.ts';
import type { Pipeline } from './pipeline.ts';
import type { Log } from './store/log.ts';

export interface ActingOptions {
  /** As it is now; asked each time. */
  readonly site: () => Site;
  readonly log: Pick<Log, 'append'>;
  readonly clock: Clock;
  readonly stamp: () => Stamp;
  readonly onTrouble: (trouble: { device?: string; zh: string; en: string; error?: unknown }) => void;
}

/** What it acts through and looks at; there when the gateway is up. */
export interface Hands {
  readonly pipeline: Pick<Pipeline, 'device' | 'current' | 'part' | 'isAnyActive'>;
  readonly port: (id: string) => RunningPort | undefined;
}

/** Acts and linkage of a site, made before the path and the ports they need. */
export class Acting {
  readonly acts: Acts;
  readonly linkage: Linkage;
  readonly #site: () => Site;
  #facts: { readonly site: Site; readonly of: ReadonlyMap<string, DeviceFacts> } | null = null;
  readonly #ready = Promise.withResolvers<void>();
  #hands: Partial<Hands> = {};

  constructor({ site, log, clock, stamp, onTrouble }: ActingOptions) {
    this.#site = site;
    const facts = (device: string) => this.#factsOf(device) ?? this.#hands.pipeline?.part(device);
    const sight: Sight = {
      value: (device, point) => this.#value(device, point),
      isActive: (device, alarm) => this.#isActive(device, alarm),
    };
    this.acts = new Acts({
      target: (device) => this.#target(device),
      interlocks: () => site().interlocks,
      sight,
      keep: async (alarm, state) => void (await log.append({ alarm, telemetry: [], state })),
      clock,
      stamp,
      onTrouble,
    });
    this.linkage = new Linkage({
      rules: () => site().linkage,
      acts: this.acts,
      facts,
      maintained: () => site().maintained,
      sight,
      isAnyActive: (when) => this.#hands.pipeline?.isAnyActive(facts, when) ?? false,
      forget: async (state) => void (await log.append({ alarm: [], telemetry: [], state })),
      ready: this.#ready.promise,
      clock,
      onTrouble,
    });
  }

  /** What became of the orders of an earlier run is on disk before anything new begins. @throws StoreError */
  async begin(saved: ReadonlyMap<string, string>): Promise<void> {
    await this.acts.begin(saved);
    await this.linkage.begin(saved);
  }

  take(hands: Partial<Hands>): void {
    this.#hands = { ...this.#hands, ...hands };
    if (this.#hands.pipeline && this.#hands.port) this.#ready.resolve();
  }

  async stop(): Promise<void> {
    await this.linkage.stop();
    await this.acts.stop();
  }

  #factsOf(device: string): DeviceFacts | undefined {
    const site = this.#site();
    if (this.#facts?.site !== site) this.#facts = { site, of: new Map(site.devices.map((each) => [each.id, factsOf(each)])) };
    return this.#facts.of.get(device);
  }

  #target(id: string): ActTarget | undefined {
    const device = this.#site().devices.find((each) => each.id === id);
    if (!device) return undefined;
    const { commands } = device.profile;
    return {
      profile: device.profile.id,
      commands,
      send: (act) => this.#hands.port?.(device.port)?.act?.(act) ?? Promise.resolve(noHands),
    };
  }

  /** What a device that is away last said is not what is so now. */
  #value(device: string, point: string): ReturnType<Sight['value']> {
    const { pipeline } = this.#hands;
    if (!this.#isHere(device)) return undefined;
    const reading = pipeline?.current(device, point);
    return reading?.quality === 'good' ? reading.value : undefined;
  }

  /** An alarm that was raised stays so until it is cleared, also while its device is away. */
  #isActive(device: string, alarm: string): boolean | undefined {
    if (this.#hands.pipeline?.device(device)?.saved.rules[alarm]?.active) return true;
    return alarm === 'offline' || this.#isHere(device) ? false : undefined;
  }

  #isHere(device: string): boolean {
    const availability = this.#hands.pipeline?.device(device)?.saved.availability;
    return availability === 'online' || availability === 'late';
  }
}

const noHands: ActOutcome = {
  state: 'refused',
  code: 'no-commands',
  zh: '这台设备所在的端口不能下发命令。请核对现场文件里的端口。',
  en: 'The port of this device sends no commands. Check the port in the site file.',
};

function factsOf({ id, profile, place }: Site['devices'][number]): DeviceFacts {
  return { id, category: profile.category, place };
}
