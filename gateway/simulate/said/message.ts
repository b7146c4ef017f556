import type { Branch, Each, EventSource, Source, TimeSource, When } from '@yihu/device-profiles/vocabulary/message.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { endOf, eventSources, typesOf } from '@yihu/device-profiles/library/event-types.ts';
import { timeText } from './clock-text.ts';
import { codeParts } from './code.ts';
import { SimulationError, type SimulatedDevice } from '../device.ts';
import { type Tree, writeSteps } from './forms.ts';
import { Draft } from './draft.ts';
import { rawNow } from './raw.ts';

/** Something a device says on one of its channels. */
export interface Said {
  readonly channel: string;
  readonly payload: Uint8Array;
}

/** All values of the device now: of each channel, the messages that together carry every point the channel can. */
export function stateMessages(device: SimulatedDevice, at: number): Said[] {
  const { will } = device.profile.availability;
  return Object.entries(device.profile.decode).flatMap(([channel, branches]) => {
    if (channel === will?.channel) return [];
    const told = new Set<string>();
    return branches.flatMap((branch) => {
      const points = pointsOf(branch);
      if (isOnlyEvents(branch) || points.every((id) => told.has(id))) return [];
      for (const id of points) told.add(id);
      return [{ channel, payload: write(branch, stateDraft(device, branch, at)) }];
    });
  });
}

/** The points that the device says by itself; the others are known by its events only. */
export function pointsSaid({ decode, availability: { will } }: Profile): Set<string> {
  const channels = Object.entries(decode).filter(([channel]) => channel !== will?.channel);
  return new Set(channels.flatMap(([, branches]) => branches.filter((branch) => !isOnlyEvents(branch)).flatMap(pointsOf)));
}

/** The points a branch gives as they are now. */
function pointsOf(branch: Branch): string[] {
  const lists = [branch.each ?? []].flat().filter(({ historical }) => historical !== true);
  return [branch, ...lists].flatMap(({ points }) => Object.keys(points ?? {}));
}

/** An event with a fixed type and no condition comes with every such message, whatever its code: values alone cannot be said by it. */
function isOnlyEvents(branch: Branch): boolean {
  return eventSources(branch).some(({ when, type, code }) => when === undefined && (type !== undefined || code === undefined));
}

/** What an event carries besides its type; `data` by the names of the profile. */
export interface Happening {
  readonly serial: number;
  readonly data: Readonly<Record<string, Value>>;
  readonly at: number;
}

/** The message that makes the gateway see an event of this type. Throws SimulationError where the profile has none. */
export function eventMessage(device: SimulatedDevice, type: string, happening: Happening): Said {
  for (const [channel, branches] of Object.entries(device.profile.decode)) {
    for (const branch of branches) {
      const payload = eventPayload(device, branch, type, happening);
      if (payload !== undefined) return { channel, payload };
    }
  }
  const known = eventTypes(device.profile).join(', ') || '—';
  throw new SimulationError(
    `设备 ${device.id} 没有事件 ${type}；可用：${known}`,
    `Device ${device.id} has no event ${type}; it has: ${known}`,
  );
}

/** Types of events a profile can give. */
export function eventTypes(profile: Profile): string[] {
  const sources = Object.values(profile.decode).flat().flatMap(eventSources);
  const types = sources.flatMap((source) => {
    const begun = typesOf(profile, source);
    return source.end === undefined ? begun : [...begun, ...begun.map(endOf)];
  });
  return [...new Set(types)];
}

function eventPayload(device: SimulatedDevice, branch: Branch, type: string, happening: Happening): Uint8Array | undefined {
  const own = sourceOf(device.profile, [branch.event ?? []].flat(), type);
  if (own !== undefined) {
    const draft = frameDraft(device, branch, happening.at);
    placeEvent(draft, device.profile, own, type, happening, [branch.when]);
    return write(branch, draft);
  }
  for (const each of [branch.each ?? []].flat()) {
    const source = sourceOf(device.profile, [each.event ?? []].flat(), type);
    if (source === undefined || each.historical === true) continue;
    const draft = frameDraft(device, branch, happening.at);
    placeRecord(device, draft, each, happening.at);
    placeEvent(draft, device.profile, source, type, happening, [branch.when, each.when]);
    return write(branch, draft);
  }
  return undefined;
}

function sourceOf(profile: Profile, sources: readonly EventSource[], type: string): EventSource | undefined {
  return sources.find((source) => {
    const begun = typesOf(profile, source);
    return begun.includes(type) || (source.end !== undefined && begun.some((each) => endOf(each) === type));
  });
}

