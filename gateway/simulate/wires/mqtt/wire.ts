import { mqttOf } from '@yihu/device-profiles/protocols/mqtt.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { type SimulatedDevice, SimulationError } from '../../device.ts';
import type { FaultName } from '../../faults.ts';
import { identityOf } from '../../identity-of.ts';
import { type Endpoint, listenerAt, ownHost } from '../../place.ts';
import type { OpenWire, SimulatedPort, SimulatedWire } from '../../wire.ts';
import { SimulatedMqttClient } from './client.ts';

/** MQTT devices: those of one login share a connection, as behind a concentrator. */
export const wire: SimulatedWire = {
  driver: 'mqtt',
  faults({ profile }) {
    const own: FaultName[] = ['silent', 'garbage', 'slow', 'exception', 'truncated', 'unplugged', 'stuck'];
    return profile.time === undefined ? own : [...own, 'clock-skew'];
  },
  open: (port) => new MqttWire(port),
  alone(profile, { host, port }) {
    if (profile.transport.protocol !== 'mqtt') return undefined;
    return { port: { listen: `${host}:${port}`, login: 'open' }, address: { identity: identityOf(mqttOf(profile).identity) } };
  },
};

interface Login {
  readonly username: string;
  readonly at: Endpoint;
  readonly devices: SimulatedDevice[];
}

class MqttWire implements OpenWire {
  readonly #port: SimulatedPort;
  readonly #logins: readonly Login[];
  readonly #clients = new Map<SimulatedDevice, SimulatedMqttClient>();

  constructor(port: SimulatedPort) {
    this.#port = port;
    const logins = new Map<string, Login>();
    for (const device of port.devices) {
      const { username, identity } = device.address as { username?: string; identity: string };
      const name = username ?? identity;
      const login = logins.get(name) ?? { username: name, at: brokerAt(device, port.settings), devices: [] };
      logins.set(name, login);
      login.devices.push(device);
    }
    this.#logins = [...logins.values()];
  }

  start(): Promise<void> {
    const { clock, random, log, secretOf } = this.#port;
    for (const { username, at, devices } of this.#logins) {
      const password = devices.map(({ id }) => secretOf(id)).find((secret) => secret !== undefined);
      const login = { username, ...(password !== undefined && { password }) };
      const client = new SimulatedMqttClient({ endpoint: at, login, devices, clock, random, log });
      for (const device of devices) this.#clients.set(device, client);
    }
    return Promise.resolve();
  }

  async say(device: SimulatedDevice): Promise<void> {
    await this.#clients.get(device)?.say(device);
  }

  async fire(device: SimulatedDevice, type: string, data?: Readonly<Record<string, Value>>): Promise<void> {
    await this.#clients.get(device)?.fire(device, type, data);
  }

  failed(device: SimulatedDevice): void {
    this.#clients.get(device)?.failed();
  }

  async stop(): Promise<void> {
    await Promise.all([...new Set(this.#clients.values())].map((client) => client.stop()));
  }
}

/** The gateway's own broker, or one that both connect to. Throws SimulationError for brokers on other machines. */
function brokerAt(device: SimulatedDevice, settings: unknown): Endpoint {
  const { connect, listen = '' } = settings as { connect?: string; listen?: string };
  if (connect === undefined) return listenerAt(device, listen);
  const url = new URL(connect);
  if (url.protocol !== 'mqtt:')
    throw new SimulationError(
      `设备 ${device.id} 的代理 ${connect} 使用 TLS，模拟器不支持；请改用 mqtt://`,
      `The broker of device ${device.id}, ${connect}, uses TLS, which is not simulated. Use mqtt://.`,
    );
  return { host: ownHost(device, url.hostname), port: Number(url.port || 1883) };
}
