import { z } from 'zod';
import { Text } from '../vocabulary/text.ts';
import type { Finding } from './source.ts';

/** What the installer types in so that a device's messages are known: an EUI, a serial number, a topic's name. */
export const Identity = z.strictObject({ name: z.string(), pattern: z.string(), label: Text });
export type Identity = z.output<typeof Identity>;

/** The identity's name and pattern are safe to use in topics and addresses. */
export function checkIdentity(identity: Identity): Finding[] {
  const findings = checkPattern(identity);
  if (/^[A-Za-z][A-Za-z0-9]{0,31}$/.test(identity.name)) return findings;
  const path = ['transport', 'identity', 'name'];
  return [
    { path, zh: '名称只能用字母和数字，以字母开头。', en: 'The name takes letters and digits only and begins with a letter.' },
    ...findings,
  ];
}

function checkPattern({ pattern }: Identity): Finding[] {
  const path = ['transport', 'identity', 'pattern'];
  if (!/^\^.*\$$/.test(pattern) || pattern.length > 100) {
    return [
      {
        path,
        zh: '格式必须以 ^ 开头、以 $ 结尾，不超过 100 个字符。',
        en: 'The pattern must start with ^, end with $ and be at most 100 characters.',
      },
    ];
  }
  // A repeat of a repeat can run for hours on one name typed in.
  if (/[*+}]\)?[*+{]/.test(pattern) || pattern.includes('(')) {
    return [{ path, zh: '格式里不能有括号或重复的重复。', en: 'The pattern must have no groups and no repeat of a repeat.' }];
  }
  return isPattern(pattern) ? [] : [{ path, zh: '不是有效的正则表达式。', en: 'This is not a regular expression.' }];
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').source !== '';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
