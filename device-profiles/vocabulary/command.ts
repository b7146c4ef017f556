import { z } from 'zod';
import { Duration } from './duration.ts';
import type { Value } from './reading.ts';
import { Id, Text } from './text.ts';
import { Unit } from './units.ts';

const Argument = z.strictObject({
  name: Text,
  unit: Unit.default('1'),
  type: z.enum(['number', 'boolean', 'text']).default('number'),
  min: z.number().optional(),
  max: z.number().optional(),
  /** The only values it may have, each with its name. */
  choices: z.record(z.string().max(64), Text).optional(),
});

/** 控制命令: something the device can be told to do. */
export const Command = z.strictObject({
  name: Text,
  args: z.record(Id, Argument).default({}),
  /** In the protocol's own words; its schema is the protocol's. */
  do: z.unknown(),
  /** The point that shows that it was done, and its value then; an argument is named as `{name}`, also in the point: `relay_{channel}`. */
  verify: z
    .strictObject({ point: z.string(), is: z.union([z.number(), z.string(), z.boolean()]), within: Duration.prefault('5s') })
    .optional(),
  /** `two-person`: a second person must agree before it is sent. */
  confirm: z.enum(['none', 'two-person']).default('none'),
  /** A command older than this is never carried out. */
  ttl: Duration.prefault('30s'),
});
export type Command = z.output<typeof Command>;

/** 回读: the point that shows that a command with these arguments was done, and its value then; undefined where nothing shows it. */
export function shownBy(
  { verify }: Command,
  args: Readonly<Record<string, Value>>,
): { readonly point: string; readonly is: string | number | boolean } | undefined {
  if (!verify) return undefined;
  const named = typeof verify.is === 'string' ? /^\{([A-Za-z0-9._-]+)\}$/.exec(verify.is)?.[1] : undefined;
  const is = named === undefined ? verify.is : args[named];
  if (is === undefined || is === null) return undefined;
  return { point: verify.point.replaceAll(/\{([A-Za-z0-9._-]+)\}/g, (_, name: string) => String(args[name])), is };
}
