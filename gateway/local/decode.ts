import type { LocalDecode, LocalDecoded } from '@yihu/device-profiles/vocabulary/local.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { codecs } from '../codecs.ts';
import { type Pasted, readWire, wiresFor } from '../commission/read-wire.ts';

/** What somebody pasted, frame by frame, by the wire that is named or the one that reads most of it. */
export function decodePasted({ text, wire }: LocalDecode): LocalDecoded | { unknownWire: Text } {
  const wires = [...codecs.keys()];
  const pasted: Pasted = { text, as: 'either' };
  const codec = wire === undefined ? null : codecs.get(wire);
  if (codec === undefined)
    return {
      unknownWire: { zh: `没有协议 ${wire ?? ''}。`, en: `There is no wire ${wire ?? ''}.` },
    };
  const [best, ...others] = codec === null ? wiresFor(codecs.values(), pasted) : [readWire(codec, pasted)];
  if (best === undefined) return { wire: null, also: [], wires, frames: [], rest: [] };
  return {
    wire: best.wire,
    also: others.map((other) => other.wire),
    wires,
    frames: best.frames.map(({ bytes, fields }) => ({ hex: hexOf(bytes), fields })),
    rest: best.rest.map(({ bytes, why }) => ({ hex: hexOf(bytes), why: { zh: why.zh, en: why.en } })),
  };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .toUpperCase()
    .replaceAll(/..(?=.)/g, '$& ');
}
