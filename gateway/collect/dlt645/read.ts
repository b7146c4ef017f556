import { dlt645Of, mostBlockBytes } from '@yihu/device-profiles/protocols/dlt645.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Ask, Read, SlaveRefusal, Taken } from '../line/dialect.ts';
import { bytesOf, itemsOf, type MeterSays } from './answer.ts';
import { askItem, askMore, type MeterLink } from './ask.ts';
import { errorOf } from './errors.ts';

/** One question: an item, or a block that stands for several. */
export interface Wanted {
  readonly identifier: string;
  /** The items that come of it and that somebody wants. */
  readonly keys: readonly string[];
}

/** What is asked to learn these points: a block where it brings two of the items or more, otherwise the item itself. */
export function wantedOf(profile: Profile, points: readonly string[]): Wanted[] {
  const { blocks } = dlt645Of(profile);
  const keys = new Set(points.map((id) => profile.points[id]?.at).filter((at) => typeof at === 'string'));
  const wanted: Wanted[] = [];
  for (const key of keys) {
    if (wanted.some((each) => each.keys.includes(key))) continue;
    const block = Object.entries(blocks).find(([, { items }]) => items.includes(key));
    const together = block?.[1].items.filter((item) => keys.has(item)) ?? [];
    wanted.push(
      block === undefined || together.length < 2 ? { identifier: key, keys: [key] } : { identifier: block[0], keys: together },
    );
  }
  return wanted;
}

/** Follow-up frames of one answer at most: their number is one byte. */
const mostFollowUps = 255;

/**
 * One identifier, with its follow-up frames. A block the meter does not have, or has in another form, can be taken apart
 * into its items, so that a profile may offer blocks that not every meter knows.
 */
export function readWanted(profile: Profile, link: MeterLink, wanted: Wanted): Read {
  const transport = dlt645Of(profile);
  const { identifier, keys } = wanted;
  const isBlock = Object.hasOwn(transport.blocks, identifier);
  const bytes = bytesOf(profile, transport, identifier);
  let parts: Uint8Array[] = [];
  // A refusal names no identifier: one that came late is of another question, so only a second one is believed for good.
  let wasRefused = false;
  const refuse = (refusal: SlaveRefusal): Taken => ({ exception: isBlock ? { ...refusal, isTooMuch: true } : refusal });
  const take = (data: Uint8Array, hasMore: boolean): Taken => {
    parts.push(parts.length > 0 && link.version === '2007' ? data.subarray(0, -1) : data);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    if (hasMore) {
      if (parts.length > mostFollowUps || length > mostBlockBytes) return refuse(tooLong(identifier));
      return { next: askMore(link, identifier, parts.length, bytes) };
    }
    const items = itemsOf(transport, identifier, Uint8Array.from(parts.flatMap((part) => [...part])));
    return 'odd' in items ? refuse(oddBlock(items.odd)) : { bodies: [{ kind: 'items', items }] };
  };
  return {
    key: identifier,
    first: (): Ask => {
      parts = [];
      return askItem(link, identifier, bytes);
    },
    take: (answer) => {
      const says = answer as MeterSays;
      const isSecond = wasRefused;
      wasRefused = says.kind !== 'data';
      if (says.kind === 'data') return take(says.bytes, says.hasMore);
      const refusal = refusalOf(identifier, says.kind === 'refused' ? says.word : 0);
      return refuse({ ...refusal, isLasting: refusal.isLasting && isSecond });
    },
    fault: (fault, detail) => ({ kind: 'missed', keys, fault, detail }),
    parts: () => (isBlock ? keys.map((key) => readWanted(profile, link, { identifier: key, keys: [key] })) : undefined),
  };
}

function refusalOf(identifier: string, word: number): SlaveRefusal {
  const { zh, en, isLasting } = errorOf(word);
  return {
    detail: `${identifier}: ${en}`,
    text: {
      zh: `电表拒绝了数据标识 ${identifier}：${zh}。若此表没有这项数据，请换用合适的档案。`,
      en: `The meter refused the identifier ${identifier}: ${en}. If this meter has no such data, use a profile that fits it.`,
    },
    isLasting,
  };
}

function tooLong(identifier: string): SlaveRefusal {
  return { detail: `${identifier}: more than ${mostBlockBytes} bytes or ${mostFollowUps} follow-up frames`, isLasting: true };
}

function oddBlock(detail: string): SlaveRefusal {
  return { detail, isLasting: true };
}
