import type { Frame, Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { DeviceState, DriverContext, Keep, PortState, Refusal } from '../driver.ts';
import { NamedCounters } from '../named-counters.ts';
import { type CounterName, counterNames } from './counters.ts';
import { Exchanges, printable } from './exchanges.ts';
import { limits } from './limits.ts';
import { meaningOf, type MessageKey } from './meaning.ts';
import type { HttpDevice } from './port.ts';
import { Seen, worthKeepingMs } from './seen.ts';
import { hear, loadSerials, lost, type Range, type Serials, settled } from './serials.ts';

type Context = Pick<DriverContext<unknown, unknown>, 'clock' | 'log' | 'emit' | 'report' | 'kept'> & {
  readonly devices: readonly HttpDevice[];
};

/** Messages on their way in. */
export interface Incoming {
  readonly device: HttpDevice;
  readonly channel: string;
  readonly messages: readonly Json[];
  /** Asked for after a break, or repeated by the device out of its memory. */
  readonly isHistorical?: boolean;
}

interface Memory {
  readonly seen: Seen;
  serials: Serials | null;
  aliveMono: number;
}

interface News {
  readonly message: Json;
  readonly key: MessageKey | undefined;
  readonly serial: number | undefined;
  /** Of the device's memory. */
  readonly isOld: boolean;
}

/** Turns messages into frames, once each, and keeps what the installer wants to know of the port and its devices. */
export class Intake {
  readonly counters = new NamedCounters(counterNames);
  readonly exchanges = new Exchanges();
  readonly #context: Context;
  readonly #memories = new Map<string, Memory>();
  readonly #heard = new Map<string, number>();
  readonly #faults = new Map<string, { fault: string; failures: number }>();
  readonly #refused: Refusal[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #wire: Pick<PortState, 'wire' | 'reason'> = { wire: 'connecting' };
  /** Told when numbers of a device turned out to be missing. */
  onGap: (device: HttpDevice) => void = () => undefined;

  constructor(context: Context) {
    this.#context = context;
    for (const { id } of context.devices) {
      const seen = new Seen(context.clock, context.kept?.get(`seen/${id}`));
      const serials = loadSerials(context.kept?.get(`serials/${id}`));
      this.#memories.set(id, { seen, serials, aliveMono: -Infinity });
    }
  }

  /** Resolves with how many were news when all are on disk; rejects when they could not be kept. */
  async take(incoming: Incoming): Promise<number> {
    const { device, messages } = incoming;
    const meaning = meaningOf(device.profile);
    const beats = messages.filter((message) => meaning.isHeartbeat(message));
    const { news, twins } = this.#sort(
      incoming,
      messages.filter((message) => !beats.includes(message)),
    );
    this.counters.add('heartbeats', beats.length);
    if (news.length > 0) await this.#keep(incoming, news);
    // The same message is just being kept for somebody else: it is acked when that one is.
    await Promise.all(twins);
    this.counters.add('messages_repeated', messages.length - beats.length - news.length);
    if (news.length === 0) this.alive(device);
    return news.length;
  }

  /** The device was heard, and had nothing to say. */
  alive(device: HttpDevice): void {
    const { clock } = this.#context;
    const memory = this.#memory(device);
    this.#heard.set(device.id, clock.now());
    if (clock.mono() - memory.aliveMono < limits.heartbeatEveryMs) return;
    memory.aliveMono = clock.mono();
    // Nothing is lost where this is not kept: there will be another.
    this.#context.emit([{ device: device.id, at: clock.now(), body: { kind: 'alive' } }]).catch(() => undefined);
  }

  serials(device: HttpDevice): Serials | null {
    return this.#memory(device).serials;
  }

  /** The device was asked for these numbers and has told all it had. Kept with the next event. */
  settled(device: HttpDevice, range: Range): void {
    const memory = this.#memory(device);
    if (memory.serials !== null) memory.serials = settled(memory.serials, range);
  }

  /** Counts something that was not taken, and keeps the last ten for the installer. */
  refuse(counter: CounterName, what: string, why: string): void {
    this.counters.add(counter);
    this.#refused.push({ at: this.#context.clock.now(), what: printable(what, 200), why });
    if (this.#refused.length > limits.refusedKept) this.#refused.shift();
  }

  /** What is wrong between us and a device, such as `stream: wrong-login`; undefined: nothing any more. */
  fault(device: HttpDevice, about: 'stream' | 'backfill', code: string | undefined): void {
    const key = `${about} ${device.id}`;
    const before = this.#faults.get(key);
    if (code === undefined) this.#faults.delete(key);
    else this.#faults.set(key, { fault: `${about}: ${code}`, failures: (before?.failures ?? 0) + 1 });
    if (before?.fault !== this.#faults.get(key)?.fault) this.#context.report(this.state());
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
  async settledAll(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  #memory(device: HttpDevice): Memory {
    const memory = this.#memories.get(device.id);
    if (!memory) throw new Error(`device ${device.id} is not on this port`);
    return memory;
  }

  #sort({ device, isHistorical = false }: Incoming, messages: readonly Json[]): { news: News[]; twins: Promise<void>[] } {
    const { seen } = this.#memory(device);
    const meaning = meaningOf(device.profile);
    const news: News[] = [];
    const twins: Promise<void>[] = [];
    const here = new Set<string>();
    for (const message of messages) {
      const key = meaning.keyOf(message);
      const known = key === undefined ? 'new' : here.has(key.key) ? 'old' : seen.look(key.key);
      if (known === 'new')
        news.push({ message, key, serial: meaning.serialOf(message), isOld: isHistorical || meaning.isHistorical(message) });
      else if (known !== 'old') twins.push(known);
      if (key !== undefined) here.add(key.key);
    }
    return { news, twins };
  }

  async #keep({ device, channel }: Incoming, news: readonly News[]): Promise<void> {
    const { clock } = this.#context;
    const memory = this.#memory(device);
    const at = clock.now();
    const meaning = meaningOf(device.profile);
    const before = memory.serials;
    for (const { message, serial } of news)
      if (serial !== undefined) memory.serials = hear(memory.serials, serial, meaning.timeOf(message));
    const keys = news.flatMap(({ key }) => key ?? []);
    const frames = news.map((each) => frameOf(device, channel, each, at));
    const kept = this.#context.emit(frames, this.#remembered(device, memory, keys, before !== memory.serials));
    for (const { key, windowMs } of keys) memory.seen.add(key, windowMs, kept);
    await this.#await(kept, memory, news);
    this.counters.add('messages_kept', news.length);
    this.counters.add('messages_historical', news.filter(({ isOld }) => isOld).length);
    this.#heard.set(device.id, at);
    if ((memory.serials?.missing.length ?? 0) > 0) this.onGap(device);
  }

  async #await(kept: Promise<void>, memory: Memory, news: readonly News[]): Promise<void> {
    this.#underWay.add(kept);
    try {
      await kept;
    } catch (error) {
      this.counters.add('messages_not_kept', news.length);
      for (const { serial } of news)
        if (serial !== undefined && memory.serials !== null) memory.serials = lost(memory.serials, serial);
      throw error;
    } finally {
      this.#underWay.delete(kept);
    }
  }

  #remembered({ id }: HttpDevice, { seen, serials }: Memory, keys: readonly MessageKey[], hasMoved: boolean): Keep {
    const keep: [string, string][] = [];
    if (hasMoved) keep.push([`serials/${id}`, JSON.stringify(serials)]);
    if (keys.some(({ windowMs }) => windowMs >= worthKeepingMs)) keep.push([`seen/${id}`, seen.saved(keys)]);
    return keep;
  }

  #deviceState(id: string): DeviceState {
    const known = this.#faults.get(`stream ${id}`) ?? this.#faults.get(`backfill ${id}`);
    return { heardAt: this.#heard.get(id) ?? null, failures: known?.failures ?? 0, ...(known && { fault: known.fault }) };
  }
}

function frameOf(device: HttpDevice, channel: string, { message, isOld }: News, at: number): Frame {
  return { device: device.id, at, body: { kind: 'fields', channel, fields: message, ...(isOld && { historical: true }) } };
}
