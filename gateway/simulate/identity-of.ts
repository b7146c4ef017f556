import type { Identity } from '@yihu/device-profiles/library/identity.ts';

const usual = ['sim-1', 'sim1', 'SIM00001', '24e124126a148401', '24E124126A148401'];

/** A name that fits the pattern of a profile's identity. */
export function identityOf({ pattern }: Identity): string {
  const isRight = new RegExp(pattern, 'u');
  return usual.find((name) => isRight.test(name)) ?? made(pattern);
}

/** Patterns have no groups: each piece is one character or a set, some times over; the first of each set will do. */
function made(pattern: string): string {
  const pieces = pattern.slice(1, -1).matchAll(/(\[[^\]]+\]|\\.|[^\\])(?:\{(\d+)(?:,\d*)?\}|[*+?])?/g);
  return [...pieces].map(([, one = '', times]) => firstOf(one).repeat(Number(times ?? 1))).join('');
}

function firstOf(one: string): string {
  if (one.startsWith('[')) return one.charAt(1);
  if (one === '\\d') return '1';
  return one === '\\w' ? 'a' : one.slice(-1);
}
