import { z } from 'zod';
import { LocalProbeRequest } from './local.ts';
import { Order } from './point.ts';
import { Category } from './profile.ts';
import type { Value } from './reading.ts';
import { Quantity } from './quantities.ts';
import type { Text } from './text.ts';
import { Unit } from './units.ts';

/** A profile made beside a device that nobody knows: what its display shows is found in its registers, and kept as a file. */

/** As it stands on a display: its decimals count. */
export const Shown = z.string().regex(/^-?\d{1,12}(\.\d{1,6})?$/, 'must be a number as the display shows it, such as 230.2');

/** 认值: where in these registers, read anew, is what the display shows. */
export const LocalRecogniseRequest = LocalProbeRequest.extend({ shown: Shown });
export type LocalRecogniseRequest = z.infer<typeof LocalRecogniseRequest>;

/** Types that hold a number; a value on a display is one. */
export const NumberType = z.enum(['u16', 's16', 'bcd16', 'u32', 's32', 'f32', 'bcd32', 'u64', 's64', 'f64']);

const Match = z.strictObject({
  /** Zero-based. */
  at: z.number().int().min(0).max(0xffff),
  type: NumberType,
  order: Order,
  scale: z.number().positive().max(1_000),
  /** The registers, as they came. */
  words: z.array(z.number().int().min(0).max(0xffff)).min(1).max(4),
});

/** One way in which registers say what the display shows. */
export interface LocalMatch extends Readonly<z.infer<typeof Match>> {
  /** With all its digits. */
  readonly value: number;
}

/** The most plausible first. Empty: these registers do not hold it. */
export interface LocalRecognised {
  readonly matches: readonly LocalMatch[];
}

const Name = z.string().trim().min(1).max(40);

/** What somebody reads beside a register: a usual quantity, or words of their own. */
const Named = z.union([
  z.strictObject({ quantity: Quantity }),
  /** Without English the Chinese is spelt in pinyin. */
  z.strictObject({ zh: Name, en: z.string().trim().max(60).optional() }),
]);
export type LocalValueName = z.infer<typeof Named>;

const { place, unit, table } = LocalProbeRequest.shape;

const NewValue = z.strictObject({ name: Named, unit: Unit, shown: Shown, table, match: Match });
export type LocalNewValue = z.infer<typeof NewValue>;

export const LocalNewProfile = z.strictObject({
  place,
  /** Modbus address of the device. */
  unit,
  category: Category,
  /** As printed on the device. */
  maker: Name,
  model: Name,
  values: z.array(NewValue).min(1).max(64),
});
export type LocalNewProfile = z.infer<typeof LocalNewProfile>;

/** What is wrong, and with which field: `maker`, `values.2`, or a path in the profile as it would be. */
export interface LocalProfileProblem {
  readonly field: string;
  readonly zh: string;
  readonly en: string;
}

/** 检查: the profile as it would be saved, with what the device says through it at this moment; or what is wrong. */
export interface LocalProfileCheck {
  /** `maker.model`; empty where none can be made of them. */
  readonly id: string;
  readonly problems: readonly LocalProfileProblem[];
  readonly tier: 'bronze' | 'silver' | 'gold' | null;
  /** Where it would lie, from the site file. */
  readonly file: string;
  /** The port of the site file that the device is on; empty where none has its line. */
  readonly port: string;
  readonly readings: readonly {
    readonly point: string;
    readonly name: Text;
    readonly symbol: string;
    readonly value: Value;
    readonly quality: 'good' | 'uncertain' | 'bad';
    /** What the display showed when the value was found. */
    readonly shown: string;
  }[];
  /** Why there are no readings; the profile may be saved all the same. */
  readonly unreachable: Text | null;
}

export interface LocalSavedProfile {
  readonly id: string;
  readonly file: string;
  readonly port: string;
}

/** What there is to choose from. */
export interface LocalProfileWords {
  readonly quantities: readonly { readonly id: Quantity; readonly name: Text; readonly units: readonly Unit[] }[];
  readonly units: readonly { readonly id: Unit; readonly name: Text; readonly symbol: string }[];
  readonly categories: readonly { readonly id: Category; readonly name: Text }[];
}
