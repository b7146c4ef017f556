import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { DeviceEvent } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import type { SiteProfile } from '@yihu/device-profiles/vocabulary/site-profile.ts';
import type { Clock, Timer } from './clock.ts';
import type { Keep } from './collect/driver.ts';
import type { Decoder } from './decode/decode.ts';
import { type Evaluated, evaluate, tick } from './evaluate/evaluate.ts';
import type { RuleSet } from './evaluate/rules.ts';
import type { DeviceState } from './evaluate/state.ts';
import type { Moment } from './evaluate/step.ts';
import { type Group, byDevice, emptyGroup, isEmpty } from './group.ts';
import { type Trouble, hear } from './hear.ts';
import { limits } from './limits.ts';
import { deviceKey, inventoryKey, restore, retireRemoved, runningBase, runningClockKey } from './restore.ts';
import { type Log, StoreError } from './store/log.ts';

/**
 * The path on one screen: frame → decode → evaluate → store. A device is acked, and rule state moves on, only when the
 * group its frame belongs to is on disk. One group is being committed while the next one fills; if a commit fails,
 * everything evaluated on top of it is given back to the drivers as "not kept", and rule state stays where the disk is.
 */
export interface Pipeline {
  /** Resolves when all frames and what is to be kept with them are on disk; rejects with StoreError when none of it is. */
  emit(frames: readonly Frame[], keep?: Keep): Promise<void>;
  counters(): Readonly<Record<string, number>>;
  /** Devices as rules see them, for `status` and the local page. */
  device(id: string): DeviceState | undefined;
  /** Set while the disk takes nothing: since when (monotonic ms), and why. */
  trouble(): { readonly sinceMono: number; readonly error: unknown } | null;
  /** Commits what is waiting and stops the clockwork. */
  stop(): Promise<void>;
}

export interface PipelineDevice {
  readonly id: string;
  readonly profile: string;
  readonly decoder: Decoder;
  readonly rules: RuleSet;
}

export interface PipelineOptions {
  readonly log: Log;
  readonly devices: readonly PipelineDevice[];
  readonly inventory: readonly SiteDevice[];
  /** Hash of the inventory; a new one is told to the cloud. */
  readonly inventoryHash: string;
  readonly inventoryProfiles?: readonly SiteProfile[];
  readonly clock: Clock;
  /** Told of what was refused by a decoder and of commits that failed. */
  readonly onTrouble: (trouble: { device?: string; zh: string; en: string; error?: unknown }) => void;
}

export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const saved = await options.log.loadState();
  const pipeline = new RunningPipeline(options, saved);
  await pipeline.begin(saved);
  return pipeline;
}