/** `around`: the conditions of the message, and of the record, that the event is in. */
function placeEvent(
  draft: Draft,
  profile: Profile,
  source: EventSource,
  type: string,
  { serial, data }: Happening,
  around: readonly (When | undefined)[],
): void {
  const isEnd = source.end !== undefined && type.endsWith('.end');
  placeWhen(draft, source.when, isEnd ? undefined : source.end);
  if (isEnd) placeWhen(draft, source.end);
  const conditions = { hold: [...around, source.when, isEnd ? source.end : undefined], fails: isEnd ? undefined : source.end };
  const begun = isEnd ? type.slice(0, -'.end'.length) : type;
  for (const [path, part] of codeParts(profile, source, begun, conditions)) draft.place(path, numeric(part));
  if (source.serial) draft.place(source.serial, serial);
  for (const [key, from] of Object.entries(source.data ?? {})) {
    const value = data[key];
    if (value === undefined) continue;
    if (typeof from === 'string') draft.place(from, value);
    else draft.place([from.from].flat()[0] as string, wordFor(from.map, value) ?? value);
  }
}

function numeric(text: string): Tree {
  return /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : text;
}

/** What a branch asks for before its values: its condition, and the device's time. */
function frameDraft(device: SimulatedDevice, branch: Branch, at: number): Draft {
  const { profile } = device;
  const draft = new Draft();
  placeWhen(draft, branch.when);
  if (profile.time) placeTime(draft, profile.time, device.clockAt(at), profile.zone);
  return draft;
}

function stateDraft(device: SimulatedDevice, branch: Branch, at: number): Draft {
  const draft = frameDraft(device, branch, at);
  placePoints(device, draft, branch.points, at);
  for (const each of [branch.each ?? []].flat()) {
    if (each.historical === true || each.points === undefined) continue;
    placeRecord(device, draft, each, at);
    placePoints(device, draft, each.points, at);
  }
  return draft;
}

/** A list with one record, in which the paths that begin with `item` are. */
function placeRecord(device: SimulatedDevice, draft: Draft, each: Each, at: number): void {
  const { profile } = device;
  const own = device.clockAt(at);
  draft.beginRecord(each.in);
  placeWhen(draft, each.when);
  if (each.time) placeTime(draft, each.time, own, profile.zone);
  else if (profile.time) placeTime(draft, profile.time, own, profile.zone);
}

/** Makes every test hold; of several values, one for which `except` does not hold as well. */
function placeWhen(draft: Draft, when: When | undefined, except?: When): void {
  const refused = new Set(
    [except ?? []].flat().flatMap((test) => ('in' in test ? test.in : 'equals' in test ? [test.equals] : [])),
  );
  for (const test of [when ?? []].flat()) {
    if ('exists' in test) draft.exist(test.exists);
    else if ('equals' in test) draft.place(test.path, test.equals);
    else if ('in' in test) draft.place(test.path, test.in.find((value) => !refused.has(value)) ?? (test.in[0] as Tree));
  }
}

function placeTime(draft: Draft, { from, format, zone: own }: TimeSource, at: number, zone: string | undefined): void {
  const [path] = [from].flat() as [string];
  const text = timeText(at, format, own ?? zone);
  draft.place(path, format.startsWith('unix') ? Number(text) : text);
}

function placePoints(device: SimulatedDevice, draft: Draft, points: Branch['points'], at: number): void {
  for (const [id, source] of Object.entries(points ?? {})) placePoint(device, draft, id, source, at);
}

function placePoint(device: SimulatedDevice, draft: Draft, id: string, source: Source, at: number): void {
  const point = device.profile.points[id];
  if (point === undefined) return;
  const given = typeof source === 'string' ? { from: source } : source;
  const [path] = [given.from].flat() as [string];
  if (device.fault === 'exception') return draft.place(path, null);
  if ('has' in given) return draft.word(path, given.has, given.between, device.value(id, at) === true);
  const raw = rawNow(device, id, at);
  if (point.bits !== undefined) return draft.bits(path, BigInt(Number(raw)) << BigInt(point.bits.shift), given.base);
  const meant = point.enum === undefined || typeof raw === 'bigint' ? raw : String(raw);
  const word = wordFor(given.map, typeof meant === 'bigint' ? String(meant) : meant);
  if (word !== undefined) return draft.place(path, word);
  if (given.base !== undefined && given.base !== 10) return draft.bits(path, BigInt(Number(raw)), given.base);
  const plain = typeof raw === 'bigint' ? raw.toString() : unscaled(raw, given.scale);
  draft.place(path, given.base === 10 ? String(plain) : plain);
}

/** What has to be sent so that the source's scale makes `raw` of it. */
function unscaled<Raw>(raw: Raw, scale = 1): Raw | number {
  return typeof raw === 'number' && scale !== 1 ? Number((raw / scale).toPrecision(12)) : raw;
}

/** The device's word for a value that a map gives it. */
function wordFor(map: Readonly<Record<string, string | number | boolean>> | undefined, value: Value): string | undefined {
  return Object.entries(map ?? {}).find(([, meaning]) => String(meaning) === String(value))?.[0];
}

function write(branch: Branch, draft: Draft): Uint8Array {
  for (const [path, steps] of Object.entries(branch.open ?? {}).toReversed())
    draft.close(path, (inner) => String(writeSteps(steps, inner)));
  return Buffer.from(writeSteps(branch.as, draft.tree()));
}
