import type { Ask } from '../line/dialect.ts';
import { framesIn, lowFirst } from '../line/framing.ts';
import { type MeterSays, saysOf } from './answer.ts';
import { emptyLength, encodeFrame, everybody, frameAt, functions, isAddressed } from './frame.ts';

/** How one meter is spoken to. */
export interface MeterLink {
  /** 12 digits; `AA` for any two. */
  readonly address: string;
  readonly version: '2007' | '1997';
  /** Function of a read. */
  readonly readFunction: number;
  readonly preamble: number;
}

/** FE in front of an answer, and what a deviating meter adds to its data. */
const slackBytes = 12;
const usualFill = 4;

/** A read of one identifier. `bytes`: of its value, as far as known. */
export function askItem(link: MeterLink, identifier: string, bytes: number): Ask<MeterSays> {
  const data = lowFirst(identifier);
  return ask(
    link,
    link.readFunction,
    data,
    data.length + bytes,
    (says) => says.kind === 'data' && says.identifier === identifier,
  );
}

/** The follow-up of an answer that said that there is more; the first is number 1 (DL/T 645-2007, 读后续数据). 1997 has no number. */
export function askMore(link: MeterLink, identifier: string, sequence: number, bytes: number): Ask<MeterSays> {
  const is2007 = link.version === '2007';
  const data = is2007 ? Uint8Array.from([...lowFirst(identifier), sequence]) : lowFirst(identifier);
  const fn = is2007 ? functions.readMore : functions.readMore1997;
  return ask(
    link,
    fn,
    data,
    data.length + bytes,
    (says) => says.kind === 'data' && says.identifier === identifier && (!is2007 || says.bytes.at(-1) === sequence),
  );
}

/** A command that the meter confirms without data: a state it is put into, so that twice is no more than once. */
export function askCommand(link: MeterLink, fn: number, data: Uint8Array): Ask<MeterSays> {
  return { ...ask(link, fn, data, 1, (says) => says.kind === 'done'), isSecret: true, isHarmless: true };
}

/** To all meters of the line; nobody answers. */
export function tellEverybody(link: MeterLink, fn: number, data: Uint8Array): Ask<MeterSays> {
  return {
    send: encodeFrame({ address: everybody, control: fn, data }, link.preamble),
    slave: slaveName(everybody),
    longestAnswer: 0,
    isBroadcast: true,
    isHarmless: true,
    match: () => undefined,
  };
}

export function slaveName(address: string): string {
  return `dlt645:${address}`;
}

function ask(link: MeterLink, fn: number, data: Uint8Array, bytes: number, fits: (says: MeterSays) => boolean): Ask<MeterSays> {
  const width = link.version === '2007' ? 4 : 2;
  return {
    send: encodeFrame({ address: link.address, control: fn, data }, link.preamble),
    slave: slaveName(link.address),
    longestAnswer: emptyLength + bytes + slackBytes,
    usualAnswer: emptyLength + bytes + usualFill,
    match: (heard) => {
      for (const { frame, end } of framesIn(heard, frameAt)) {
        if (!isAddressed(link.address, frame.address)) continue;
        const says = saysOf(frame, width);
        // A refusal names no identifier: that it is of the same function is all that can be seen.
        if (says?.function !== fn) continue;
        if (says.kind === 'refused') return { answer: says, end, isRefusal: true };
        if (fits(says)) return { answer: says, end };
      }
      return undefined;
    },
  };
}
