import { modbusOf } from '@yihu/device-profiles/protocols/modbus.ts';
import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Timer } from '../../clock.ts';
import type { BoundDevice, DriverContext, PortState } from '../driver.ts';
import { ProbeBudget } from './breaker.ts';
import { openBuses, type Buses } from './buses.ts';
import { newCounters } from './counters.ts';
import { Cycle } from './cycle.ts';
import type { Bus } from './outcome.ts';
import { planGroup } from './planner.ts';
import { Schedule } from './schedule.ts';
import type { ModbusAddress, ModbusPort } from './settings.ts';
import { Slave } from './slave.ts';

/** Cycles whose frames are not yet kept, at most; with more devices, one per device. */
const deliveriesAtLeast = 64;
/** A new device is asked within this time, however long its period. */
const firstPollMs = 5_000;
/** The state is told at most this often. */
const reportMs = 500;

type Context = DriverContext<ModbusPort, ModbusAddress>;

/** One port at work: its buses, its slaves, and a cycle for each group of each device. */
export class Poller {
  readonly counters = newCounters();
  readonly #context: Context;
  readonly #buses: Buses;
  readonly #schedule: Schedule;
  readonly #slaves: Slave[] = [];
  readonly #mostDeliveries: number;
  #deliveries = 0;
  #idle: (() => void) | undefined;
  #report: Timer | undefined;
  #stopped = false;

  constructor(context: Context) {
    this.#context = context;
    this.#buses = openBuses(context, this.counters);
    this.#schedule = new Schedule(context.clock);
    this.#mostDeliveries = Math.max(deliveriesAtLeast, context.devices.length);
    this.#addDevices();
  }

  start(): void {
    this.#context.report(this.state());
    this.#schedule.start();
  }

  /** Resolves when what was handed on is settled and every socket is let go. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#schedule.stop();
    this.#report?.cancel();
    const closed = this.#buses.stop();
    if (this.#deliveries > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    await closed;
  }

  state(): PortState {
    const devices = Object.fromEntries(this.#slaves.map((slave) => [slave.id, slave.state()]));
    if (this.#stopped) return { wire: 'down', reason: { zh: '端口已停止。', en: 'The port was stopped.' }, devices };
    const { wire, reason } = this.#buses.state();
    return reason === undefined ? { wire, devices } : { wire, reason, devices };
  }

  #addDevices(): void {
    const { devices } = this.#context;
    const budgets = this.#budgets();
    let lineShare = 0;
    devices.forEach((device, index) => {
      const bus = this.#buses.of(device.address);
      lineShare += this.#addDevice(device, this.#slaveOf(device, bus, budgets.get(bus)), index / devices.length);
    });
    if (lineShare > 1) {
      const percent = Math.round(lineShare * 100);
      this.#context.log.warn(
        { port: this.#context.id, percent },
        'the polls of this line need more time than there is; some are skipped',
      );
    }
  }

  /** A budget for each bus that several slaves share. */
  #budgets(): Map<Bus, ProbeBudget> {
    const seen = new Set<Bus>();
    const budgets = new Map<Bus, ProbeBudget>();
    for (const { address } of this.#context.devices) {
      const bus = this.#buses.of(address);
      if (seen.has(bus) && !budgets.has(bus)) budgets.set(bus, new ProbeBudget(this.#context.clock.mono()));
      seen.add(bus);
    }
    return budgets;
  }

  #slaveOf(device: BoundDevice<ModbusAddress>, bus: Bus, budget: ProbeBudget | undefined): Slave {
    const { timing } = modbusOf(device.profile);
    const slave = new Slave({
      id: device.id,
      unit: device.address.unit,
      bus,
      budget,
      timeoutMs: this.#context.port.timeoutMs ?? timing.timeout,
      retries: timing.retries,
      gapMs: timing.gap,
    });
    this.#slaves.push(slave);
    return slave;
  }

  /** `share` 0…1 of the period: where in it this device has its place. Returns the part of the line's time it needs. */
  #addDevice(device: BoundDevice<ModbusAddress>, slave: Slave, share: number): number {
    const { clock } = this.#context;
    const now = clock.mono();
    let lineShare = 0;
    for (const [group, { every }] of Object.entries(device.profile.groups)) {
      const plan = planGroup(device.profile, group, this.#buses.line);
      lineShare += plan.lineTimeMs / every;
      const cycle = new Cycle(
        {
          slave,
          plan,
          everyMs: every,
          clock,
          counters: this.counters,
          hasRoom: () => this.#deliveries < this.#mostDeliveries,
          deliver: (frames) => this.#deliver(frames),
          changed: () => this.#changed(),
        },
        now + share * Math.min(every, firstPollMs),
        now + share * every,
      );
      this.#schedule.add(cycle);
    }
    return lineShare;
  }

  async #deliver(frames: readonly Frame[]): Promise<void> {
    if (this.#stopped || frames.length === 0) return;
    this.#deliveries += 1;
    try {
      await this.#context.emit(frames);
    } catch (error) {
      // Not kept: the values are read again next period; a poll has nobody to be told.
      this.counters.emit_failures += 1;
      this.#context.log.warn({ error, device: frames[0]?.device }, 'frames of a poll were not kept');
    }
    this.#deliveries -= 1;
    if (this.#deliveries === 0) this.#idle?.();
  }

  #changed(): void {
    if (this.#report !== undefined || this.#stopped) return;
    this.#report = this.#context.clock.after(reportMs, () => {
      this.#report = undefined;
      this.#context.report(this.state());
    });
  }
}
