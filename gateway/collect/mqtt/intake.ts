import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { DeviceState, DriverContext, PortState, Refusal } from '../driver.ts';
import type { MqttDevice } from './address.ts';
import { NamedCounters } from '../named-counters.ts';
import { type CounterName, counterNames } from './counters.ts';
import { limits } from './limits.ts';
import type { Target } from './topics.ts';

type Context = Pick<DriverContext<unknown, unknown>, 'clock' | 'log' | 'emit' | 'report'> & { devices: readonly MqttDevice[] };

/** Turns accepted messages into frames, and keeps what the installer wants to know of the port and its devices. */
export class Intake {
  readonly counters = new NamedCounters(counterNames);
  readonly #context: Context;
  readonly #heard = new Map<string, number>();
  readonly #faults = new Map<string, { fault: string; mono: number }>();
  readonly #refused: Refusal[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #wire: Pick<PortState, 'wire' | 'reason'> = { wire: 'connecting' };

  constructor(context: Context) {
    this.#context = context;
  }

  /** Messages on their way to disk. */
  get inFlight(): number {
    return this.#underWay.size;
  }

  /** Resolves when the message is on disk for all its devices; rejects when it could not be kept. `retained`: a broker had kept it. */
  async take(targets: readonly Target[], topic: string, payload: Uint8Array, retained = false): Promise<void> {
    const at = this.#context.clock.now();
    const frames = targets.map(({ device, channel }): Frame => ({
      device: device.id,
      at,
      body: { kind: 'message', channel, topic, payload, ...(retained && { retained }) },
    }));
    const kept = this.#context.emit(frames);
    this.#underWay.add(kept);
    try {
      await kept;
    } catch (error) {
      this.counters.add('messages_not_kept');
      throw error;
    } finally {
      this.#underWay.delete(kept);
    }
    this.counters.add('messages_kept');
    // What a broker had kept is no sign that the device is there now.
    if (!retained) for (const { device } of targets) this.#heard.set(device.id, at);
  }

  /** Counts something that was not taken, and keeps the last ten for the installer. `what` is a topic or a name. */
  refuse(counter: CounterName, what: string, why: string): void {
    this.counters.add(counter);
    this.#refused.push({ at: this.#context.clock.now(), what: printable(what), why });
    if (this.#refused.length > limits.refusedKept) this.#refused.shift();
  }

  /** Marks a device, e.g. `duplicate-identity`; shown for ten minutes after the last sign of it. */
  fault(device: string, fault: string): void {
    const isNew = this.#faultOf(device) !== fault;
    this.#faults.set(device, { fault, mono: this.#context.clock.mono() });
    if (isNew) this.#context.report(this.state());
  }

  wire(wire: PortState['wire'], reason?: { zh: string; en: string }): void {
    this.#wire = { wire, ...(reason && { reason }) };
    this.#context.report(this.state());
  }

  state(): PortState {
    const devices = this.#context.devices.map(({ id }) => [id, this.#deviceState(id)] as const);
    return { ...this.#wire, devices: Object.fromEntries(devices), refused: [...this.#refused] };
  }

  /** Resolves when no message is on its way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  #faultOf(id: string): string | undefined {
    const known = this.#faults.get(id);
    return known && this.#context.clock.mono() - known.mono < limits.faultShownMs ? known.fault : undefined;
  }

  #deviceState(id: string): DeviceState {
    const fault = this.#faultOf(id);
    return { heardAt: this.#heard.get(id) ?? null, failures: 0, ...(fault && { fault }) };
  }
}

/** What strangers sent may be shown, but neither steer a terminal nor fill a page. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '\ufffd').slice(0, 200);
}
