import { childOf, placesOf } from '@yihu/device-profiles/library/children.ts';
import type { Frame, FrameChild, Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { type Branch, compileBranch } from './branch.ts';
import { always, compileWhen } from './condition.ts';
import { compileReadings, fieldsPayload, type Payload, payloadOf } from './payload.ts';
import { follow, parsePath, type Place } from './path.ts';
import { compileWord } from './source.ts';

/**
 * A frame of a device as the frames of those it speaks of: parts that are devices of their own have theirs, with `child` set,
 * and the device itself keeps what is not of a part. Pure and total; the frame itself where the profile has no children.
 */
export type SplitFrame = (frame: Frame) => readonly Frame[];

type Children = NonNullable<Profile['children']>;

export function compileChildren(profile: Profile): SplitFrame {
  const { children } = profile;
  if (children === undefined) return (frame) => [frame];
  const open = compileOpen(profile);
  const name = compileName(profile, children);
  const holds = children.when === undefined ? always : compileWhen(children.when);
  const list = children.each === undefined ? undefined : parsePath(children.each);
  return (frame) => {
    const place = open(frame);
    if (place === undefined || !holds(place)) return [withChild(frame, undefined)];
    if (list === undefined) return [withChild(frame, name(place, frame.child))];
    const items = [follow(place, list) ?? []].flat().slice(0, maxParts);
    // The message is the device's own as well: it may say something of the device beside the list.
    return [withChild(frame, undefined), ...items.flatMap((item) => frameOfItem(frame, item, name({ ...place, item })) ?? [])];
  };
}

function withChild({ device, at, body }: Frame, child: FrameChild | undefined): Frame {
  return { device, at, body, ...(child && { child }) };
}

/** Most parts of one message. */
const maxParts = 1024;

function frameOfItem(frame: Frame, item: unknown, child: FrameChild | undefined): Frame | undefined {
  const { body } = frame;
  if (child === undefined || (body.kind !== 'message' && body.kind !== 'fields')) return undefined;
  return { ...frame, body: { kind: 'fields', channel: body.channel, fields: jsonOf(item) }, child };
}

/** A part of a tree as plain JSON; integers past 2^53 are their digits. */
function jsonOf(tree: unknown): Json {
  const text = JSON.stringify(tree, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  return JSON.parse(text ?? 'null') as Json;
}

/** The message taken apart by the first branch that can, as for its values. */
function compileOpen(profile: Profile): (frame: Frame) => Place | undefined {
  const reading = compileReadings();
  const channels = new Map<string, Branch[]>(
    Object.entries(profile.decode).map(([channel, branches]) => [
      channel,
      branches.map((branch) =>
        compileBranch(profile, { ...branch, points: {}, event: undefined, each: undefined }, reading(branch.as)),
      ),
    ]),
  );
  const openBy = (channel: string, payload: Payload, envelope: Place['envelope'], at: number): Place | undefined => {
    for (const branch of channels.get(channel) ?? []) {
      const opened = branch.open(payload, envelope, at);
      if (opened !== undefined && 'whole' in opened) return opened.whole.place;
    }
    return undefined;
  };
  return ({ body, at }) => {
    if (body.kind === 'fields')
      return openBy(body.channel, fieldsPayload(body.fields), undefined, at) ?? { message: body.fields };
    if (body.kind !== 'message' || body.payload.length > profile.maxMessageKb * 1024) return undefined;
    return openBy(body.channel, payloadOf(body.payload), body.envelope, at);
  };
}

function compileName(profile: Profile, children: Children): (place: Place, named?: FrameChild) => FrameChild | undefined {
  const templates = [children.key, children.name?.zh, children.name?.en, children.note].filter((text) => text !== undefined);
  const choice = typeof children.profile === 'string' ? [] : [children.profile.path];
  const words = new Map([...templates.flatMap(placesOf), ...choice].map((path) => [path, compileWord(path)]));
  return (place, named) => childOf(profile, (path) => words.get(path)?.(place), named);
}
