import { createHash } from 'node:crypto';
import type { FrameChild } from '../vocabulary/frame.ts';
import type { Profile } from '../vocabulary/profile.ts';

/** A scalar at a path, as its text; `undefined` where there is none. */
export type WordAt = (path: string) => string | undefined;

/** The paths in a template: `{$.system}-{item.address}`. */
export function placesOf(template: string): string[] {
  return [...template.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] as string);
}

/**
 * 下级设备的身份: which part of a device a message speaks of, by the device profile's `children`; `undefined` where it speaks
 * of none. The key is made of a-z 0-9 and -, and is the same for the same values for ever. A name that comes out empty is
 * the key. `named`: the part as the protocol's codec named it, where it does.
 */
export function childOf({ children }: Profile, wordAt: WordAt, named?: FrameChild): FrameChild | undefined {
  if (children === undefined) return undefined;
  const profile = profileOf(children.profile, wordAt);
  if (profile === undefined) return undefined;
  if (named !== undefined) return { ...named, profile: named.profile ?? profile };
  const key = children.key === undefined ? undefined : keyText(fill(children.key, wordAt));
  if (key === undefined || children.name === undefined) return undefined;
  const name = { zh: nameText(fill(children.name.zh, wordAt, '')) ?? key };
  const en = children.name.en === undefined ? undefined : nameText(fill(children.name.en, wordAt, ''));
  const note = children.note === undefined ? undefined : nameText(fill(children.note, wordAt, ''));
  return { key, name: en === undefined ? name : { ...name, en }, ...(note !== undefined && { note }), profile };
}

function profileOf(choice: NonNullable<Profile['children']>['profile'], wordAt: WordAt): string | undefined {
  if (typeof choice === 'string') return choice;
  const word = wordAt(choice.path);
  if (word !== undefined && Object.hasOwn(choice.map, word)) return choice.map[word];
  return choice.otherwise;
}

/** A template filled in; without a word for what is missing, a missing one makes the whole missing. */
function fill(template: string, wordAt: WordAt, missing?: string): string | undefined {
  let isWhole = true;
  const text = template.replaceAll(/\{([^{}]+)\}/g, (_, path: string) => {
    const word = wordAt(path) ?? missing;
    if (word === undefined) isWhole = false;
    return word ?? '';
  });
  return isWhole ? text : undefined;
}

/** The same text gives the same key for ever, and two texts never one: what cannot stand in a key is told by its hash. */
function keyText(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  if (plain === text && plain.length <= 40) return plain;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${plain.slice(0, 31)}-${digest}`.replace(/^-/, '');
}

function nameText(text: string | undefined): string | undefined {
  const name = text
    ?.replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 120);
  return name === undefined || name === '' || !name.isWellFormed() ? undefined : name;
}
