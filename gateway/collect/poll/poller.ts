import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { shownBy } from '@yihu/device-profiles/vocabulary/command.ts';
import type { Clock, Timer } from '../../clock.ts';
import type { Manner, Read, SerialShape } from '../line/dialect.ts';
import type { Act, ActOutcome, DriverContext, Exchange, PortState, RunningPort } from '../driver.ts';
import { ProbeBudget } from './breaker.ts';
import { carryOut } from './command.ts';
import type { Counters } from './counters.ts';
import { Cycle } from './cycle.ts';
import { apartOf, keepApart } from './memory.ts';
import type { Bus, WireState } from './outcome.ts';
import { Schedule } from './schedule.ts';
import { Slave } from './slave.ts';

/** What is read together of one device, at one period. */
export interface Poll<A extends Manner> {
  readonly everyMs: number;
  readonly points: readonly string[];
  readonly reads: readonly Read<A>[];
}

/** A device as the poller needs it, whatever it speaks. */
export interface Polled<A extends Manner> {
  readonly id: string;
  /** Id and version: what was learnt under another is forgotten. */
  readonly profile: string;
  readonly bus: Bus<A>;
  /** Unique on the bus. */
  readonly key: string;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly gapMs?: number | undefined;
  readonly shape?: SerialShape | undefined;
  readonly polls: readonly Poll<A>[];
  readonly tell: readonly Read<A>[];
  act?(act: Act): Read<A> | { readonly refused: { code: string; zh: string; en: string } };
}

export interface PollerOptions<A extends Manner> {
  readonly context: Pick<DriverContext<unknown, unknown>, 'id' | 'clock' | 'log' | 'emit' | 'report' | 'kept'>;
  readonly counters: Counters;
  readonly devices: readonly Polled<A>[];
  /** How the wires are. */
  readonly wires: () => WireState;
  /** Lets go of the wires. */
  readonly close: () => Promise<void>;
}

/** Cycles whose frames are not yet kept, at most; with more devices, one per device. */
const deliveriesAtLeast = 64;
/** A new device is asked within this time, however long its period. */
const firstPollMs = 5_000;
/** The state is told at most this often. */
const reportMs = 500;
/** Commands that wait for one device. */
const mostCommands = 16;

interface Station<A extends Manner> {
  readonly polled: Polled<A>;
  readonly slave: Slave<A>;
  readonly cycles: { readonly points: readonly string[]; readonly cycle: Cycle<A> }[];
  /** Keys of reads that were taken apart, in the order they were. */
  readonly apart: Set<string>;
  /** The last command in hand: the next one begins behind it. */
  command: Promise<unknown>;
  commands: number;
}

/** One port at work: its slaves, a cycle for each period of each device, and commands in front of them. */
export class Poller<A extends Manner> implements RunningPort {
  readonly #options: PollerOptions<A>;
  readonly #clock: Clock;
  readonly #schedule: Schedule;
  readonly #stations = new Map<string, Station<A>>();
  readonly #mostDeliveries: number;
  #deliveries = 0;
  #idle: (() => void) | undefined;
  #report: Timer | undefined;
  #stopped = false;

  constructor(options: PollerOptions<A>) {
    this.#options = options;
    this.#clock = options.context.clock;
    this.#schedule = new Schedule(this.#clock);
    this.#mostDeliveries = Math.max(deliveriesAtLeast, options.devices.length);
    const budgets = this.#budgets();
    options.devices.forEach((polled, index) => {
      this.#addDevice(polled, budgets.get(polled.bus), index / options.devices.length);
    });
  }

  start(): void {
    this.#options.context.report(this.state());
    this.#schedule.start();
  }

