import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { DeviceState, DriverContext, Exchange, PortState, Refusal } from '../driver.ts';
import { NamedCounters } from '../named-counters.ts';
import { type CounterName, counterNames } from './counters.ts';
import { limits } from './limits.ts';

type Context = Pick<DriverContext<unknown, unknown>, 'clock' | 'report'> & {
  readonly devices: readonly { readonly id: string }[];
};

/** What the installer wants to know of a port and its devices: who spoke when, what was refused and why, what was said. */
export class Book {
  readonly counters = new NamedCounters(counterNames);
  readonly #context: Context;
  readonly #heard = new Map<string, number>();
  readonly #faults = new Map<string, { fault: string; mono: number }>();
  readonly #exchanges = new Map<string, Exchange[]>();
  readonly #refused: Refusal[] = [];
  #wire: Pick<PortState, 'wire' | 'reason'> = { wire: 'connecting' };

  constructor(context: Context) {
    this.#context = context;
  }

  heard(device: string, at: number): void {
    this.#heard.set(device, at);
  }

  /**
   * Counts something that was not taken, and keeps the last ten for the installer. The same thing again is told once, with
   * its last time, so that one stubborn stranger does not push the others off the page.
   */
  refuse(counter: CounterName, what: string, why: string): void {
    this.counters.add(counter);
    const refusal = { at: this.#context.clock.now(), what: printable(what, 200), why: printable(why, 200) };
    const before = this.#refused.findIndex((each) => each.what === refusal.what && each.why === refusal.why);
    if (before >= 0) this.#refused.splice(before, 1);
    this.#refused.push(refusal);
    if (this.#refused.length > limits.refusedKept) this.#refused.shift();
  }

  /** Marks a device, e.g. `duplicate-identity`; shown for ten minutes after the last sign of it. */
  fault(device: string, fault: string): void {
    const isNew = this.#faultOf(device) !== fault;
    this.#faults.set(device, { fault, mono: this.#context.clock.mono() });
    if (isNew) this.#context.report(this.state());
  }

  exchange(device: string, said: { readonly sent?: string; readonly heard?: string; readonly note?: Text }): void {
    const kept = this.#exchanges.get(device) ?? [];
    const texts = Object.fromEntries(
      (['sent', 'heard'] as const).flatMap((key) =>
        said[key] === undefined ? [] : [[key, printable(said[key], limits.exchangeText)]],
      ),
    );
    kept.push({ at: this.#context.clock.now(), ...texts, ...(said.note === undefined ? {} : { note: said.note }) });
    if (kept.length > limits.exchangesKept) kept.shift();
    this.#exchanges.set(device, kept);
  }

  exchanges(device: string): readonly Exchange[] {
    return [...(this.#exchanges.get(device) ?? [])];
  }

  wire(wire: PortState['wire'], reason?: { zh: string; en: string }): void {
    this.#wire = { wire, ...(reason && { reason }) };
    this.#context.report(this.state());
  }

  state(): PortState {
    const devices = this.#context.devices.map(({ id }) => [id, this.#deviceState(id)] as const);
    return { ...this.#wire, devices: Object.fromEntries(devices), refused: [...this.#refused] };
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
function printable(text: string, most: number): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd')
    .slice(0, most)
    .toWellFormed();
}
