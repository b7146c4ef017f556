import type { Frame, FrameChild } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Availability } from '@yihu/device-profiles/vocabulary/transition.ts';
import type { Linkage } from './act/linkage.ts';
import type { DeviceFacts, When } from './act/rule.ts';
import { type Clock, type Stamp, type Stamps, type Timer, plainStamps } from './clock.ts';
import type { Keep } from './collect/driver.ts';
import { Commits } from './commits.ts';
import type { DeviceSlot, PipelineDevice } from './device-slot.ts';
import { type Evaluated, evaluate, tick } from './evaluate/evaluate.ts';
import { followParent } from './evaluate/reconcile.ts';
import type { DeviceState } from './evaluate/state.ts';
import type { Moment } from './evaluate/step.ts';
import { type Group, byDevice, isEmpty } from './group.ts';
import { type Trouble, hear, inTime, unskewed } from './hear.ts';
import { limits } from './limits.ts';
import { type Opening, type Site, inventoryOf, lostSentence, opening } from './opening.ts';
import { partKey, splitParts } from './parts.ts';
import { inParts, timeOf } from './record-parts.ts';
import { deviceKey, runningBase } from './restore.ts';
import { type DeviceNow, Slots, type Standing } from './slots.ts';
import { saidKey } from './said-before.ts';
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
  /** Records of the gateway itself for the alarm lane, behind what is under way. Resolves when on disk. */
  record(records: readonly LogRecord[], keep: Keep): Promise<void>;
  /** The last reading of a point, recorded or not. */
  current(device: string, point: string): Reading | undefined;
  /** What linkage asks of a part of a device. */
  part(id: string): DeviceFacts | undefined;
  /** Whether an alarm is active of which a linkage rule speaks. */
  isAnyActive(facts: (device: string) => DeviceFacts | undefined, when: When): boolean;
  /** 当前值: every device as it was last heard, also where nothing of it was worth a record. */
  snapshot(): DeviceNow[];
  standing(): Standing[];
  /** Set while the disk takes nothing: since when (monotonic ms), and why. */
  trouble(): { readonly sinceMono: number; readonly error: unknown } | null;
  /**
   * Takes up another site while it runs. Devices that are the same object as before go on; those that changed begin with
   * the rule state they had, as after a restart; those that are gone let go of their alarms. `held` are on their way out or
   * in: they are not missed. Resolves when it is on disk. @throws StoreError: then nothing is changed.
   */
  change(site: Site, held: ReadonlySet<string>): Promise<void>;
  /** Commits what is waiting and stops the clockwork. */
  stop(): Promise<void>;
}

export interface PipelineOptions extends Site {
  readonly log: Log;
  readonly clock: Clock;
  /** Times of records, where the clock may not be trusted yet. */
  readonly stamps?: Stamps;
  /** What is committed beside each group; `moved`: it holds state anyway. */
  readonly alsoKeep?: (moved: boolean) => Keep;
  /** What alarms set off is committed with them, and begins when they are on disk. */
  readonly linkage?: Pick<Linkage, 'plan' | 'keyOf' | 'start'>;
  /** Told of everything that is heard, before it is on disk. */
  readonly onHeard?: (device: string, readings: readonly Reading[]) => void;
  /** What is to be kept in the same commit as this record of the alarm lane. Pure. */
  readonly besides?: (record: LogRecord) => readonly (readonly [key: string, json: string])[];
  /** These records of the alarm lane are on disk. */
  readonly onKept?: (alarm: readonly LogRecord[]) => void;
  /** Told of what was refused by a decoder and of commits that failed. */
  readonly onTrouble: (trouble: { device?: string; zh: string; en: string; error?: unknown }) => void;
}

export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const saved = await options.log.loadState();
  const pipeline = new RunningPipeline(options, saved);
  await pipeline.begin(saved);
  return pipeline;
}

/** When something is decided. */
type Now = Moment & Stamp;

