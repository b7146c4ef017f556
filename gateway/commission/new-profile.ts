import { registerCount } from '@yihu/device-profiles/library/registers.ts';
import type { Order, WireType } from '@yihu/device-profiles/vocabulary/point.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { stringify } from 'yaml';
import { decodeWords } from '../decode/value.ts';
import type { Block } from './guess.ts';

/** A value that an installer has recognised in a device's registers. */
export interface NewPoint {
  readonly id: string;
  /** What people read; absent: its id, to be renamed. */
  readonly name?: Text;
  /** It only ever grows. */
  readonly isCounter?: boolean;
  /** Zero-based. */
  readonly at: number;
  readonly type: WireType;
  readonly order: Order;
  readonly scale: number;
  readonly unit: string;
  /** What the device's own display showed when it was read; the only value that proves the point. */
  readonly shown?: number;
}

export interface NewProfile {
  /** `maker.model`. */
  readonly id: string;
  /** What people read; absent: made of the id, to be renamed. */
  readonly names?: { readonly name: Text; readonly maker: Text; readonly model: string };
  readonly category: string;
  /** Modbus address it was read at. */
  readonly unit: number;
  /** Parameters of the line it was read over; absent: Modbus TCP. */
  readonly serial?: { readonly baud: number; readonly parity: string; readonly stopBits: number };
  readonly table: 'holding' | 'input';
  readonly reads: readonly NewRead[];
  /** On which it was read, `2026-11-28`. */
  readonly day: string;
}

/** One answer of the device, and the points that were recognised in it. */
export interface NewRead {
  /** Where it is not the profile's. */
  readonly table?: 'holding' | 'input';
  readonly block: Block;
  readonly points: readonly NewPoint[];
}

/**
 * A profile as a file, with a vector of what was really read. Its expected values are those of the device's display; where
 * none was given they are our own decoder's, and the vector says so by its origin. Pure.
 */
export function profileText(given: NewProfile): string {
  const { id, category, unit, serial, table, reads, day } = given;
  const { name, maker, model } = given.names ?? namesFrom(id);
  const points = reads.flatMap((read) => read.points.map((point) => ({ table, ...read, ...point })));
  const isShown = points.some(({ shown }) => shown !== undefined);
  // Where one value was compared, only compared ones prove anything.
  const proving = reads.filter((read) => !isShown || read.points.some(({ shown }) => shown !== undefined));
  return stringify(
    {
      schema: 'yihu-profile/1',
      id,
      version: '0.1.0',
      name,
      maker,
      model,
      category,
      sources: [`read from a device on ${day}`],
      confidence: 'community',
      transport: {
        protocol: 'modbus',
        modes: serial ? ['rtu', 'rtu-over-tcp'] : ['tcp'],
        ...(serial && { serial }),
        unitId: { default: unit },
        timing: { timeout: '1s', retries: 1 },
      },
      defaults: { table, order: points[0]?.order ?? 'ABCD' },
      groups: { all: { every: '30s' } },
      availability: { lateAfter: '2m', offlineAfter: '5m', missedPolls: 3 },
      points: Object.fromEntries(points.map((point) => [point.id, pointOf(point, table)])),
      vectors: proving.map((read, i) => vectorOf(read, i, given, isShown)),
    },
    { lineWidth: 120, aliasDuplicateObjects: false },
  );
}

function namesFrom(id: string): NonNullable<NewProfile['names']> {
  const [maker = '', ...rest] = id.split('.');
  const model = rest.join('.');
  return { name: { zh: `${model}（请改名）`, en: `${model} (rename)` }, maker: { zh: maker, en: maker }, model };
}

function vectorOf(read: NewRead, i: number, { table, reads, day }: NewProfile, isShown: boolean) {
  const { block, points } = read;
  const number = reads.length > 1 ? ` (${i + 1})` : '';
  const expected = points.flatMap((point): [string, unknown][] => {
    if (isShown) return point.shown === undefined ? [] : [[point.id, point.shown]];
    return [[point.id, valueOf(point, block)]];
  });
  return {
    name: (isShown ? 'as its display showed it' : 'as it was read; compare with its display') + number,
    origin: isShown ? 'recorded' : 'synthetic',
    ...(isShown && { source: `read from a device on ${day}, values from its display` }),
    given: { table: read.table ?? table, start: block.start, words: block.words },
    expect: Object.fromEntries(expected),
  };
}

function pointOf(
  { id, name, isCounter, unit, table, at, type, order, scale }: NewPoint & Pick<NewRead, 'table'>,
  usual: string,
): Readonly<Record<string, unknown>> {
  const isLong = registerCount(type) > 1;
  const places = Math.max(0, -Math.floor(Math.log10(scale)));
  return {
    name: name ?? { zh: `${id}（请改名）`, en: id },
    unit,
    group: 'all',
    ...(table !== usual && { table }),
    at,
    type,
    ...((isLong || order !== 'ABCD') && { order }),
    ...(scale !== 1 && { scale, round: places }),
    ...(type.startsWith('f') && { round: 3 }),
    // Where it would begin again nobody has seen: a smaller value is another meter until the manual says otherwise.
    ...(isCounter === true && { kind: 'counter', wrap: 'none' }),
  };
}

function valueOf({ at, type, order, scale }: NewPoint, { start, words }: Block): unknown {
  const own = words.slice(at - start, at - start + registerCount(type));
  const isFloat = type.startsWith('f');
  const places = isFloat ? 3 : Math.max(0, -Math.floor(Math.log10(scale)));
  const decoded = decodeWords({ type, order, words: own, scale, ...((scale !== 1 || isFloat) && { round: places }) });
  return 'refused' in decoded ? null : decoded.value;
}
