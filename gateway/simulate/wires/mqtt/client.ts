import { mqttOf } from '@yihu/device-profiles/protocols/mqtt.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import mqtt, { type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../../../clock.ts';
import type { Chance } from '../../../random.ts';
import { type SimulatedDevice, SimulationError } from '../../device.ts';
import { lateMs } from '../../faults.ts';
import { eventMessage, type Said, stateMessages } from '../../said/message.ts';
import type { Endpoint } from '../../place.ts';
import { rhythmMs } from '../../rhythm.ts';
import { spoilt } from '../../spoil.ts';

export interface MqttLogin {
  readonly username: string;
  readonly password?: string;
}

interface Parts {
  readonly endpoint: Endpoint;
  readonly login: MqttLogin;
  readonly devices: readonly SimulatedDevice[];
  readonly clock: Clock;
  readonly random: Chance;
  readonly log: Logger;
}

interface Will {
  readonly topic: string;
  readonly online: string;
  readonly offline: string;
}

const reconnectMs = 1_000;
const connectMs = 10_000;

/** The devices behind one login, with one connection: a single device, or a concentrator with many. */
export class SimulatedMqttClient {
  readonly #parts: Parts;
  readonly #client: MqttClient;
  readonly #timers = new Map<SimulatedDevice, Timer>();
  #serial = 0;
  #stopped = false;
  #isOut = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { endpoint, login, devices } = parts;
    const only = devices.length === 1 ? devices[0] : undefined;
    const will = only && this.#will(only);
    this.#client = mqtt.connect({
      protocol: 'mqtt',
      protocolVersion: 4,
      host: endpoint.host,
      port: endpoint.port,
      clientId: `sim-${login.username.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`.slice(0, 64),
      clean: true,
      keepalive: 20,
      reconnectPeriod: reconnectMs,
      username: login.username,
      ...(login.password !== undefined && { password: login.password }),
      ...(will && { will: { topic: will.topic, payload: Buffer.from(will.offline), qos: 1, retain: false } }),
      queueQoSZero: false,
    });
    this.#client.on('connect', () => this.#connected(will));
    this.#client.on('error', (error) => parts.log.warn({ err: error, login: login.username }, 'simulated device'));
  }

  /** Says every device's values now, whatever the rhythm. */
  async say(device: SimulatedDevice): Promise<void> {
    this.#timers.get(device)?.cancel();
    if (this.#stopped) return;
    this.#timers.set(
      device,
      this.#parts.clock.after(rhythmMs(device), () => void this.#sayQuietly(device)),
    );
    await this.#publish(device, stateMessages(device, this.#parts.clock.now()));
  }

  /** Resolves when the gateway has taken the event. Throws SimulationError for an event the profile does not have. */
  async fire(device: SimulatedDevice, type: string, data: Readonly<Record<string, Value>> = {}): Promise<void> {
    const { clock } = this.#parts;
    const message = eventMessage(device, type, { serial: ++this.#serial, data, at: clock.now() });
    await this.#whenConnected(device);
    await this.#publish(device, [message]);
  }

  /** A device whose wire is out takes its whole connection with it, without a goodbye, and comes back when it is in again. */
  failed(): void {
    const isOut = this.#parts.devices.some(({ fault }) => fault === 'unplugged');
    if (isOut && !this.#isOut) this.#client.end(true);
    if (!isOut && this.#isOut) this.#client.reconnect();
    this.#isOut = isOut;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    await this.#client.endAsync(true);
  }

  /** An event happens once: unlike values it is worth a moment's wait. */
  async #whenConnected(device: SimulatedDevice): Promise<void> {
    if (this.#client.connected) return;
    const { clock, endpoint } = this.#parts;
    await new Promise<void>((resolve, reject) => {
      const patience = clock.after(connectMs, () => {
        const { host, port } = endpoint;
        reject(
          new SimulationError(
            `设备 ${device.id} 未能连接 ${host}:${port}。请先启动网关，并检查登录口令`,
            `Device ${device.id} has no connection to ${host}:${port}. Start the gateway first, and check the secret.`,
          ),
        );
      });
      this.#client.once('connect', () => {
        patience.cancel();
        resolve();
      });
    });
  }

  async #sayQuietly(device: SimulatedDevice): Promise<void> {
    try {
      await this.say(device);
    } catch (error) {
      // The device will say its values again at its next turn.
      this.#parts.log.debug({ err: error, device: device.id }, 'not heard');
    }
  }

  async #publish(device: SimulatedDevice, messages: readonly Said[]): Promise<void> {
    const fault = device.meet();
    if (fault === 'silent') return;
    if (fault === 'slow') await this.#parts.clock.sleep(lateMs);
    await Promise.all(messages.map((said) => this.#send(device, said)));
  }

  async #send(device: SimulatedDevice, { channel, payload: words }: Said): Promise<void> {
    // What cannot be said now is not saved up: a real detector does not tell yesterday's values either.
    if (!this.#client.connected || this.#client.disconnecting) return;
    const payload = spoilt(device.fault, { bytes: Buffer.from(words) }, this.#parts.random);
    await this.#client.publishAsync(topicOf(device, channel), payload, { qos: qosOf(device, channel) });
  }

  #connected(will: Will | undefined): void {
    if (will) this.#client.publish(will.topic, will.online, { qos: 1 });
    for (const device of this.#parts.devices) void this.#sayQuietly(device);
  }

  #will(device: SimulatedDevice): Will | undefined {
    const { will } = device.profile.availability;
    return will && { topic: topicOf(device, will.channel), online: will.online, offline: will.offline };
  }
}

/** A topic that the channel's filter matches: the identity in its place, and something for every wildcard. */
export function topicOf(device: SimulatedDevice, channel: string): string {
  const transport = mqttOf(device.profile);
  const filter = transport.topics[channel]?.filter;
  if (filter === undefined) throw new Error(`${device.id}: no topic for channel ${channel}`);
  return filter
    .replaceAll(`{${transport.identity.name}}`, String(device.address['identity']))
    .replaceAll('+', '1')
    .replaceAll('#', 'up');
}

function qosOf(device: SimulatedDevice, channel: string): 0 | 1 {
  return mqttOf(device.profile).topics[channel]?.qos ?? 1;
}
