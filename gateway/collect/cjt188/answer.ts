import { type Cjt188Field, type Cjt188Transport, layoutOf, meterUnits } from '@yihu/device-profiles/protocols/cjt188.ts';
import type { FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import { digitsOf, hexByte } from '../line/framing.ts';
import { type Cjt188Frame, fromMeter, isRefusal } from './frame.ts';

/** What a meter's frame says; undefined for a question. */
export type MeterSays =
  | {
      readonly kind: 'data';
      readonly function: number;
      readonly wireIdentifier: string;
      readonly sequence: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'refused'; readonly function: number; readonly status: Uint8Array };

export function saysOf({ control, data }: Cjt188Frame): MeterSays | undefined {
  if ((control & fromMeter) === 0) return undefined;
  const fn = control & 0x3f;
  if ((control & isRefusal) !== 0) return { kind: 'refused', function: fn, status: data };
  if (data.length < 3) return undefined;
  const wireIdentifier = digitsOf(data.subarray(0, 2).toReversed());
  return { kind: 'data', function: fn, wireIdentifier, sequence: data[2] as number, bytes: data.subarray(3) };
}

/** 90 1F and 1F 90 are the same identifier 901F; meters send either. */
export function isIdentifier(wire: string, identifier: string): boolean {
  return wire === identifier || wire === `${identifier.slice(2)}${identifier.slice(0, 2)}`;
}

/** One field of an answer as it stands there. */
export interface FieldValue {
  readonly field: Cjt188Field;
  readonly bytes: Uint8Array;
  /** The unit's code, where one stands with it. */
  readonly unit?: number;
}

/** The fields of an answer, or why they cannot be told apart. */
export function fieldsOf(
  transport: Cjt188Transport,
  layout: readonly Cjt188Field[],
  bytes: Uint8Array,
): FieldValue[] | { readonly odd: string } {
  const length = layout.reduce((sum, field) => sum + field.bytes + (field.unit ? 1 : 0), 0);
  if (bytes.length !== length) return { odd: `${bytes.length} data bytes where this type of meter has ${length}` };
  let at = 0;
  return layout.map((field) => {
    const from = at;
    at += field.bytes + (field.unit ? 1 : 0);
    if (!field.unit) return { field, bytes: bytes.slice(from, at) };
    const isBefore = transport.unitPlace === 'before';
    const unitAt = isBefore ? from : at - 1;
    return { field, bytes: isBefore ? bytes.slice(from + 1, at) : bytes.slice(from, at - 1), unit: bytes[unitAt] as number };
  });
}

/**
 * What an answer is for the pipeline. A value stands under the unit the meter gave with it, so that litres are never read
 * as cubic metres; what the profile wants in another unit is missed, and says why.
 */
export function bodiesOf(
  transport: Cjt188Transport,
  identifier: string,
  bytes: Uint8Array,
  wanted: readonly string[],
): FrameBody[] | { readonly odd: string } {
  const layout = layoutOf(transport, identifier);
  if (layout === undefined) return [{ kind: 'items', items: [{ key: identifier, bytes }] }];
  const fields = fieldsOf(transport, layout, bytes);
  if ('odd' in fields) return fields;
  const items = fields.map(({ field, bytes: own, unit }) => ({ key: keyOf(identifier, field, unit), bytes: own }));
  const missed = fields.flatMap(({ field, unit }): FrameBody[] => {
    const own = keyOf(identifier, field, unit);
    const keys = unit === undefined ? [] : wanted.filter((key) => key.startsWith(`${identifier}.${field.key}.`) && key !== own);
    if (keys.length === 0) return [];
    return [{ kind: 'missed', keys, fault: 'unsupported', detail: `the meter counts in ${unitName(unit as number)}` }];
  });
  return [{ kind: 'items', items }, ...missed];
}

function keyOf(identifier: string, { key }: Cjt188Field, unit: number | undefined): string {
  return unit === undefined ? `${identifier}.${key}` : `${identifier}.${key}.${unitName(unit)}`;
}

/** `m3`, or `unit-7F` for a code that is not in the standard. */
export function unitName(code: number): string {
  return meterUnits.get(code) ?? `unit-${hexByte(code)}`;
}

/**
 * Whether a refusal may be that of this function. Many meters refuse everything as if it were a read; that is not taken for
 * the refusal of an order, which might have been carried out all the same.
 */
export function isRefusalOf(says: MeterSays, fn: number): boolean {
  return says.kind === 'refused' && says.function === fn;
}
