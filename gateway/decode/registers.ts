import { type RegisterPoint, registerPoints } from '@yihu/device-profiles/library/registers.ts';
import type { FrameBody, Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { bad, compileInterpret, type Interpret, type Meaning } from './interpret.ts';
import { compileRead, type ReadRaw } from './wire.ts';

type Body<K extends FrameBody['kind']> = Extract<FrameBody, { kind: K }>;

export interface RegisterDecoder {
  registers(body: Body<'registers'>, at: number): Reading[];
  bits(body: Body<'bits'>, at: number): Reading[];
  fault(body: Body<'fault'>, at: number): Reading[];
}

interface Compiled {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly read: ReadRaw;
  readonly interpret: Interpret;
  /** The point whose value is this one's power of ten. */
  readonly exponent?: Compiled | undefined;
}

/** Prepares the register points of a Modbus profile. A frame decodes the points that begin in it. */
export function compileRegisters(profile: Profile): RegisterDecoder {
  const tables = compileTables(registerPoints(profile));
  return {
    registers: ({ table, start, words }, at) =>
      within(tables[table], start, start + words.length).map((point) => reading(point, readWords(point, words, start), at)),
    bits: ({ table, start, bits }, at) =>
      within(tables[table], start, start + bits.length).map((point) =>
        reading(point, point.interpret(bits[point.start - start]), at),
      ),
    fault: ({ table, start, count, fault }, at) =>
      within(tables[table], start, start + count).map((point) => reading(point, bad(fault), at)),
  };
}

function compileTables(points: readonly RegisterPoint[]): Record<Table, Compiled[]> {
  const plain = new Map(points.map((point) => [point.id, compilePoint(point)]));
  const tables: Record<Table, Compiled[]> = { coil: [], discrete: [], input: [], holding: [] };
  for (const { id, point, table } of points) {
    const compiled = plain.get(id);
    if (compiled === undefined) continue;
    const exponent = point.scaleExp === undefined ? undefined : plain.get(point.scaleExp);
    tables[table].push({ ...compiled, exponent });
  }
  return tables;
}

function compilePoint({ id, point, start, count, type, order }: RegisterPoint): Compiled {
  const { length, encoding, byte, bits, signed } = point;
  const read = compileRead({ type, order, length, encoding, byte, bits, signed });
  return { id, start, end: start + count, read, interpret: compileInterpret({ ...point, type }) };
}

/** The points that begin in [from, to); `points` are sorted by start. */
function within(points: readonly Compiled[], from: number, to: number): Compiled[] {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as Compiled).start < from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < points.length && (points[end] as Compiled).start < to) end++;
  return points.slice(low, end);
}

function readWords(point: Compiled, words: readonly number[], start: number): Meaning {
  if (point.end > start + words.length) return bad('too-short');
  const { exponent } = point;
  if (exponent === undefined) return point.interpret(point.read(words, point.start - start));
  // Without its power of ten a value may be wrong by magnitudes, so it is none.
  if (exponent.start < start || exponent.end > start + words.length) return bad('too-short');
  const power = exponent.interpret(exponent.read(words, exponent.start - start));
  const isUsable = power.quality === 'good' && Number.isInteger(power.value) && Math.abs(Number(power.value)) <= 18;
  if (!isUsable) return bad('invalid-value');
  return point.interpret(point.read(words, point.start - start), Number(power.value));
}

function reading(point: Compiled, meaning: Meaning, at: number): Reading {
  return { point: point.id, ...meaning, at };
}
