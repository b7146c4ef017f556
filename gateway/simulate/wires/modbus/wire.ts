import { modbusOf } from '@yihu/device-profiles/protocols/modbus.ts';
import type { SimulatedDevice } from '../../device.ts';
import type { FaultName } from '../../faults.ts';
import { endpointOf, type Endpoint } from '../../place.ts';
import type { OpenWire, SimulatedPort, SimulatedWire } from '../../wire.ts';
import { ModbusTcpHost } from './tcp.ts';
import { ModbusUnit, registersOf } from './unit.ts';

const faults: readonly FaultName[] = [
  'silent',
  'garbage',
  'slow',
  'exception',
  'wrong-unit',
  'truncated',
  'stray',
  'unplugged',
  'stuck',
];

/** Modbus TCP: one host for each address and port, with all units that are reached there. */
export const wire: SimulatedWire = {
  driver: 'modbus',
  faults: () => faults,
  places: registersOf,
  open: (port) => new ModbusWire(port),
  alone(profile, at) {
    if (profile.transport.protocol !== 'modbus' || !modbusOf(profile).modes.includes('tcp')) return undefined;
    return { port: { ...at }, address: { unit: modbusOf(profile).unitId?.default ?? 1 } };
  },
};

class ModbusWire implements OpenWire {
  readonly #hosts: readonly ModbusTcpHost[];
  readonly #hostOf = new Map<SimulatedDevice, ModbusTcpHost>();

  constructor({ settings, devices, clock, random }: SimulatedPort) {
    const places = new Map<string, { at: Endpoint; devices: SimulatedDevice[] }>();
    for (const device of devices) {
      const at = endpointOf(device, settings, 502);
      const key = `${at.host}:${at.port}`;
      const place = places.get(key) ?? { at, devices: [] };
      places.set(key, place);
      place.devices.push(device);
    }
    this.#hosts = [...places.values()].map(({ at, devices: own }) => {
      const units = new Map(own.map((device) => [Number(device.address['unit']), new ModbusUnit(device)]));
      const host = new ModbusTcpHost({ at, units, clock, random });
      for (const device of own) this.#hostOf.set(device, host);
      return host;
    });
  }

  async start(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.start()));
  }

  failed(device: SimulatedDevice): void {
    this.#hostOf.get(device)?.failed();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
  }
}
