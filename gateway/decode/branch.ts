import type { Branch as BranchSource, Each, EventSource } from '@yihu/device-profiles/vocabulary/message.ts';
import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { DeviceEvent } from '@yihu/device-profiles/vocabulary/reading.ts';
import { compilePhases, compileWhen } from './condition.ts';
import { compileTime, type ReadTime } from './device-time.ts';
import { compileEvent, type TakeEvent } from './event.ts';
import { follow, isInside, parsePath, type Path, type Place, replaced } from './path.ts';
import { type Payload, type Reading, refusals } from './payload.ts';
import type { Found } from './relate.ts';
import { compileSource, type IsText } from './source.ts';
import { compileSteps, endsInText, type ReadInput } from './steps.ts';
import type { Refusal } from './value.ts';

/** What is taken at one place: of the message itself, or of one of its records. */
export interface Taken {
  readonly place: Place;
  readonly found: readonly Found[];
  readonly events: readonly DeviceEvent[];
  /** The record's own time, where its source names one: ms, or undefined where it cannot be read. */
  readonly time?: { readonly ms: number | undefined };
  readonly isHistorical: boolean;
}

/** What a branch makes of a message: the message's own part, then its records. */
export interface Opened {
  readonly whole: Taken;
  readonly records: readonly Taken[];
  /** Why a part of it was left unread. */
  readonly left?: Refusal | undefined;
}

/** One way to read the messages of a channel. */
export interface Branch {
  /** `undefined`: this message is not for this branch. */
  open(payload: Payload, envelope: Place['envelope'], at: number): Opened | { readonly refused: Refusal } | undefined;
}

/** Most records that are taken of one message. */
const maxRecords = 1024;

export function compileBranch(profile: Profile, source: BranchSource, reading: Reading): Branch {
  const opens = Object.entries(source.open ?? {}).map(([path, steps]) => {
    return { path: parsePath(path), read: compileSteps(steps), isText: endsInText(steps) };
  });
  const isText = textParts(endsInText(source.as), opens);
  const { before, after } = compilePhases(
    source.when,
    opens.map(({ path }) => path),
  );
  const takeWhole = compileTake(profile, source, isText);
  const lists = [source.each ?? []].flat().map((each) => compileEach(profile, each, isText));
  return {
    open(payload, envelope, at) {
      const read = payload.read(reading);
      if ('refused' in read) return read;
      const closed = { message: read.tree, envelope };
      if (!before(closed)) return undefined;
      const opened = openParts(opens, closed);
      if ('refused' in opened) return opened;
      const { place } = opened;
      if (!after(place)) return undefined;
      const records: Taken[] = [];
      for (const list of lists) {
        if (!list(place, at, records)) return { refused: refusals.tooManyRecords };
      }
      return { whole: takeWhole(place, at), records, left: read.left ?? opened.left };
    },
  };
}

interface Open {
  readonly path: Path;
  readonly read: ReadInput;
  readonly isText: boolean;
}

/** The place with its inner parts read. A part that is not there is no fault: the branch's `when` asks for what must be. */
function openParts(opens: readonly Open[], closed: Place): { place: Place; left?: Refusal } | { refused: Refusal } {
  let place = closed;
  let left: Refusal | undefined;
  for (const { path, read } of opens) {
    const part = follow(place, path);
    if (part === undefined || part === null) continue;
    const inner = read(part);
    if ('refused' in inner) return inner;
    left ??= inner.left;
    place = { ...place, message: replaced(place.message, path.steps, inner.tree) };
  }
  return { place, ...(left && { left }) };
}

/** Where numbers are spelled as text: by the reading that made the innermost part a path leads into. */
function textParts(whole: boolean, opens: readonly Open[]): (path: Path) => boolean {
  const deepest = opens.toSorted((a, b) => b.path.steps.length - a.path.steps.length);
  return (path) => {
    if (path.root === 'envelope') return true;
    return deepest.find((open) => isInside(path, open.path))?.isText ?? whole;
  };
}

type TakeSource = Pick<BranchSource, 'points' | 'event'>;
type Take = (place: Place, at: number) => Taken;

function compileTake(profile: Profile, { points = {}, event }: TakeSource, isText: IsText): Take {
  const fields = Object.entries(points).map(([id, source]) => ({
    id,
    read: compileSource(pointOf(profile, id), source, isText),
  }));
  const events = [event ?? []].flat().map((each: EventSource) => compileEvent(profile, each));
  return (place, at) => {
    const found: Found[] = [];
    for (const { id, read } of fields) {
      const typed = read(place);
      if (typed !== undefined) found.push({ point: id, found: typed });
    }
    return { place, found, events: takeEvents(events, place, at), isHistorical: false };
  };
}

function takeEvents(events: readonly TakeEvent[], place: Place, at: number): DeviceEvent[] {
  return events.flatMap((event) => event(place, at) ?? []);
}

/** Adds what is taken of each record; false where there are more than may be. */
function compileEach(profile: Profile, each: Each, isText: IsText): (place: Place, at: number, to: Taken[]) => boolean {
  const list = parsePath(each.in);
  const inItem: IsText = (path) =>
    path.root === 'item' ? isText({ root: '$', steps: [...list.steps, 0, ...path.steps] }) : isText(path);
  const holds = compileWhen(each.when);
  const take = compileTake(profile, each, inItem);
  const time: ReadTime | undefined = each.time === undefined ? undefined : compileTime(each.time, profile.zone);
  const isHistorical = each.historical === true;
  return (place, at, to) => {
    for (const item of itemsOf(follow(place, list))) {
      const here = { ...place, item };
      if (!holds(here)) continue;
      if (to.length >= maxRecords) return false;
      to.push({ ...take(here, at), ...(time && { time: { ms: time(here) } }), isHistorical });
    }
    return true;
  };
}

/** A list of one is often sent as the one itself. */
function itemsOf(list: unknown): readonly unknown[] {
  if (list === undefined || list === null) return [];
  return Array.isArray(list) ? list : [list];
}

function pointOf(profile: Profile, id: string): Point {
  const point = Object.hasOwn(profile.points, id) ? profile.points[id] : undefined;
  if (point === undefined) throw new Error(`profile ${profile.id}: no point ${id} (the loader checks this)`);
  return point;
}
