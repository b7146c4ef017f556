import { ActArguments, ActCause, type ActReason } from '@yihu/device-profiles/vocabulary/act.ts';
import { type Command, shownBy } from '@yihu/device-profiles/vocabulary/command.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { z } from 'zod';
import { reasons } from './sentences.ts';

/** 命令: what somebody, or a linkage rule, wants a device to do. A border: it may come from a page or from the cloud. */
export const Order = z.strictObject({
  /** Names it for ever, chosen by whoever gives it: given twice, it is carried out once. */
  id: z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be 1–200 printable characters without blanks'),
  device: z.string().min(1).max(64),
  command: z.string().min(1).max(64),
  args: ActArguments.refine((args) => Object.keys(args).length <= 32, 'at most 32 arguments').optional(),
  /** Who gives it. */
  by: z.string().trim().min(1).max(120),
  /** When it was given, milliseconds since 1970 UTC, where that was on another machine. Default: now. */
  at: z.number().int().optional(),
  /** Not sent when older than this; never longer than the profile says. */
  ttlMs: z.number().int().positive().optional(),
  cause: ActCause.optional(),
  /** The installer has declared that this one needs no second person (linkage on fire). */
  withoutConfirm: z.boolean().optional(),
  /** How long it may wait for people. Default: a minute for the second person. */
  awaitMs: z.number().int().positive().optional(),
});
export type Order = Readonly<z.infer<typeof Order>>;

/** What of the arguments does not fit the command; undefined where all do. */
export function argumentFlaw(spec: Command, args: ActArguments): ActReason | undefined {
  for (const name of Object.keys(args))
    if (!Object.hasOwn(spec.args, name)) return reasons.argument(name, '是这条命令没有的', 'is none of this command');
  for (const [name, wanted] of Object.entries(spec.args)) {
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    if (value === undefined) return reasons.argument(name, '没有给出', 'is missing');
    const flaw = valueFlaw(wanted, value);
    if (flaw) return reasons.argument(name, flaw.zh, flaw.en);
  }
  return undefined;
}

function valueFlaw(wanted: Command['args'][string], value: ActArguments[string]): { zh: string; en: string } | undefined {
  const { type, min, max, choices } = wanted;
  if (typeof value !== (type === 'text' ? 'string' : type))
    return { zh: `应为${{ number: '数字', boolean: '是/否', text: '文字' }[type]}`, en: `must be a ${type}` };
  if (choices && !Object.hasOwn(choices, String(value)))
    return { zh: `只能是：${Object.keys(choices).join('、')}`, en: `must be one of: ${Object.keys(choices).join(', ')}` };
  if (typeof value === 'string') return textFlaw(value);
  if (typeof value !== 'number') return undefined;
  if (min !== undefined && value < min) return { zh: `不能小于 ${min}`, en: `must be at least ${min}` };
  if (max !== undefined && value > max) return { zh: `不能大于 ${max}`, en: `must be at most ${max}` };
  return undefined;
}

function textFlaw(text: string): { zh: string; en: string } | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what must not get through to a device
  return /[\u0000-\u001f\u007f]/.test(text) ? { zh: '含有控制字符', en: 'holds control characters' } : undefined;
}

/** 回读: what shows that it was done, and how soon; undefined where nothing shows it. */
export function expectationOf(spec: Command, args: ActArguments): Expectation | undefined {
  const shown = shownBy(spec, args);
  return shown && spec.verify && { ...shown, withinMs: spec.verify.within };
}

export interface Expectation {
  readonly point: string;
  readonly is: string | number | boolean;
  readonly withinMs: number;
}

/** Whether the device shows what was expected; numbers may differ by what a conversion rounds away. */
export function isShown(expected: string | number | boolean, shown: Value): boolean {
  if (typeof expected === 'number' && typeof shown === 'number')
    return Math.abs(expected - shown) <= 1e-6 * Math.max(1, Math.abs(expected));
  return expected === shown;
}
