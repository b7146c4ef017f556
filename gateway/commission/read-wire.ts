import type { Codec, CodecField, Refused, Span } from '../collect/codec.ts';
import { hexLines, joined, mostBytes } from './monitor-text.ts';

/** What somebody pasted: hex with whatever stands around it, text as the device says it, or either. */
export interface Pasted {
  readonly text: string;
  readonly as: 'hex' | 'text' | 'either';
}

export interface WireReading {
  readonly wire: string;
  readonly frames: readonly ReadFrame[];
  /** What belongs to no frame, and why. */
  readonly rest: readonly Rest[];
  /** 0…1: how much of what was pasted the frames are. */
  readonly covered: number;
}

export interface ReadFrame {
  readonly bytes: Uint8Array;
  readonly fields: readonly CodecField[];
}

export interface Rest {
  readonly bytes: Uint8Array;
  readonly why: Refused['refused'];
}

/** Frames that are shown at most. */
const mostFrames = 200;
const mostRests = 50;

/** All frames of one wire in what was pasted, each with its fields, and what is none. Pure; nothing pasted makes it throw. */
export function readWire(codec: Codec, pasted: Pasted): WireReading {
  const bytes = bytesFor(codec, pasted);
  const spans = spansIn(codec, bytes);
  const frames: ReadFrame[] = [];
  for (const { at, end } of spans.slice(0, mostFrames)) {
    const own = bytes.subarray(at, end);
    const explained = explainAfter(codec, frames.at(-1)?.bytes, own);
    if ('fields' in explained) frames.push({ bytes: own, fields: explained.fields });
  }
  const shown = frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
  const covered = bytes.length === 0 ? 0 : shown / bytes.length;
  return { wire: codec.name, frames, rest: restOf(codec, bytes, spans), covered };
}

/** Every wire that can read some of it, the one that reads most first. */
export function wiresFor(codecs: Iterable<Codec>, pasted: Pasted): WireReading[] {
  const readings = [...codecs].filter((codec) => fits(codec, pasted)).map((codec) => readWire(codec, pasted));
  return readings.filter(({ frames }) => frames.length > 0).sort((a, b) => b.covered - a.covered);
}

function fits({ isText }: Codec, { as }: Pasted): boolean {
  return as !== 'text' || isText === true;
}

function bytesFor({ isText }: Codec, { text, as }: Pasted): Uint8Array {
  if (isText === true && as !== 'hex') return Buffer.from(text).subarray(0, mostBytes);
  return joined(hexLines(text));
}

function spansIn(codec: Codec, bytes: Uint8Array): readonly Span[] {
  const found = codec.find?.(bytes) ?? [];
  if (found.length > 0 || bytes.length === 0) return found;
  return 'fields' in codec.explain(bytes) ? [{ at: 0, end: bytes.length }] : [];
}

/** An answer is read with its request in front of it where there is one: alone it does not say all that it is. */
function explainAfter(codec: Codec, before: Uint8Array | undefined, bytes: Uint8Array): ReturnType<Codec['explain']> {
  const alone = codec.explain(bytes);
  if (before === undefined) return alone;
  const first = codec.explain(before);
  const both = codec.explain(Buffer.concat([before, bytes]));
  if ('refused' in both || 'refused' in first) return alone;
  return { fields: both.fields.slice(first.fields.length) };
}

interface Gap {
  readonly bytes: Uint8Array;
  /** Behind a frame, in front of one. */
  readonly isAfter: boolean;
  readonly isBefore: boolean;
}

function restOf(codec: Codec, bytes: Uint8Array, spans: readonly Span[]): Rest[] {
  const gaps = gapsOf(bytes, spans).flatMap((gap) => (codec.isText === true ? linesOf(gap) : [gap.bytes]));
  return gaps.slice(0, mostRests).flatMap((gap): Rest[] => {
    const explained = codec.explain(gap);
    return 'refused' in explained ? [{ bytes: gap, why: explained.refused }] : [];
  });
}

function gapsOf(bytes: Uint8Array, spans: readonly Span[]): Gap[] {
  const starts = [...spans.map(({ at }) => at), bytes.length];
  const ends = [0, ...spans.map(({ end }) => end)];
  return ends.flatMap((end, index) => {
    const gap = bytes.subarray(end, starts[index]);
    return gap.length > 0 ? [{ bytes: gap, isAfter: index > 0, isBefore: index < spans.length }] : [];
  });
}

/** Whole lines: a time or a label in the line of a frame is no frame that went wrong. */
function linesOf({ bytes, isAfter, isBefore }: Gap): Uint8Array[] {
  if (!isAfter && !isBefore) return [bytes];
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  const whole = lines.slice(isAfter ? 1 : 0, isBefore ? -1 : lines.length);
  return whole.flatMap((line) => (line.trim() === '' ? [] : [Buffer.from(line.trim(), 'latin1')]));
}
