import { z } from 'zod';
import { checkItemPoints } from '../library/items.ts';
import type { Protocol } from '../library/protocol.ts';
import { LineTiming, SerialLine } from '../library/serial-line.ts';
import type { Finding } from '../library/source.ts';
import type { Profile } from '../vocabulary/profile.ts';

/** 计量单位 by their code (CJ/T 188-2004 annex, the codes of EN 1434-3). */
export const meterUnits: ReadonlyMap<number, string> = new Map([
  [0x01, 'J'],
  [0x02, 'Wh'],
  [0x05, 'kWh'],
  [0x08, 'MWh'],
  [0x0a, 'MWhx100'],
  [0x0b, 'kJ'],
  [0x0e, 'MJ'],
  [0x11, 'GJ'],
  [0x13, 'GJx100'],
  [0x14, 'W'],
  [0x17, 'kW'],
  [0x1a, 'MW'],
  [0x29, 'L'],
  [0x2c, 'm3'],
  [0x32, 'L/h'],
  [0x35, 'm3/h'],
]);

const Field = z.strictObject({
  /** Part of the key: `current` of 901F is `901F.current`, and `901F.current.m3` where a unit stands with it. */
  key: z.string().regex(/^[a-z][a-z-]{0,31}$/, 'must be lower-case letters and -'),
  bytes: z.number().int().min(1).max(32),
  /** One byte of a unit stands with it. */
  unit: z.boolean().default(false),
});
export type Cjt188Field = z.output<typeof Field>;

/** 数据标识 DI as the standard prints it, high byte first. */
const Identifier = z.string().regex(/^[0-9A-F]{4}$/, 'must be 4 upper-case hex digits in quotes');

/** CJ/T 188-2004 water, heat and gas meters on RS-485 or behind an M-Bus adapter. */
export const Cjt188Transport = z.strictObject({
  protocol: z.literal('cjt188'),
  /** 仪表类型 T: 0x10 cold water, 0x11 hot, 0x12 drinking, 0x13 reclaimed, 0x20 heat, 0x21 cold, 0x30 gas. */
  meterType: z.number().int().min(0x10).max(0x49),
  serial: SerialLine.prefault({ baud: 2400, parity: 'even', stopBits: 1 }),
  /** FE in front of a question, to wake the meter. */
  preamble: z.number().int().min(0).max(4).default(4),
  timing: LineTiming.prefault({ timeout: '1s' }),
  /**
   * How the two bytes of an identifier stand on the wire: meters differ (901F is sent as 90 1F or 1F 90). `learn`: the
   * other way round is tried after a silence, until one is answered.
   */
  identifierOrder: z.enum(['high-first', 'low-first', 'learn']).default('learn'),
  /** The same of the valve command, which is not guessed. */
  valveIdentifierOrder: z.enum(['high-first', 'low-first']).default('high-first'),
  /** A unit stands behind its value by the standard; some heat meters send it in front. */
  unitPlace: z.enum(['behind', 'before']).default('behind'),
  /** What an answer is made of, where it differs from the standard's for this type of meter. */
  layouts: z.record(Identifier, z.array(Field).min(1).max(32)).default({}),
});
export type Cjt188Transport = z.output<typeof Cjt188Transport>;

/** 阀门控制: open (55H) or close (99H). */
export const Cjt188Command = z.strictObject({ valve: z.enum(['open', 'close']) });
export type Cjt188Command = z.output<typeof Cjt188Command>;

const value = (key: string): Cjt188Field => ({ key, bytes: 4, unit: true });
const bare = (key: string, bytes: number): Cjt188Field => ({ key, bytes, unit: false });
const clockAndStatus = [bare('time', 7), bare('status', 2)];

/** What 901F brings of water and gas (CJ/T 188-2004). */
const flowLayout = [value('current'), value('frozen'), ...clockAndStatus];
/** The same for heat. */
const heatLayout = [
  value('heat-frozen'),
  value('heat'),
  value('power'),
  value('flow'),
  value('volume'),
  bare('supply', 3),
  bare('return', 3),
  bare('hours', 3),
  ...clockAndStatus,
];

/** What an answer is made of; undefined: one item, under the identifier itself. */
export function layoutOf({ layouts, meterType }: Cjt188Transport, identifier: string): readonly Cjt188Field[] | undefined {
  if (Object.hasOwn(layouts, identifier)) return layouts[identifier];
  if (identifier !== '901F') return undefined;
  const kind = meterType >> 4;
  if (kind === 2) return heatLayout;
  return kind === 1 || kind === 3 ? flowLayout : undefined;
}

/** @throws for a profile of another protocol. */
export function cjt188Of(profile: Profile): Cjt188Transport {
  if (profile.transport.protocol !== 'cjt188') throw new Error(`profile ${profile.id} is not a CJ/T 188 profile`);
  return profile.transport as Cjt188Transport;
}

export const protocol: Protocol<Cjt188Transport> = {
  name: 'cjt188',
  transport: Cjt188Transport,
  values: 'items',
  isPolled: true,
  command: Cjt188Command,
  check: (profile, transport) => [
    ...checkItemPoints(profile, (key) => isKeyOf(transport, key), '901F.current.m3'),
    ...checkLayouts(transport),
  ],
};

/** `901F` where it is one item; `901F.status`, or `901F.current.m3` where a unit stands with it. */
function isKeyOf(transport: Cjt188Transport, key: string): boolean {
  const [identifier = '', name, unit, ...rest] = key.split('.');
  if (!Identifier.safeParse(identifier).success || rest.length > 0) return false;
  const layout = layoutOf(transport, identifier);
  if (layout === undefined) return name === undefined;
  const field = layout.find((each) => each.key === name);
  if (field === undefined) return false;
  return field.unit ? [...meterUnits.values()].includes(unit ?? '') : unit === undefined;
}

function checkLayouts({ layouts }: Cjt188Transport): Finding[] {
  return Object.entries(layouts).flatMap(([identifier, fields]): Finding[] => {
    const path = ['transport', 'layouts', identifier];
    const twins = fields.filter(({ key }, at) => fields.findIndex((each) => each.key === key) < at);
    const total = fields.reduce((sum, { bytes, unit }) => sum + bytes + (unit ? 1 : 0), 0);
    return [
      ...twins.map(({ key }) => ({ path, zh: `"${key}" 出现了两次。`, en: `"${key}" is there twice.` })),
      ...(total <= mostDataBytes
        ? []
        : [{ path, zh: `一帧最多 ${mostDataBytes} 个数据字节。`, en: `A frame holds at most ${mostDataBytes} data bytes.` }]),
    ];
  });
}

/** Identifier and sequence taken off the 100 bytes that L may say when reading. */
const mostDataBytes = 97;
