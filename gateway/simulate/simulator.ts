import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Chance } from '../random.ts';
import { type Fault, faults, plainFaults, SimulatedDevice, SimulationError, wireFaults } from './device.ts';
import { rawOf } from './said/raw.ts';
import { listenRtuOverTcp } from './wires/modbus/slave.ts';
import { listenTcp } from './wires/modbus/tcp.ts';
import { ModbusUnits } from './wires/modbus/units.ts';
import { SimulatedMqttClient } from './wires/mqtt/client.ts';
import { brokerEndpoint, modbusEndpoint, portSettings, type PortSettings } from './place.ts';
import { eventTypes } from './said/message.ts';

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
  /** The plain secret of a device that must log in; undefined where it has none. */
  readonly secretOf?: (device: string) => string | undefined;
}

export interface Simulator {
  /** Forces a point; `null` gives it back to the simulation. Resolves when a device that speaks by itself has said it. */
  set(device: string, point: string, value: Value): Promise<void>;
  /** Sends an event, with `data` by the names of the profile; resolves when the gateway has taken it. */
  fire(device: string, eventType: string, data?: Readonly<Record<string, Value>>): Promise<void>;
  fault(device: string, fault: Fault | null): void;
  devices(): SimulatedDeviceView[];
  stop(): Promise<void>;
}

export interface SimulatedDeviceView {
  readonly id: string;
  readonly profile: string;
  readonly fault: Fault | null;
  readonly values: Readonly<Record<string, NonNullable<Value>>>;
  readonly events: readonly string[];
}

interface Speaking {
  say(device: SimulatedDevice): Promise<void>;
  fire(device: SimulatedDevice, type: string, data?: Readonly<Record<string, Value>>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts every device of a site on its real protocol, at the very addresses where the gateway will look for it.
 * Throws SimulationError where a device cannot be simulated (a serial port, another machine), before anything starts.
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
  readonly settings: PortSettings;
  readonly driver: string;
}

class Simulation implements Simulator {
  readonly #options: SimulatorOptions;
  readonly #placed = new Map<string, Placed>();
  readonly #speakers = new Map<string, Speaking>();
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(options: SimulatorOptions) {
    this.#options = options;
    const ports = new Map(
      options.ports.map(({ id, driver, settings }) => [id, { driver: driver.name, settings: portSettings(settings) }]),
    );
    for (const { id, profile, port, address } of options.devices) {
      const place = ports.get(port);
      if (!place)
        throw new SimulationError(`设备 ${id} 的端口 ${port} 不存在`, `Device ${id} is on port ${port}, which is not there.`);
      const device = new SimulatedDevice(id, profile, address as Record<string, unknown>, options.random);
      this.#placed.set(id, { device, ...place });
    }
  }

  async start(): Promise<void> {
    const of = (protocol: Profile['transport']['protocol']) =>
      [...this.#placed.values()].filter(({ device }) => device.profile.transport.protocol === protocol);
    const busses = modbusBusses(of('modbus'), this.#options.clock);
    const logins = mqttLogins(of('mqtt'));
    for (const { listen, host, port, units } of busses) {
      const listening = await listen(host, port, units, this.#options.random);
      this.#stops.push(() => listening.stop());
    }
    for (const login of logins) this.#connect(login);
  }

  async set(device: string, point: string, value: Value): Promise<void> {
    const simulated = this.#device(device);
    if (value !== null) assertSayable(simulated, point, value);
    simulated.set(point, value);
    await this.#speakers.get(device)?.say(simulated);
  }

  async fire(device: string, eventType: string, data?: Readonly<Record<string, Value>>): Promise<void> {
    const simulated = this.#device(device);
    const speaker = this.#speakers.get(device);
    if (speaker) return speaker.fire(simulated, eventType, data);
    throw new SimulationError(
      `设备 ${device} 只应答查询，不主动上报事件；请改用 set 改变它的点位`,
      `Device ${device} answers questions and sends no events by itself; use set to change one of its points.`,
    );
  }

  fault(device: string, fault: Fault | null): void {
    const { driver } = this.#placed.get(device) ?? {};
    const known = faultsOn(driver);
    if (fault !== null && !known.some((each) => fault === each || fault.startsWith(`${each}:`))) {
      throw new SimulationError(
        `设备 ${device} 没有故障 ${fault}；可用：${known.join('、')}`,
        `Device ${device} cannot have the fault ${fault}; it can have: ${known.join(', ')}`,
      );
    }
    this.#device(device).fault = fault;
  }

  devices(): SimulatedDeviceView[] {
    const at = this.#options.clock.now();
    return [...this.#placed.values()].map(({ device }) => ({
      id: device.id,
      profile: device.profile.id,
      fault: device.fault,
      values: device.values(at),
      events: eventTypes(device.profile),
    }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.splice(0).map((stop) => stop()));
  }

  #connect({ username, placed }: LoginGroup): void {
    const { clock, random, log, secretOf } = this.#options;
    const devices = placed.map(({ device }) => device);
    const [first] = placed as [Placed];
    const password = devices.map(({ id }) => secretOf?.(id)).find((secret) => secret !== undefined);
    const endpoint = brokerEndpoint(first.device.id, first.settings);
    const login = { username, ...(password !== undefined && { password }) };
    const client = new SimulatedMqttClient({ endpoint, login, devices, clock, random, log });
    this.#stops.push(() => client.stop());
    for (const { id } of devices) this.#speakers.set(id, client);
  }

  #device(id: string): SimulatedDevice {
    const placed = this.#placed.get(id);
    if (placed) return placed.device;
    const known = [...this.#placed.keys()].join(', ');
    throw new SimulationError(`没有设备 ${id}；有：${known}`, `There is no device ${id}; there are: ${known}`);
  }
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

/** What can go wrong depends on the wire. */
function faultsOn(driver: string | undefined): readonly string[] {
  if (driver === 'line') return faults;
  return driver === 'modbus' ? [...plainFaults, ...wireFaults] : plainFaults;
}

interface Bus {
  readonly listen: typeof listenTcp;
  readonly host: string;
  readonly port: number;
  readonly units: ModbusUnits;
}

/** One listener per host and port, with all units that are reached there. */
function modbusBusses(placed: readonly Placed[], clock: Clock): Bus[] {
  const busses = new Map<string, Bus>();
  for (const { device, settings, driver } of placed) {
    const { host, port } = modbusEndpoint(device.id, settings, device.address);
    const key = `${host}:${port}`;
    const listen = driver === 'line' ? listenRtuOverTcp : listenTcp;
    const bus = busses.get(key) ?? { listen, host, port, units: new ModbusUnits(clock) };
    busses.set(key, bus);
    bus.units.add(Number(device.address['unit']), device);
  }
  return [...busses.values()];
}

interface LoginGroup {
  readonly username: string;
  readonly placed: Placed[];
}

/** Devices of one broker and login share a connection, as behind a concentrator. */
function mqttLogins(placed: readonly Placed[]): LoginGroup[] {
  const groups = new Map<string, LoginGroup>();
  for (const each of placed) {
    const { host, port } = brokerEndpoint(each.device.id, each.settings);
    const { username, identity } = each.device.address as { username?: string; identity: string };
    const key = `${host}:${port}\n${username ?? identity}`;
    const group = groups.get(key) ?? { username: username ?? identity, placed: [] };
    groups.set(key, group);
    group.placed.push(each);
  }
  return [...groups.values()];
}