  /** Resolves when what was handed on is settled and every socket is let go. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#schedule.stop();
    this.#report?.cancel();
    const closed = this.#options.close();
    if (this.#deliveries > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    await Promise.all([...this.#stations.values()].map(({ command }) => command));
    await closed;
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#options.counters };
  }

  state(): PortState {
    const devices = Object.fromEntries([...this.#stations].map(([id, { slave }]) => [id, slave.state()]));
    if (this.#stopped) return { wire: 'down', reason: { zh: '端口已停止。', en: 'The port was stopped.' }, devices };
    const { wire, reason, notes, refused } = this.#options.wires();
    return {
      wire,
      devices,
      ...(reason && { reason }),
      ...(notes && notes.length > 0 && { notes }),
      ...(refused && refused.length > 0 && { refused }),
    };
  }

  exchanges(device: string): readonly Exchange[] {
    return this.#stations.get(device)?.slave.exchanges.list() ?? [];
  }

  /** Something about the wires is another now. */
  changed(): void {
    if (this.#report !== undefined || this.#stopped) return;
    this.#report = this.#clock.after(reportMs, () => {
      this.#report = undefined;
      this.#options.context.report(this.state());
    });
  }

  async act(act: Act): Promise<ActOutcome> {
    const station = this.#stations.get(act.device);
    if (station?.polled.act === undefined)
      return refusedAct('no-commands', '这台设备没有可执行的命令。', 'This device takes no commands.');
    if (station.commands >= mostCommands)
      return refusedAct(
        'too-many',
        '这台设备还有许多命令在排队，请稍后再试。',
        'Many commands wait for this device already. Try again later.',
      );
    station.commands += 1;
    // One command of several requests must not be mixed with another on the same device.
    const mine = station.command.then(() => this.#carryOut(station, act)).catch((error: unknown) => this.#broke(act, error));
    station.command = mine;
    const outcome = await mine;
    station.commands -= 1;
    return outcome;
  }

  async #carryOut({ polled, slave, cycles }: Station<A>, act: Act): Promise<ActOutcome> {
    const read = polled.act?.(act);
    if (read === undefined || 'refused' in read) {
      const why = read?.refused ?? { code: 'no-commands', zh: '没有命令。', en: 'No commands.' };
      return { state: 'refused', ...why };
    }
    const clock = this.#clock;
    const heard = (at: number) => {
      if (slave.heard(at, clock.mono())) this.changed();
    };
    const outcome = await carryOut({ slave, read, deadlineMono: act.deadlineMono, clock, heard });
    this.#options.counters.commands += 1;
    const shown = shownBy(act.spec, act.args)?.point;
    // Whether it was done is seen at once, and not when its slow group is next read.
    if (shown !== undefined && !this.#stopped)
      for (const { points, cycle } of cycles) if (points.includes(shown)) this.#schedule.hasten(cycle);
    return outcome;
  }

  /** A command that breaks its dialect must not hold up those behind it. */
  #broke({ id, device, command }: Act, error: unknown): ActOutcome {
    this.#options.context.log.error({ err: error, id, device, command }, 'a command broke its dialect');
    return {
      state: 'unknown',
      code: 'broken',
      zh: `这条命令让程序出错（${String(error)}），可能没有执行。请查看设备状态，并把日志发给开发者。`,
      en: `This command broke the program (${String(error)}) and was perhaps not carried out. Look at the device, and send the log to the developers.`,
    };
  }

  /** A budget for each bus that several slaves share. */
  #budgets(): Map<Bus<A>, ProbeBudget> {
    const seen = new Set<Bus<A>>();
    const budgets = new Map<Bus<A>, ProbeBudget>();
    for (const { bus } of this.#options.devices) {
      if (seen.has(bus) && !budgets.has(bus)) budgets.set(bus, new ProbeBudget(this.#clock.mono()));
      seen.add(bus);
    }
    return budgets;
  }

  /** `share` 0…1 of the period: where in it this device has its place. */
  #addDevice(polled: Polled<A>, budget: ProbeBudget | undefined, share: number): void {
    const { id, profile, tell } = polled;
    const slave = new Slave<A>({ ...polled, budget, needsInit: tell.length > 0 });
    const apart = apartOf(this.#options.context.kept, id, profile);
    const station: Station<A> = { polled, slave, cycles: [], apart, command: Promise.resolve(), commands: 0 };
    this.#stations.set(id, station);
    for (const poll of polled.polls) this.#addCycle(station, poll, share);
  }

  #addCycle(station: Station<A>, { everyMs, points, reads }: Poll<A>, share: number): void {
    const { slave, polled, apart } = station;
    const now = this.#clock.mono();
    const cycle = new Cycle<A>(
      {
        slave,
        reads,
        apart,
        tell: polled.tell,
        everyMs,
        clock: this.#clock,
        counters: this.#options.counters,
        hasRoom: () => this.#deliveries < this.#mostDeliveries,
        deliver: (frames, fresh) => this.#deliver(station, frames, fresh),
        changed: () => this.changed(),
        toldRefused: (detail) =>
          this.#options.context.log.warn({ device: slave.id, detail }, 'the device did not take what it is told at a connect'),
      },
      now + share * Math.min(everyMs, firstPollMs),
      now + share * everyMs,
    );
    station.cycles.push({ points, cycle });
    this.#schedule.add(cycle);
  }

  async #deliver({ polled, apart }: Station<A>, frames: readonly Frame[], fresh: readonly string[]): Promise<void> {
    if (this.#stopped || frames.length === 0) return;
    for (const key of fresh) apart.add(key);
    this.#deliveries += 1;
    try {
      await (fresh.length === 0
        ? this.#options.context.emit(frames)
        : this.#options.context.emit(frames, keepApart(polled.id, polled.profile, apart)));
    } catch (error) {
      // Not kept: the values are read again next period; a poll has nobody to be told.
      this.#options.counters.emit_failures += 1;
      this.#options.context.log.warn({ error, device: polled.id }, 'frames of a poll were not kept');
    }
    this.#deliveries -= 1;
    if (this.#deliveries === 0) this.#idle?.();
  }
}

function refusedAct(code: string, zh: string, en: string): ActOutcome {
  return { state: 'refused', code, zh, en };
}
