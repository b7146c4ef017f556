import { z } from 'zod';
import { Duration } from '../vocabulary/duration.ts';
import { type Command } from '../vocabulary/command.ts';
import { Encoding, Order, WireType } from '../vocabulary/point.ts';
import { type Profile } from '../vocabulary/profile.ts';
import type { Value } from '../vocabulary/reading.ts';
import { encodeWords } from './encode.ts';
import { registerCount } from './registers.ts';
import type { Finding, ProblemPath } from './source.ts';

const address = z.number().int().min(0).max(0xffff);
const Raw = z.union([z.number(), z.boolean(), z.string()]);

/** The whole text is one argument. */
const onePlaceholder = /^\{([A-Za-z0-9._-]+)\}$/;

/**
 * One write of a command: what, where, and by which function. `value: "{limit}"` is the argument of that name. Function 5
 * or 15 for coils, 6 for one register and 16 for several unless `fn` says 16, 22 for `bits` of a register.
 */
export const ModbusStep = z.strictObject({
  write: z.enum(['coil', 'holding']),
  /** Counted as the profile's points are. */
  at: address,
  /** An argument that is added to `at`, such as the channel of a relay board: `"{channel}"`. */
  plus: z.string().regex(onePlaceholder, 'must be an argument, such as "{channel}"').optional(),
  /** What the first channel is called. */
  first: z.number().int().default(0),
  value: Raw.optional(),
  /** Of rising addresses. */
  values: z
    .array(z.union([z.number(), z.boolean()]))
    .min(1)
    .max(123)
    .optional(),
  /** The argument's words → what is written. */
  map: z.record(z.string(), z.number()).optional(),
  type: WireType.optional(),
  order: Order.optional(),
  /** Registers of a string. */
  length: z.number().int().min(1).max(123).optional(),
  encoding: Encoding.optional(),
  /** As at a point: what is meant = what is written × scale + offset. */
  scale: z.number().optional(),
  offset: z.number().optional(),
  /** Only these bits of the register (function 22: the device must know it). */
  bits: z.strictObject({ shift: z.number().int().min(0).max(15), width: z.number().int().min(1).max(16).default(1) }).optional(),
  fn: z.union([z.literal(5), z.literal(6), z.literal(15), z.literal(16)]).optional(),
  /** To all devices of the line at once: nobody answers. */
  broadcast: z.boolean().optional(),
  /** It only makes the next step possible (an unlocking) and does nothing by itself. */
  prepare: z.boolean().optional(),
  /** Asked twice it does no more than once, so that it may be asked again where no answer came. */
  harmless: z.boolean().optional(),
  /** Pause before the next step. */
  rest: Duration.optional(),
});
export type ModbusStep = z.output<typeof ModbusStep>;

/** `do` of a command: one write, or several in their order. */
export const ModbusDo = z
  .union([ModbusStep, z.array(ModbusStep).min(1).max(16)])
  .transform((steps): ModbusStep[] => (Array.isArray(steps) ? steps : [steps]));
export type ModbusDo = z.output<typeof ModbusDo>;

/** What is written and where, zero-based. */
export interface Written {
  readonly fn: 5 | 6 | 15 | 16 | 22;
  readonly start: number;
  /** Coils as 0 or 1, registers as words; of function 22 the AND and the OR mask. */
  readonly values: readonly number[];
}

type Args = Readonly<Record<string, NonNullable<Value>>>;

/**
 * What a step comes to with these arguments.
 * @throws RangeError where the values do not fit the register or the address does not exist.
 */
export function writtenBy(profile: Profile, step: ModbusStep, args: Args = {}): Written {
  const start = placeOf(profile, step, args);
  const given = step.values ?? [valueOf(step, args)];
  const written = step.write === 'coil' ? coils(step, start, given) : registers(profile, step, start, given);
  const end = start + (written.fn === 22 ? 1 : written.values.length);
  if (start < 0 || end > 0x10000) throw new RangeError(`address ${start} with ${end - start} values is not within 0…65535`);
  return written;
}

function placeOf({ defaults }: Profile, { at, plus, first }: ModbusStep, args: Args): number {
  const base = defaults.addressing === 'one-based' ? at - 1 : at;
  const arg = argumentIn(plus);
  if (arg === undefined) return base;
  const channel = Number(args[arg]);
  if (!Number.isInteger(channel)) throw new RangeError(`${arg} must be a whole number`);
  return base + channel - first;
}

/** The name in `"{name}"`. */
function argumentIn(text: unknown): string | undefined {
  return typeof text === 'string' ? onePlaceholder.exec(text)?.[1] : undefined;
}

function valueOf({ value: written = 0, map }: ModbusStep, args: Args): NonNullable<Value> {
  const arg = argumentIn(written);
  if (arg === undefined) return written;
  const value = args[arg];
  if (value === undefined) throw new RangeError(`the argument ${arg} is missing`);
  if (map === undefined) return value;
  const mapped = map[String(value)];
  if (mapped === undefined) throw new RangeError(`${arg} cannot be ${String(value)}`);
  return mapped;
}