class RunningPipeline implements Pipeline {
  readonly #options: PipelineOptions;
  readonly #devices = new Map<string, PipelineDevice>();
  /** Rule state as the disk has it. */
  readonly #kept = new Map<string, DeviceState>();
  /** Rule state as it will be when everything under way is on disk. */
  readonly #ahead = new Map<string, DeviceState>();
  readonly #due = new Map<string, number>();
  readonly #startMono: number;
  readonly #runningBase: number;
  #group = emptyGroup();
  #timer: { handle: Timer; atMono: number } | null = null;
  #ticker: Timer | null = null;
  #committing: Promise<void> | null = null;
  #pendingFrames = 0;
  #stopped = false;
  #trouble: { sinceMono: number; error: unknown } | null = null;
  readonly #counters = {
    frames: 0,
    readings: 0,
    events: 0,
    transitions: 0,
    refused: 0,
    unknown_device: 0,
    commits: 0,
    commit_failures: 0,
    overloaded: 0,
  };

  constructor(options: PipelineOptions, saved: ReadonlyMap<string, string>) {
    this.#options = options;
    this.#startMono = options.clock.mono();
    this.#runningBase = runningBase(saved);
    for (const device of options.devices) this.#devices.set(device.id, device);
  }

  /** The running clock goes on across restarts from the last commit; see `evaluate/state.ts`. */
  #moment(at = this.#options.clock.now()): Moment {
    return { at, mono: this.#runningBase + (this.#options.clock.mono() - this.#startMono) };
  }

  async begin(saved: ReadonlyMap<string, string>): Promise<void> {
    const moment = this.#moment();
    this.#retireRemoved(saved, moment);
    const { inventory, inventoryHash, inventoryProfiles: profiles } = this.#options;
    if (saved.get(inventoryKey) !== inventoryHash) {
      this.#group.alarm.push({
        kind: 'site',
        at: moment.at,
        hash: inventoryHash,
        devices: [...inventory],
        ...(profiles ? { profiles: [...profiles] } : {}),
      });
      this.#group.state.set(inventoryKey, inventoryHash);
    }
    for (const device of this.#devices.values()) this.#restore(device, saved, moment);
    await this.#flushAll();
    if (this.#trouble) throw this.#trouble.error;
    this.#scheduleTick();
  }

  #retireRemoved(saved: ReadonlyMap<string, string>, moment: Moment): void {
    const { alarm, state } = retireRemoved(saved, this.#devices, moment);
    this.#group.alarm.push(...alarm);
    for (const [key, json] of state) this.#group.state.set(key, json);
  }

  #restore(device: PipelineDevice, saved: ReadonlyMap<string, string>, moment: Moment): void {
    const { before, result, state, lost } = restore(device, saved, moment);
    this.#kept.set(device.id, before);
    for (const [key, json] of state) this.#group.state.set(key, json);
    if (lost) this.#group.state.set(deviceKey(device.id), JSON.stringify(before.saved));
    this.#take(device, result, [], moment.at);
    if (!lost) return;
    this.#options.onTrouble({
      device: device.id,
      zh: `设备 ${device.id} 保存的告警状态读不出来，已重新开始判警；请在云端核对它未恢复的告警。`,
      en: `The saved alarm state of device ${device.id} cannot be read and begins anew; check its open alarms in the cloud.`,
    });
  }

  emit(frames: readonly Frame[], keep: Keep = []): Promise<void> {
    if (this.#stopped) return Promise.reject(new StoreError('closed', 'the gateway is stopping'));
    if (this.#pendingFrames + frames.length > limits.pendingFrames) {
      this.#counters.overloaded += frames.length;
      return Promise.reject(new StoreError('overloaded', `more than ${limits.pendingFrames} frames wait for the disk`));
    }
    const before = this.#group.alarm.length;
    for (const [id, own] of byDevice(frames)) this.#accept(id, own);
    for (const [key, json] of keep) this.#group.state.set(key, json);
    const holdsNothing = this.#group.alarm.length === 0 && this.#group.telemetry.length === 0;
    if (holdsNothing && keep.length === 0) return Promise.resolve();
    this.#group.frames += frames.length;
    this.#pendingFrames += frames.length;
    const kept = new Promise<void>((resolve, reject) => this.#group.waiters.push({ resolve, reject }));
    const urgent = this.#group.alarm.length > before || this.#group.telemetry.length >= limits.groupRecords;
    if (urgent) this.#flush();
    else this.#flushWithin(frames.some((frame) => frame.body.kind === 'message') ? limits.ackGroupMs : limits.groupMs);
    return kept;
  }

  #accept(id: string, frames: readonly Frame[]): void {
    this.#counters.frames += frames.length;
    const device = this.#devices.get(id);
    if (!device) return void (this.#counters.unknown_device += frames.length);
    const { readings, events, will, missed } = hear(device.decoder, frames, (trouble) => this.#refused(id, trouble));
    const at = frames.at(-1)?.at ?? this.#options.clock.now();
    this.#counters.readings += readings.length;
    this.#counters.events += events.length;
    for (let i = 0; i < readings.length; i += limits.recordReadings) {
      const part = readings.slice(i, i + limits.recordReadings);
      this.#group.telemetry.push({ kind: 'readings', device: id, profile: device.profile, at, readings: part });
    }
    const state = this.#stateOf(id);
    this.#take(device, evaluate(device.rules, state, { readings, events, will, missed }, this.#moment(at)), events, at);
  }

  #refused(device: string, trouble: Trouble): void {
    this.#counters.refused++;
    this.#options.onTrouble({ device, ...trouble });
  }

  #stateOf(id: string): DeviceState {
    const state = this.#ahead.get(id) ?? this.#kept.get(id);
    if (!state) throw new Error(`device ${id} has no state`);
    return state;
  }

  #take(device: PipelineDevice, result: Evaluated, events: readonly DeviceEvent[], at: number): void {
    this.#ahead.set(device.id, result.state);
    this.#group.moved.set(device.id, result.state);
    if (result.dueMs === null) this.#due.delete(device.id);
    else this.#due.set(device.id, result.dueMs);
    if (result.moved) this.#group.state.set(deviceKey(device.id), JSON.stringify(result.state.saved));
    this.#counters.transitions += result.transitions.length;
    if (events.length === 0 && result.transitions.length === 0 && !result.availability) return;
    this.#group.alarm.push({
      kind: 'alarm',
      device: device.id,
      profile: device.profile,
      at,
      events: [...events],
      transitions: [...result.transitions],
      ...(result.availability ? { availability: result.availability } : {}),
    });
  }

  #flushWithin(ms: number): void {
    const atMono = this.#options.clock.mono() + ms;
    if (this.#timer && this.#timer.atMono <= atMono) return;
    this.#timer?.handle.cancel();
    this.#timer = { atMono, handle: this.#options.clock.after(ms, () => this.#flush()) };
  }

  #flush(): void {
    this.#timer?.handle.cancel();
    this.#timer = null;
    if (this.#committing || isEmpty(this.#group)) return;
    const group = this.#group;
    this.#group = emptyGroup();
    this.#committing = this.#commit(group).then(() => {
      this.#committing = null;
      // What gathered meanwhile has waited long enough already.
      if (!isEmpty(this.#group)) this.#flush();
      return undefined;
    });
  }

  async #commit(group: Group): Promise<void> {
    const state: [string, string | null][] = [...group.state];
    if (state.length > 0) state.push([runningClockKey, String(Math.round(this.#moment().mono))]);
    try {
      await this.#options.log.append({ alarm: group.alarm, telemetry: group.telemetry, state });
      this.#counters.commits++;
      this.#trouble = null;
      for (const [id, kept] of group.moved) {
        this.#kept.set(id, kept);
        if (this.#ahead.get(id) === kept) this.#ahead.delete(id);
      }
      this.#settle(group, (waiter) => waiter.resolve());
    } catch (error) {
      this.#giveBack(group, error);
    }
  }

  #giveBack(group: Group, error: unknown): void {
    this.#counters.commit_failures++;
    this.#trouble = { sinceMono: this.#trouble?.sinceMono ?? this.#options.clock.mono(), error };
    this.#options.onTrouble({
      zh: '数据没有写进磁盘，设备会重发；请检查磁盘空间和存储目录。',
      en: 'The data could not be kept on disk, devices will send again; check the disk space and the store folder.',
      error,
    });
    const onTop = this.#group;
    this.#group = emptyGroup();
    // That a device spoke remains true though its words were not kept: a full disk does not make it silent.
    for (const [id, ahead] of this.#ahead) this.#kept.set(id, { ...ahead, saved: this.#stored(id) });
    this.#ahead.clear();
    // Rule state is back where the disk is: let the next tick look at every device again.
    for (const id of this.#kept.keys()) this.#due.set(id, 0);
    for (const failed of [group, onTop]) this.#settle(failed, (waiter) => waiter.reject(error));
  }

  #stored(id: string): DeviceState['saved'] {
    const kept = this.#kept.get(id);
    if (!kept) throw new Error(`device ${id} has no state`);
    return kept.saved;
  }

  #settle(group: Group, how: (waiter: Group['waiters'][number]) => void): void {
    this.#pendingFrames -= group.frames;
    for (const waiter of group.waiters) how(waiter);
  }

  async #flushAll(): Promise<void> {
    while (this.#committing || !isEmpty(this.#group)) {
      this.#flush();
      await this.#committing;
    }
  }

  #scheduleTick(): void {
    this.#ticker = this.#options.clock.after(limits.tickMs, () => {
      this.#tick();
      if (!this.#stopped) this.#scheduleTick();
    });
  }

  #tick(): void {
    const moment = this.#moment();
    for (const [id, due] of this.#due) {
      if (due > moment.mono) continue;
      const device = this.#devices.get(id);
      if (device) this.#take(device, tick(device.rules, this.#stateOf(id), moment), [], moment.at);
    }
    if (!isEmpty(this.#group)) this.#flush();
  }

  device(id: string): DeviceState | undefined {
    return this.#ahead.get(id) ?? this.#kept.get(id);
  }

  trouble(): { sinceMono: number; error: unknown } | null {
    return this.#trouble;
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#counters, pending_frames: this.#pendingFrames };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ticker?.cancel();
    await this.#flushAll();
  }
}
