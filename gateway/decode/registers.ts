import { type RegisterPoint, registerPoints } from '@yihu/device-profiles/library/registers.ts';
import type { FrameBody, Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { bad, compileInterpret, type Interpret, type Meaning, type Relations } from './interpret.ts';
import { compileComputed, relationsOf } from './relate.ts';
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
  /** What this one's value depends on: the points that give its power of ten and its unit. */
  readonly related?: { readonly point: Point; readonly others: ReadonlyMap<string, Compiled> };
}

/** Prepares the register points of a Modbus profile. A frame decodes the points that begin in it. */
export function compileRegisters(profile: Profile): RegisterDecoder {
  const tables = compileTables(profile);
  const calculate = compileComputed(profile);
  const withComputed = (readings: Reading[], at: number): Reading[] =>
    calculate === undefined ? readings : [...readings, ...calculate(readings, at)];
  return {
    registers: ({ table, start, words }, at) =>
      withComputed(
        within(tables[table], start, start + words.length).map((point) => reading(point, readWords(point, words, start), at)),
        at,
      ),
    bits: ({ table, start, bits }, at) =>
      withComputed(
        within(tables[table], start, start + bits.length).map((point) =>
          reading(point, point.interpret(bits[point.start - start]), at),
        ),
        at,
      ),
    fault: ({ table, start, count, fault }, at) =>
      withComputed(
        within(tables[table], start, start + count).map((point) => reading(point, bad(fault), at)),
        at,
      ),
  };
}

function compileTables(profile: Profile): Record<Table, Compiled[]> {
  const points = registerPoints(profile);
  const plain = new Map(points.map((point) => [point.id, compilePoint(point, profile.zone)]));
  const tables: Record<Table, Compiled[]> = { coil: [], discrete: [], input: [], holding: [] };
  for (const { id, point, table } of points) {
    const compiled = plain.get(id);
    if (compiled === undefined) continue;
    const names = [point.scaleExp, point.unitFrom].filter((name) => name !== undefined);
    const others = new Map(names.flatMap((name) => (plain.has(name) ? [[name, plain.get(name) as Compiled]] : [])));
    tables[table].push(names.length === 0 ? compiled : { ...compiled, related: { point, others } });
  }
  return tables;
}

function compilePoint({ id, point, start, count, type, order }: RegisterPoint, zone: string | undefined): Compiled {
  const { length, encoding, byte, bits, signed } = point;
  const read = compileRead({ type, order, length, encoding, byte, bits, signed });
  return { id, start, end: start + count, read, interpret: compileInterpret({ ...point, type }, zone) };
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
  const { related } = point;
  if (related === undefined) return readPlain(point, words, start);
  const relations = relationsOf(related.point, (id) => {
    const other = related.others.get(id);
    return other === undefined || other.start < start ? undefined : readPlain(other, words, start);
  });
  return 'wrong' in relations ? relations.wrong : readPlain(point, words, start, relations);
}

function readPlain(point: Compiled, words: readonly number[], start: number, relations?: Relations): Meaning {
  if (point.end > start + words.length) return bad('too-short');
  return point.interpret(point.read(words, point.start - start), relations);
}

function reading(point: Compiled, meaning: Meaning, at: number): Reading {
  return { point: point.id, ...meaning, at };
}
