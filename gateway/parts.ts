import { createHash } from 'node:crypto';
import type { Frame, FrameChild } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Place } from '@yihu/device-profiles/vocabulary/place.ts';
import type { SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { z } from 'zod';
import { jsonAs } from './json-as.ts';
import type { SplitFrame } from './decode/children.ts';
import type { PipelineDevice } from './device-slot.ts';
import type { Trouble } from './hear.ts';
import { limits } from './limits.ts';

/** 下级设备: parts of a device that are devices of their own, made when it first speaks of them. */
export interface DeviceParts {
  readonly split: SplitFrame;
  /** What a part can be, by profile; a part is its kind and an id of its own. */
  readonly kinds: ReadonlyMap<string, PartKind>;
  /** Where the device is, and so its parts. */
  readonly place: Place;
}

export type PartKind = Omit<PipelineDevice, 'id' | 'parent' | 'parts'> & {
  readonly category: string;
  /** The limits that the site has set for parts of this kind; absent: those of the profile. */
  readonly limits?: NonNullable<SiteDevice['rules']>;
};

/** What is kept of a part. */
export const Part = z.strictObject({
  parent: z.string(),
  key: z.string(),
  profile: z.string(),
  name: Text,
  note: z.string().max(120).optional(),
});
export type Part = z.infer<typeof Part>;

const prefix = 'part/';
export const partKey = (id: string) => `${prefix}${id}`;

/** The id of a part: the same for the same part for ever. */
export function partId(parent: string, key: string): string {
  const id = `${parent}.${key}`;
  if (id.length <= 64) return id;
  return `${parent.slice(0, 46)}.${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

/** Parts as the disk has them, by id; `orphans`: keys of those whose device, or whose kind, is no longer there. */
export function keptParts(
  saved: ReadonlyMap<string, string>,
  devices: ReadonlyMap<string, PipelineDevice>,
): { readonly parts: ReadonlyMap<string, Part>; readonly orphans: readonly string[] } {
  const parts = new Map<string, Part>();
  const orphans: string[] = [];
  for (const [key, text] of saved) {
    if (!key.startsWith(prefix)) continue;
    const part = jsonAs(Part, text);
    if (part && devices.get(part.parent)?.parts?.kinds.has(part.profile)) parts.set(key.slice(prefix.length), part);
    else orphans.push(key);
  }
  return { parts, orphans };
}

/** @throws where the device has no such kind of part */
export function deviceOfPart(id: string, part: Part, parent: PipelineDevice): PipelineDevice {
  const kind = parent.parts?.kinds.get(part.profile);
  if (!kind) throw new Error(`${parent.id} has no parts with profile ${part.profile}`);
  return { ...kind, id, parent: parent.id };
}

export function inventoryOfPart(id: string, part: Part, parts: DeviceParts | undefined): SiteDevice {
  const { name, parent, profile, note } = part;
  const { place = {}, kinds } = parts ?? {};
  const rules = kinds?.get(profile)?.limits;
  const own = { id, profile, name, place: note === undefined ? place : { ...place, note }, parent };
  return rules === undefined ? own : { ...own, rules };
}

export function isSamePart(one: Part, other: Part): boolean {
  return JSON.stringify(Part.parse(one)) === JSON.stringify(Part.parse(other));
}

export interface Split {
  /** What the device says of itself. */
  readonly own: readonly Frame[];
  readonly parts: ReadonlyMap<string, { readonly child: FrameChild; readonly frames: readonly Frame[] }>;
}

/** One delivery of a device, by what it speaks of. A frame that cannot be split is the device's own. */
export function splitParts({ split }: DeviceParts, frames: readonly Frame[], refused: (trouble: Trouble) => void): Split {
  const own: Frame[] = [];
  const parts = new Map<string, { child: FrameChild; frames: Frame[] }>();
  for (const frame of frames.flatMap((each) => splitOrKeep(split, each, refused))) {
    const { child, ...rest } = frame;
    if (!child) {
      own.push(frame);
      continue;
    }
    const known = parts.get(child.key);
    parts.set(child.key, { child, frames: [...(known?.frames ?? []), rest] });
  }
  return { own, parts };
}

/** No frame makes it throw; should one, it alone is hurt. */
function splitOrKeep(split: SplitFrame, frame: Frame, refused: (trouble: Trouble) => void): readonly Frame[] {
  try {
    return split(frame);
  } catch (error) {
    refused({
      zh: '这台设备的一帧分不出下级设备，按设备自己的处理；请把日志发给开发者。',
      en: 'A frame of this device could not be split into its parts and is taken for its own; please send the log to the developers.',
      error,
    });
    return [frame];
  }
}

/**
 * Which part a name stands for. A device with too many parts has one more, for all that are beyond: whoever makes up
 * addresses grows nothing, and a fire at an address beyond is still a fire.
 */
export function partOf(parent: PipelineDevice, child: FrameChild, isKnown: (id: string) => boolean, count: number): Part | null {
  const profile = child.profile ?? '';
  if (!parent.parts?.kinds.has(profile)) return null;
  const { key, name, note } = child;
  const part = { parent: parent.id, key, profile, name, ...(note === undefined ? {} : { note: note.slice(0, 120) }) };
  if (count < limits.partsPerDevice || isKnown(partId(parent.id, key))) return part;
  const beyond = { zh: `其他部件（超过 ${limits.partsPerDevice} 个）`, en: `Other parts (beyond ${limits.partsPerDevice})` };
  return { parent: parent.id, key: `beyond-${profile.replaceAll('.', '-')}`.slice(0, 60), profile, name: beyond };
}