function coils({ fn }: ModbusStep, start: number, given: readonly unknown[]): Written {
  const values = given.map((value) => (value === true || value === 1 || value === 'true' ? 1 : 0));
  return { fn: fn === 15 || values.length > 1 ? 15 : 5, start, values };
}

function registers(profile: Profile, step: ModbusStep, start: number, given: readonly NonNullable<Value>[]): Written {
  if (step.bits !== undefined) {
    const { shift, width } = step.bits;
    const mask = (2 ** width - 1) << shift;
    const value = Number(given[0]);
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** width)
      throw new RangeError(`${value} does not fit into ${width} bits`);
    return { fn: 22, start, values: [~mask & 0xffff, value << shift] };
  }
  const type = step.type ?? 'u16';
  const single = type !== 'string' && registerCount(type) === 1;
  const order = step.order ?? (single ? 'ABCD' : profile.defaults.order);
  const { length, encoding } = step;
  const values = given.flatMap((value) => encodeWords({ type, order, length, encoding }, rawOf(step, value)));
  return { fn: step.fn === 16 || values.length > 1 ? 16 : 6, start, values };
}

/** Scale and offset taken back; division leaves dust such as 2.3000000000000003 that nobody means. */
function rawOf({ scale, offset }: ModbusStep, value: NonNullable<Value>): NonNullable<Value> {
  if (scale === undefined && offset === undefined) return value;
  return Number(((Number(value) - (offset ?? 0)) / (scale ?? 1)).toPrecision(12));
}

/** Everything about commands and `init` that a schema cannot see. */
export function checkSteps(profile: Profile, init: readonly ModbusStep[]): Finding[] {
  const commands = Object.entries(profile.commands).flatMap(([id, command]) =>
    (command.do as ModbusDo).flatMap((step, i) => checkStep(profile, step, ['commands', id, 'do', i], command)),
  );
  return [...commands, ...init.flatMap((step, i) => checkStep(profile, step, ['transport', 'init', i], undefined))];
}

function checkStep(profile: Profile, step: ModbusStep, path: ProblemPath, command: Command | undefined): Finding[] {
  const findings: Finding[] = [];
  const say = (key: string, zh: string, en: string): void => void findings.push({ path: [...path, key], zh, en });
  if ((step.value === undefined) === (step.values === undefined))
    say('value', 'value 和 values 必须且只能写一个。', 'Exactly one of value and values is needed.');
  const named = [argumentIn(step.value), argumentIn(step.plus)].filter((arg) => arg !== undefined);
  if (command === undefined && named.length > 0) say('value', '这里没有参数可用。', 'There are no arguments here.');
  // That every argument in braces exists is looked at for all protocols alike.
  if (command !== undefined && named.some((arg) => !Object.hasOwn(command.args, arg))) return findings;
  const isCoil = step.write === 'coil';
  if (isCoil !== (step.fn === 5 || step.fn === 15) && step.fn !== undefined)
    say('fn', '功能码 5、15 写线圈，6、16 写寄存器。', 'Functions 5 and 15 write coils, 6 and 16 registers.');
  if (isCoil && (step.bits ?? step.type ?? step.scale ?? step.offset) !== undefined)
    say('type', '线圈只有 0 和 1。', 'A coil is 0 or 1 and nothing else.');
  if (findings.length > 0) return findings;
  for (const args of command === undefined ? [{}] : trials(command)) {
    try {
      const { fn, values } = writtenBy(profile, step, args);
      if ((step.fn === 6 || step.fn === 5) && fn !== step.fn)
        say(
          'fn',
          `功能码 ${step.fn} 一次只写一个，这里有 ${values.length} 个。`,
          `Function ${step.fn} writes one; these are ${values.length}.`,
        );
    } catch (error) {
      const detail = (error as Error).message;
      say('value', `写不出来：${detail}。`, `It cannot be written: ${detail}.`);
    }
    if (findings.length > 0) break;
  }
  return findings;
}

/** Arguments at the ends of what they may be: what can be written at both can be written between them. */
function trials({ args }: Command): Args[] {
  const ends = (which: 0 | 1): Args =>
    Object.fromEntries(Object.entries(args).map(([id, argument]) => [id, endOf(argument, which)]));
  const choices = Object.entries(args).flatMap(([id, argument]) =>
    Object.keys(argument.choices ?? {}).map((choice): Args => ({ ...ends(0), [id]: typed(argument.type, choice) })),
  );
  return [ends(0), ends(1), ...choices];
}

function endOf({ type, min, max, choices }: Command['args'][string], which: 0 | 1): NonNullable<Value> {
  const [first, ...others] = Object.keys(choices ?? {});
  if (first !== undefined) return typed(type, which === 0 ? first : (others.at(-1) ?? first));
  if (type === 'boolean') return which === 1;
  if (type === 'text') return '';
  return (which === 0 ? min : max) ?? 0;
}

function typed(type: 'number' | 'boolean' | 'text', choice: string): NonNullable<Value> {
  return type === 'number' ? Number(choice) : type === 'boolean' ? choice === 'true' : choice;
}
