import { z } from 'zod';
import { Duration } from './duration.ts';
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
  /** The point that shows that it was done; an argument's value is named as `{name}`. */
  verify: z
    .strictObject({ point: z.string(), is: z.union([z.number(), z.string(), z.boolean()]), within: Duration.prefault('5s') })
    .optional(),
  /** `two-person`: a second person must agree before it is sent. */
  confirm: z.enum(['none', 'two-person']).default('none'),
  /** A command older than this is never carried out. */
  ttl: Duration.prefault('30s'),
});
export type Command = z.output<typeof Command>;
