import type { FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Ask, Read, SlaveRefusal } from '../../../gateway/collect/line/dialect.ts';

export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
export const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .toUpperCase()
    .replaceAll(/(..)(?=.)/g, '$1 ');

/** What came of a read, and the bytes of the conversation as an installer would write them down. */
export interface Conversation {
  readonly bodies: readonly FrameBody[];
  readonly exception?: SlaveRefusal;
  readonly silence?: true;
  readonly said: readonly string[];
}

/** Carries a read out against a slave that answers at once, the way a line does; ends where the slave is silent. */
export function converse(read: Read, slave: (question: Uint8Array) => Uint8Array | undefined, mostTurns = 600): Conversation {
  const said: string[] = [];
  let ask: Ask = read.first();
  for (let turn = 0; turn < mostTurns; turn += 1) {
    said.push(`>> ${hexOf(ask.send)}`);
    const heard = slave(ask.send);
    if (heard !== undefined) said.push(`<< ${hexOf(heard)}`);
    const match = ask.isBroadcast === true ? { answer: undefined } : ask.match(heard ?? new Uint8Array());
    if (match === undefined) return { bodies: [read.fault('no-answer', 'silence')], silence: true, said };
    const taken = read.take(match.answer);
    if ('bodies' in taken) return { bodies: taken.bodies, said };
    if ('exception' in taken) return { bodies: [], exception: taken.exception, said };
    ask = taken.next;
  }
  throw new Error('the conversation never ends');
}

/** All bytes with one bit turned, one after the other. */
export function* oneBitFlips(bytes: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    yield flipped;
  }
}
