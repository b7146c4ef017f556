import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Chance } from '../random.ts';
import { SimulatedDevice, SimulationError } from './device.ts';
import { type Fault, nameOf, refusedPlace } from './faults.ts';
import { eventTypes } from './said/message.ts';
import { rawOf } from './said/raw.ts';
import type { OpenWire, SimulatedWire } from './wire.ts';
import { wires } from './wires.ts';

/** A site as the simulator needs it; `loadSite` gives more. */
export interface SimulatedSite {
  readonly ports: readonly { readonly id: string; readonly driver: { readonly name: string }; readonly settings: unknown }[];
  readonly devices: readonly {
    readonly id: string;
    readonly profile: Profile;
    readonly port: string;
    readonly address: unknown;
  }[];
}

export interface SimulatorOptions extends SimulatedSite {
  readonly clock: Clock;
  readonly random: Chance;
  readonly log: Logger;
  /** Relative paths of the site count from here; default: the working folder. */
  readonly folder?: string;
  /** The plain secret of a device that must log in; undefined where it has none. */
  readonly secretOf?: (device: string) => string | undefined;
}

export interface Simulator {
  /** Forces a point; `null` gives it back to the simulation. Resolves when a device that speaks by itself has said it. */
  set(device: string, point: string, value: Value): Promise<void>;
  /** Several points at once, and said once. */
  setMany(device: string, values: Readonly<Record<string, Value>>): Promise<void>;
  /** Sends an event, with `data` by the names of the profile; resolves when the gateway has taken it. */
  fire(device: string, eventType: string, data?: Readonly<Record<string, Value>>): Promise<void>;
  /** `part`: of the exchanges that it spoils, from 0 to 1, by chance; default: all. */
  fault(device: string, fault: Fault | null, part?: number): void;
  devices(): SimulatedDeviceView[];
  stop(): Promise<void>;
}

export interface SimulatedDeviceView {
  readonly id: string;
  readonly profile: string;
  readonly fault: Fault | null;
  /** What can go wrong with it. */
  readonly faults: readonly string[];
  readonly values: Readonly<Record<string, NonNullable<Value>>>;
  readonly events: readonly string[];
}

