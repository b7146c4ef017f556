import { resolve } from 'node:path';
import type { Timer } from '../../clock.ts';
import type { DriverContext, PortState, RunningPort } from '../driver.ts';
import { listenProblem, splitHostPort } from '../listen.ts';
import type { MqttAddress } from './address.ts';
import { accountsOf, type Speaker } from './admission.ts';
import { Broker, type BrokerParts, type BrokerSettings } from './broker.ts';
import { Intake } from './intake.ts';
import { limits } from './limits.ts';
import type { OwnBroker } from './port.ts';
import { DeviceKeyError, deviceKey } from './secret.ts';
import { TopicIndex } from './topics.ts';

/** The gateway's own broker under a supervisor: when it dies or cannot listen, a new one is made, later and later. */
export class OwnPort implements RunningPort {
  readonly #context: DriverContext<OwnBroker, MqttAddress>;
  readonly #intake: Intake;
  readonly #index: TopicIndex;
  readonly #everyone: Speaker;
  #broker: Broker | null = null;
  #retry: Timer | null = null;
  #waitMs: number = limits.restartFirstMs;
  #stopped = false;
  #turn: Promise<void> = Promise.resolve();
  #listensOn: number | null = null;

  readonly #make: (parts: BrokerParts) => Broker;

  /** `make` lets a test hold the broker and see it die. */
  constructor(context: DriverContext<OwnBroker, MqttAddress>, make = (parts: BrokerParts) => new Broker(parts)) {
    this.#context = context;
    this.#make = make;
    this.#intake = new Intake(context);
    this.#index = new TopicIndex(context.devices);
    this.#everyone = { login: 'anyone', devices: new Set(context.devices) };
  }

  /** The TCP port listened on; null while the broker is not up. */
  get listensOn(): number | null {
    return this.#listensOn;
  }

  async start(): Promise<this> {
    await this.#begin();
    return this;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.cancel();
    await this.#turn;
    await this.#broker?.close();
    this.#broker = null;
    await this.#intake.settled();
    this.#intake.wire('down', { zh: '端口已停止', en: 'The port was stopped' });
  }

  state(): PortState {
    return this.#intake.state();
  }

  counters(): Readonly<Record<string, number>> {
    return this.#intake.counters.read();
  }

  #begin(): Promise<void> {
    this.#turn = this.#open();
    return this.#turn;
  }

  async #open(): Promise<void> {
    if (this.#stopped) return;
    let broker: Broker | null = null;
    try {
      const settings = this.#settings();
      broker = this.#make({
        settings,
        index: this.#index,
        intake: this.#intake,
        clock: this.#context.clock,
        onDeath: (error) => this.#died(broker, error),
      });
      this.#listensOn = await broker.open();
      this.#broker = broker;
      this.#waitMs = limits.restartFirstMs;
      this.#intake.wire('up');
    } catch (error) {
      await broker?.close();
      this.#fail(error as Error);
    }
  }

  #died(broker: Broker | null, error: Error): void {
    if (this.#stopped || broker === null || broker !== this.#broker) return;
    this.#broker = null;
    this.#listensOn = null;
    this.#intake.counters.add('restarts');
    this.#turn = broker.close().then(() => this.#fail(error));
  }

  #fail(error: Error): void {
    this.#context.log.error({ err: error, port: this.#context.id }, 'mqtt broker is down');
    const { zh, en } = error instanceof DeviceKeyError ? error : listenProblem(error, this.#context.port.listen);
    this.#intake.wire('down', { zh, en });
    if (this.#stopped) return;
    this.#retry = this.#context.clock.after(this.#waitMs, () => void this.#begin());
    this.#waitMs = Math.min(this.#waitMs * 2, limits.restartLastMs);
  }

  #settings(): BrokerSettings {
    const { port, devices, folder = '.' } = this.#context;
    return {
      ...splitHostPort(port.listen),
      connections: port.connections ?? limits.connections,
      connectionsPerAddress: port.connectionsPerAddress ?? limits.connectionsPerAddress,
      everyone: this.#everyone,
      ...(port.login === 'required' && {
        login: { key: deviceKey(resolve(folder, port.deviceKeyFile as string)), accounts: accountsOf(devices) },
      }),
    };
  }
}
