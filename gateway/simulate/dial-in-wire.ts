import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Clock, Timer } from '../clock.ts';
import type { SimulatedDevice } from './device.ts';
import type { Faulty } from './dial-in.ts';
import type { FaultName } from './faults.ts';
import { type Endpoint, listenerAt, refuseTls } from './place.ts';
import { rhythmMs } from './rhythm.ts';
import type { Tree } from './said/forms.ts';
import { eventMessage, type Said, stateMessages } from './said/message.ts';
import type { OpenWire, SimulatedPort, SimulatedWire } from './wire.ts';

/** What a message of a profile's channel says, by the names the driver gives to what it reads. */
export interface Told {
  readonly channel: string;
  readonly fields: Readonly<Record<string, Tree>>;
}

/** A device that dials in, in its own protocol. */
export interface Talker {
  /** Resolves when the gateway has confirmed it, where the protocol confirms. */
  tell(told: Told): Promise<void>;
  failed(): void;
  stop(): void;
}

export interface TalkerParts extends Endpoint {
  readonly device: SimulatedDevice;
  readonly clock: Clock;
  readonly faulty: Faulty;
}

/** A wire whose devices dial in and speak by themselves: values in their rhythm, events when they happen. */
export function dialInWire({ driver, faults, address, talker }: DialInKind): SimulatedWire {
  return {
    driver,
    faults: () => faults,
    open: (port) => new DialInWire(port, talker),
    alone: ({ transport }, { host, port }) =>
      transport.protocol === driver ? { port: { listen: `${host}:${port}` }, address } : undefined,
  };
}

export interface DialInKind {
  /** The driver's word, which is its protocol's too. */
  readonly driver: string;
  readonly faults: readonly FaultName[];
  /** Of a device that is alone. */
  readonly address: Readonly<Record<string, unknown>>;
  readonly talker: (parts: TalkerParts) => Talker;
}

class DialInWire implements OpenWire {
  readonly #port: SimulatedPort;
  readonly #make: (parts: TalkerParts) => Talker;
  readonly #places: ReadonlyMap<SimulatedDevice, Endpoint>;
  readonly #talkers = new Map<SimulatedDevice, Talker>();
  readonly #timers = new Map<SimulatedDevice, Timer>();
  #serial = 0;
  #isStopped = false;

  constructor(port: SimulatedPort, make: (parts: TalkerParts) => Talker) {
    this.#port = port;
    this.#make = make;
    const { listen = '', tls } = port.settings as { listen?: string; tls?: unknown };
    this.#places = new Map(
      port.devices.map((device) => [device, tls === undefined ? listenerAt(device, listen) : refuseTls(device)]),
    );
  }

  start(): Promise<void> {
    const { clock, random } = this.#port;
    for (const [device, at] of this.#places) {
      this.#talkers.set(device, this.#make({ ...at, device, clock, faulty: { device, random } }));
      // Said again and again until the gateway is there.
      void this.say(device);
    }
    return Promise.resolve();
  }

  async say(device: SimulatedDevice): Promise<void> {
    if (this.#isStopped) return;
    const { clock } = this.#port;
    this.#timers.get(device)?.cancel();
    this.#timers.set(
      device,
      clock.after(rhythmMs(device), () => void this.say(device)),
    );
    for (const said of stateMessages(device, clock.now())) await this.#tell(device, said);
  }

  async fire(device: SimulatedDevice, type: string, data: Readonly<Record<string, Value>> = {}): Promise<void> {
    const happening = { serial: ++this.#serial, data, at: this.#port.clock.now() };
    await this.#tell(device, eventMessage(device, type, happening));
  }

  failed(device: SimulatedDevice): void {
    this.#talkers.get(device)?.failed();
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    for (const talker of this.#talkers.values()) talker.stop();
    return Promise.resolve();
  }

  async #tell(device: SimulatedDevice, { channel, payload }: Said): Promise<void> {
    const fields = JSON.parse(Buffer.from(payload).toString()) as Told['fields'];
    await this.#talkers.get(device)?.tell({ channel, fields });
  }
}