class RunningPipeline implements Pipeline {
  readonly #options: PipelineOptions;
  #site: Site;
  #held: ReadonlySet<string> = new Set();
  readonly #slots = new Slots();
  readonly #commits: Commits;
  readonly #stamps: Stamps;
  readonly #startMono: number;
  readonly #runningBase: number;
  #ticker: Timer | null = null;
  #stopped = false;
  readonly #counters = { frames: 0, readings: 0, held_back: 0, events: 0, transitions: 0, refused: 0, unknown_device: 0 };

  constructor(options: PipelineOptions, saved: ReadonlyMap<string, string>) {
    this.#options = options;
    this.#site = options;
    this.#stamps = options.stamps ?? plainStamps(options.clock);
    this.#startMono = options.clock.mono();
    this.#runningBase = runningBase(saved);
    this.#commits = new Commits({
      log: options.log,
      clock: options.clock,
      runningMs: () => this.#moment().mono,
      alsoKeep: options.alsoKeep ?? (() => []),
      onKept: (group) => this.#kept(group),
      onGivenBack: (error) => this.#givenBack(error),
    });
  }

  get #group(): Group {
    return this.#commits.group;
  }

  /** The running clock goes on across restarts from the last commit; see `evaluate/state.ts`. */
  #moment(stamp = this.#stamps.stamp()): Now {
    return { ...stamp, mono: this.#runningBase + (this.#options.clock.mono() - this.#startMono) };
  }

  async begin(saved: ReadonlyMap<string, string>): Promise<void> {
    const moment = this.#moment();
    const opened = opening(this.#site, saved, moment);
    for (const { slot } of opened.devices) this.#slots.add(slot);
    this.#enter(opened, moment);
    await this.#commits.flushAll();
    if (this.#commits.trouble) throw this.#commits.trouble.error;
    this.#scheduleTick();
  }

  #enter({ records, state, devices }: Opening, moment: Now): void {
    this.#group.alarm.push(...records.map((record) => ({ ...record, ...timeOf(moment) })));
    for (const [key, json] of state) this.#group.state.set(key, json);
    for (const { slot, result, lost } of devices) {
      this.#take(slot, result, moment);
      if (lost) this.#options.onTrouble(lostSentence(slot.device.id));
    }
  }

  async change(site: Site, held: ReadonlySet<string>): Promise<void> {
    await this.#commits.flushAll();
    const kept = await this.#options.log.loadState();
    // From here to the wait nothing else has its turn.
    const moment = this.#moment();
    const saved = new Map([...kept, ...this.#slots.saved()]);
    const opened = opening(
      site,
      saved,
      moment,
      (device) => this.#slots.get(device.id)?.device === device && !this.#held.has(device.id),
    );
    const before = { site: this.#site, held: this.#held };
    const fresh = opened.devices.map(({ slot }) => slot);
    const slots = this.#slots.change(opened.ids, fresh);
    for (const old of slots) this.#slots.get(old.device.id)?.inherit(old);
    [this.#site, this.#held] = [site, held];
    this.#enter(opened, moment);
    if (isEmpty(this.#group)) return;
    try {
      await this.#commits.wait({ devices: [], frames: 0, keeps: true, isUrgent: true, withinMs: 0 });
    } catch (error) {
      ({ site: this.#site, held: this.#held } = before);
      this.#slots.put(slots);
      this.#slots.giveBack();
      throw error;
    }
  }

  record(records: readonly LogRecord[], keep: Keep): Promise<void> {
    if (records.length + keep.length === 0) return Promise.resolve();
    this.#group.alarm.push(...records);
    for (const [key, json] of keep) this.#group.state.set(key, json);
    return this.#commits.wait({ devices: [], frames: 0, keeps: true, isUrgent: true, withinMs: 0 });
  }

  async emit(frames: readonly Frame[], keep: Keep = []): Promise<void> {
    if (this.#stopped) throw new StoreError('closed', 'the gateway is stopping');
    this.#commits.admit(frames.length);
    const before = this.#group.alarm.length;
    const touched = new Set<string>();
    for (const [id, own] of byDevice(frames)) this.#accept(id, own, touched);
    for (const [key, json] of keep) this.#group.state.set(key, json);
    const isMessage = frames.some((frame) => frame.body.kind === 'message');
    return this.#commits.wait({
      devices: [...touched],
      frames: frames.length,
      keeps: keep.length > 0,
      isUrgent: this.#group.alarm.length > before,
      withinMs: isMessage ? limits.ackGroupMs : limits.groupMs,
    });
  }

  #accept(id: string, given: readonly Frame[], touched: Set<string>): void {
    this.#counters.frames += given.length;
    const slot = this.#slots.get(id);
    if (!slot) return void (this.#counters.unknown_device += given.length);
    const { frames, stamp } = inTime(given, this.#stamps);
    touched.add(id);
    const { parts } = slot.device;
    if (!parts) return this.#hear(slot, frames, stamp);
    const split = splitParts(parts, frames, (trouble) => this.#refused(id, trouble));
    // That it speaks of its parts is a sign of life of its own.
    this.#hear(slot, split.own, stamp);
    for (const { child, frames: own } of split.parts.values()) {
      const part = this.#partOf(slot.device, child, this.#moment(stamp));
      if (!part) continue;
      touched.add(part.device.id);
      this.#hear(part, own, stamp);
    }
  }

  /** The part that is spoken of; one that is new, or another than it was, is told to the cloud in front of what it says. */
  #partOf(parent: PipelineDevice, child: FrameChild, moment: Now): DeviceSlot | null {
    const found = this.#slots.part(parent, child, moment);
    if ('unknown' in found) {
      this.#refused(parent.id, found.unknown);
      return null;
    }
    const { slot, result, isNews } = found;
    if (!isNews) return slot;
    const { id } = slot.device;
    const { inventoryHash: hash } = this.#site;
    this.#group.alarm.push({ kind: 'site', ...timeOf(moment), hash, partial: true, devices: [inventoryOf(slot, parent)] });
    this.#group.state.set(partKey(id), JSON.stringify(slot.part));
    this.#take(slot, result, moment);
    return slot;
  }

  #hear(slot: DeviceSlot, frames: readonly Frame[], stamp: Stamp): void {
    const { device } = slot;
    const moment = this.#moment(stamp);
    const isSaid = (key: string) => slot.said?.has(key, moment.mono) ?? false;
    const heard = hear(device.decoder, frames, (trouble) => this.#refused(device.id, trouble), isSaid);
    this.#say(slot, heard.keys, moment);
    const { will, missed, isQuiet } = heard;
    const isUntimed = stamp.untimed !== undefined;
    const said = isUntimed ? heard.readings.map(unskewed) : heard.readings;
    // Nothing behind this line knows who it was.
    const readings = device.redaction?.readings(said) ?? said;
    const events = device.redaction?.events(heard.events) ?? heard.events;
    this.#counters.readings += readings.length;
    this.#counters.events += events.length;
    const result = evaluate(device.rules, slot.state, { readings, events, will, missed, isQuiet, isUntimed }, moment);
    for (const reading of result.readings) if (!reading.historical) slot.latest.set(reading.point, reading);
    this.#options.onHeard?.(device.id, result.readings);
    this.#record(slot, result, moment);
    this.#take(slot, result, moment);
  }

  /** What has a key of its own is left out when it comes again, from when it is on disk. */
  #say({ device: { id }, said }: DeviceSlot, keys: readonly string[], { mono }: Now): void {
    if (!said || keys.length === 0) return;
    said.add(keys, mono);
    this.#group.devices.add(id);
    this.#group.said.push({ by: said, keys });
    const saved = said.saved(mono);
    if (saved !== null) this.#group.state.set(saidKey(id), saved);
  }

  /** Rules have seen every reading; of those, the ones that are news go to the log. */
  #record(slot: DeviceSlot, { readings, availability, evidence }: Evaluated, moment: Now): void {
    const { device, reported } = slot;
    if (availability === 'online') reported.forget();
    const { news, advances } = device.reporting
      ? reported.select(device.reporting, readings, moment.mono, evidence)
      : { news: readings, advances: [] };
    this.#counters.held_back += readings.length - news.length;
    if (news.length === 0) return;
    this.#group.devices.add(device.id);
    this.#group.advances.push(...advances);
    for (let i = 0; i < news.length; i += limits.recordReadings) {
      const part = news.slice(i, i + limits.recordReadings);
      this.#group.telemetry.push({
        kind: 'readings',
        device: device.id,
        profile: device.profile,
        ...timeOf(moment),
        readings: part,
      });
    }
  }

  #refused(device: string, trouble: Trouble): void {
    this.#counters.refused++;
    this.#options.onTrouble({ device, ...trouble });
  }

  #take(slot: DeviceSlot, result: Evaluated, moment: Now): void {
    const { events } = result;
    const { id, profile } = slot.device;
    slot.moveTo(result.state);
    slot.dueMs = result.dueMs;
    const group = this.#group;
    group.moved.set(slot, result.state);
    if (result.moved) {
      group.state.set(deviceKey(id), JSON.stringify(result.state.saved));
      group.devices.add(id);
    }
    this.#counters.transitions += result.transitions.length;
    this.#plan(id, result);
    if (events.length === 0 && result.transitions.length === 0 && !result.availability) return;
    group.devices.add(id);
    for (const part of inParts(result)) {
      const record: LogRecord = { kind: 'alarm', device: id, profile, ...timeOf(moment), ...part };
      group.alarm.push(record);
      for (const [key, json] of this.#options.besides?.(record) ?? []) group.state.set(key, json);
    }
    if (result.availability && slot.device.parts) this.#takeParts(id, result.availability, moment);
  }

  /** Parts have no silence of their own. */
  #takeParts(parent: string, availability: Availability, moment: Now): void {
    for (const slot of this.#slots.partsOf(parent))
      this.#take(slot, followParent(slot.device.rules, slot.state, availability, moment), moment);
  }

  #plan(id: string, { transitions }: Evaluated): void {
    const { linkage } = this.#options;
    if (!linkage) return;
    for (const planned of transitions.flatMap((transition) => linkage.plan(id, transition))) {
      this.#group.planned.push(planned);
      this.#group.state.set(linkage.keyOf(planned), JSON.stringify(planned));
    }
  }

  #kept(group: Group): void {
    for (const [slot, state] of group.moved) slot.keep(state);
    for (const { values, point, value } of group.advances) values.keep(point, value);
    for (const { by, keys } of group.said) by.keep(keys);
    for (const planned of group.planned) this.#options.linkage?.start(planned);
    this.#options.onKept?.(group.alarm);
  }

  #givenBack(error: unknown): void {
    this.#options.onTrouble({
      zh: '数据没有写进磁盘，设备会重发；请检查磁盘空间和存储目录。',
      en: 'The data could not be kept on disk, devices will send again; check the disk space and the store folder.',
      error,
    });
    this.#slots.giveBack();
  }

  #scheduleTick(): void {
    this.#ticker = this.#options.clock.after(limits.tickMs, () => {
      this.#tick();
      if (!this.#stopped) this.#scheduleTick();
    });
  }

  #tick(): void {
    const moment = this.#moment();
    for (const slot of this.#slots.all()) {
      if (slot.dueMs === null || slot.dueMs > moment.mono) continue;
      if (this.#held.has(slot.device.parent ?? slot.device.id)) continue;
      this.#take(slot, tick(slot.device.rules, slot.state, moment), moment);
    }
    if (!isEmpty(this.#group)) this.#commits.flush();
  }

  device(id: string): DeviceState | undefined {
    return this.#slots.get(id)?.state;
  }

  current(device: string, point: string): Reading | undefined {
    return this.#slots.get(device)?.latest.get(point);
  }

  part(id: string): DeviceFacts | undefined {
    return this.#slots.factsOfPart(id);
  }

  isAnyActive(facts: (device: string) => DeviceFacts | undefined, when: When): boolean {
    return this.#slots.isAnyActive(facts, when);
  }

  readonly snapshot = (): DeviceNow[] => this.#slots.now();
  readonly standing = (): Standing[] => this.#slots.standing();

  trouble(): { readonly sinceMono: number; readonly error: unknown } | null {
    return this.#commits.trouble;
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#counters, ...this.#commits.counters() };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ticker?.cancel();
    await this.#commits.flushAll();
  }
}