/**
 * Starts every device of a site on its real protocol, at the very addresses where the gateway will look for it.
 * Throws SimulationError where a device cannot be simulated (another machine, a wire nobody plays), before anything starts.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const simulation = new Simulation(options);
  try {
    await simulation.start();
  } catch (error) {
    await simulation.stop();
    throw error;
  }
  return simulation;
}

interface Placed {
  readonly device: SimulatedDevice;
  readonly wire: SimulatedWire;
  readonly open: OpenWire;
}

class Simulation implements Simulator {
  readonly #options: SimulatorOptions;
  readonly #placed = new Map<string, Placed>();
  readonly #open: OpenWire[] = [];

  constructor(options: SimulatorOptions) {
    this.#options = options;
    const { clock, random, log, folder = '.', secretOf = () => undefined } = options;
    refuseStrays(options);
    for (const { id, driver, settings } of options.ports) {
      const devices = options.devices
        .filter(({ port }) => port === id)
        .map(
          ({ id: device, profile, address }) =>
            new SimulatedDevice(device, profile, address as Readonly<Record<string, unknown>>, random),
        );
      if (devices.length === 0) continue;
      const wire = wireOf(driver.name, id);
      const open = wire.open({ id, settings, folder, devices, clock, random, log, secretOf });
      this.#open.push(open);
      for (const device of devices) this.#placed.set(device.id, { device, wire, open });
    }
  }

  async start(): Promise<void> {
    for (const open of this.#open) await open.start();
  }

  set(device: string, point: string, value: Value): Promise<void> {
    return this.setMany(device, { [point]: value });
  }

  async setMany(device: string, values: Readonly<Record<string, Value>>): Promise<void> {
    const { device: simulated, open } = this.#find(device);
    for (const [point, value] of Object.entries(values)) if (value !== null) assertSayable(simulated, point, value);
    for (const [point, value] of Object.entries(values)) simulated.set(point, value);
    await open.say?.(simulated);
  }

  async fire(device: string, eventType: string, data?: Readonly<Record<string, Value>>): Promise<void> {
    const { device: simulated, open } = this.#find(device);
    if (open.fire) return open.fire(simulated, eventType, data);
    throw new SimulationError(
      `设备 ${device} 只应答查询，不主动上报事件；请改用 set 改变它的点位`,
      `Device ${device} answers questions and sends no events by itself; use set to change one of its points.`,
    );
  }

  fault(device: string, fault: Fault | null, part = 1): void {
    const { device: simulated, wire, open } = this.#find(device);
    const known = wire.faults(simulated);
    if (fault !== null && !known.includes(nameOf(fault))) {
      throw new SimulationError(
        `设备 ${device} 没有故障 ${fault}；可用：${known.join('、')}`,
        `Device ${device} cannot have the fault ${fault}; it can have: ${known.join(', ')}`,
      );
    }
    if (fault !== null) refuseStrayPlace(simulated, fault, wire.places?.(simulated) ?? []);
    simulated.chance = fault === null || part >= 1 ? null : { fault, part };
    simulated.fault = simulated.chance === null ? fault : null;
    open.failed?.(simulated);
  }

  devices(): SimulatedDeviceView[] {
    const at = this.#options.clock.now();
    return [...this.#placed.values()].map(({ device, wire }) => ({
      id: device.id,
      profile: device.profile.id,
      fault: device.fault ?? device.chance?.fault ?? null,
      faults: wire.faults(device),
      values: device.values(at),
      events: eventTypes(device.profile),
    }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#open.map((open) => open.stop()));
  }

  #find(id: string): Placed {
    const placed = this.#placed.get(id);
    if (placed) return placed;
    const known = [...this.#placed.keys()].join(', ');
    throw new SimulationError(`没有设备 ${id}；有：${known}`, `There is no device ${id}; there are: ${known}`);
  }
}

function refuseStrays({ ports, devices }: SimulatedSite): void {
  const known = new Set(ports.map(({ id }) => id));
  for (const { id, port } of devices) {
    if (!known.has(port))
      throw new SimulationError(`设备 ${id} 的端口 ${port} 不存在`, `Device ${id} is on port ${port}, which is not there.`);
  }
}

function wireOf(driver: string, port: string): SimulatedWire {
  const wire = wires.get(driver);
  if (wire) return wire;
  throw new SimulationError(
    `端口 ${port} 的驱动 ${driver} 不能模拟；可以模拟：${[...wires.keys()].join('、')}`,
    `Port ${port} is of driver ${driver}, which is not simulated. These are: ${[...wires.keys()].join(', ')}`,
  );
}

/** Refuses at once what the device could never send, instead of at the next poll. */
function assertSayable(device: SimulatedDevice, point: string, value: NonNullable<Value>): void {
  const definition = device.profile.points[point];
  if (!definition) return;
  try {
    rawOf(definition, value);
  } catch (error) {
    const detail = (error as Error).message;
    throw new SimulationError(
      `点位 ${point} 不能取值 ${String(value)}：${detail}`,
      `Point ${point} cannot be ${String(value)}: ${detail}`,
    );
  }
}

/** A place that the device does not have would be a fault that nobody ever sees. */
function refuseStrayPlace({ id }: SimulatedDevice, fault: Fault, places: readonly string[]): void {
  const place = refusedPlace(fault);
  if (place === undefined || places.includes(place) || places.includes(String(Number(place)))) return;
  if (places.length === 0)
    throw new SimulationError(
      `设备 ${id} 不能只拒绝一处；请用 exception`,
      `Device ${id} cannot refuse one place alone; use exception.`,
    );
  const some = places.length > 12 ? [...places.slice(0, 12), '…'] : places;
  throw new SimulationError(
    `设备 ${id} 没有 ${place}；可以拒绝：${some.join('、')}`,
    `Device ${id} has no ${place}; it can refuse: ${some.join(', ')}`,
  );
}
