import type { Cursor } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { SpokenWord } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { Clock } from '../../gateway/clock.ts';
import type { LinkEvents, openLink } from '../../gateway/uplink/link.ts';
import { HandClock, settle } from '../hand-clock.ts';
import { SimulatedCloud } from './cloud.ts';
import { Device } from './device.ts';
import { SimulatedGateway } from './gateway.ts';
import { violations } from './invariants.ts';
import type { Mutant } from './mutants.ts';
import { type Fault, type Schedule, scheduleOf } from './schedule.ts';
import { type Seeded, seeded } from './seeded.ts';

export interface Outcome {
  readonly seed: number;
  readonly schedule: Schedule;
  readonly violations: readonly string[];
  readonly acked: number;
  readonly transitions: number;
  /** Same seed, same fingerprint: the simulation is deterministic. */
  readonly fingerprint: string;
}

const healMs = 90_000;

/** One wire between gateway and cloud: TCP's order unless the schedule says a cluster is in between. */
class Wire {
  cut = false;
  blackHole = false;
  readonly #clock: HandClock;
  readonly #random: Seeded;
  readonly #schedule: Schedule;
  #events: LinkEvents | null = null;
  #session = 0;
  #inOrderAt = 0;
  cloud: SimulatedCloud | null = null;

  constructor(clock: HandClock, random: Seeded, schedule: Schedule) {
    this.#clock = clock;
    this.#random = random;
    this.#schedule = schedule;
  }

  readonly open: typeof openLink = (_gateway, _connect, events) => {
    const session = ++this.#session;
    const mine = () => session === this.#session;
    this.#later(() => {
      if (!mine()) return;
      if (this.cut || this.blackHole || !this.cloud?.accept) return events.closed(new Error('ECONNREFUSED'));
      this.#events = events;
      events.opened();
    });
    return {
      publish: (word, payload) => {
        const copies = word === 'up' && this.#random.chance(this.#schedule.doubled) ? 2 : 1;
        for (let i = 0; i < copies; i++) this.#later(() => mine() && this.#deliver(word as SpokenWord, payload));
      },
      end: () => {
        if (!mine()) return;
        this.#events = null;
        this.#session++;
        this.cloud?.accept?.ended('gw');
        events.closed(undefined);
      },
    };
  };

  /** The connection is gone and both ends know. */
  drop(): void {
    const events = this.#events;
    this.#events = null;
    this.#session++;
    this.cloud?.accept?.ended('gw');
    events?.closed(new Error('ECONNRESET'));
  }

  readonly reply = (cursor: Cursor): void => {
    const session = this.#session;
    this.#later(() => {
      if (session === this.#session && !this.blackHole) this.#events?.message('cursor', Buffer.from(JSON.stringify(cursor)));
    });
  };

  #deliver(word: SpokenWord, payload: Buffer | string): void {
    if (this.blackHole) return;
    const verdict = this.cloud?.accept?.receive('gw', word, Buffer.from(payload as string));
    if (verdict === 'malformed') this.drop();
  }

  #later(run: () => void): void {
    const delay = this.#random.whole(1, this.#schedule.netMs);
    const at = this.#clock.mono() + delay;
    if (this.#random.chance(this.#schedule.reordered)) return void this.#clock.after(delay * 3, run);
    this.#inOrderAt = Math.max(this.#inOrderAt, at);
    this.#clock.after(this.#inOrderAt - this.#clock.mono(), run);
  }
}

/** Full within seconds; a gateway without the bug loses nothing on it. */
const fullLogBytes = 20 * 1024;

/** Runs one seed: a community under faults, then 90 s of peace, then the invariants. */
export async function runSeed(seed: number, mutant: Mutant | null = null): Promise<Outcome> {
  const random = seeded(seed);
  const drawn = scheduleOf(seed, random);
  const schedule = mutant?.onSmallLog ? { ...drawn, logBytes: fullLogBytes } : drawn;
  const clock = new HandClock();
  const wire = new Wire(clock, random, schedule);
  const cloud = new SimulatedCloud(schedule, steady(clock), random, mutant, wire.reply);
  wire.cloud = cloud;
  const gateway = new SimulatedGateway(schedule, clock, random, mutant, wire.open);
  const devices = Array.from(
    { length: schedule.devices },
    (_, i) => new Device(`d${i}`, clock, random, (frame) => gateway.emit(frame)),
  );
  cloud.start();
  void gateway.start();
  for (const device of devices) device.start(schedule.everyMs);
  for (const fault of schedule.faults) clock.after(fault.at, () => inject(fault, { clock, wire, cloud, gateway }));
  await clock.advance(schedule.runMs);
  for (const device of devices) device.stop();
  Object.assign(wire, { cut: false, blackHole: false });
  gateway.rows.refuses = null;
  await clock.advance(healMs);
  await settle();
  const found = await violations({ gateway, cloud, devices, schedule });
  const acked = devices.reduce((sum, device) => sum + device.acked.size, 0);
  const fingerprint = JSON.stringify([
    acked,
    cloud.records.cursor,
    cloud.records.occurrences,
    cloud.records.entries.alarm.length,
  ]);
  gateway.kill();
  cloud.kill();
  return { seed, schedule, violations: found, acked, transitions: cloud.records.occurrences + cloud.records.clears, fingerprint };
}

/** The cloud has a clock of its own that does not jump with the gateway's. */
function steady(clock: HandClock): Clock {
  const start = clock.now();
  return {
    now: () => start + clock.mono(),
    mono: () => clock.mono(),
    after: (ms, run) => clock.after(ms, run),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}

interface Parts {
  readonly clock: HandClock;
  readonly wire: Wire;
  readonly cloud: SimulatedCloud;
  readonly gateway: SimulatedGateway;
}

function inject(fault: Fault, { clock, wire, cloud, gateway }: Parts): void {
  const killGateway = (downMs: number) => {
    gateway.kill();
    wire.drop();
    clock.after(downMs, () => void (gateway.up || gateway.start()));
  };
  const killCloud = (downMs: number) => {
    cloud.kill();
    wire.drop();
    clock.after(downMs, () => void (cloud.accept || cloud.start()));
  };
  switch (fault.do) {
    case 'kill-gateway':
      return killGateway(fault.downMs);
    case 'kill-gateway-in-commit':
      return void (gateway.onCommitted = () => killGateway(fault.downMs));
    case 'kill-cloud-in-commit':
      return void (cloud.onCommitted = () => killCloud(fault.downMs));
    case 'stop-gateway':
      return void gateway.stop().then(() => clock.after(fault.downMs, () => void (gateway.up || gateway.start())));
    case 'kill-cloud':
      return killCloud(fault.downMs);
    case 'cut':
      wire.cut = true;
      wire.drop();
      return void clock.after(fault.forMs, () => (wire.cut = false));
    case 'black-hole':
      wire.blackHole = true;
      return void clock.after(fault.forMs, () => (wire.blackHole = false));
    case 'disk-refuses':
      gateway.rows.refuses = 'disk-full';
      return void clock.after(fault.forMs, () => (gateway.rows.refuses = null));
    case 'wall-step':
      return clock.stepWall(fault.ms);
    case 'restore-cloud': {
      const was = cloud.accept !== null;
      cloud.kill();
      wire.drop();
      cloud.restore(fault.back);
      if (was) cloud.start();
      return undefined;
    }
  }
}
