import { z } from 'zod';

/** Control characters but tab and line feed, lone surrogates, and the characters that turn the reading direction around. */
const unsafe = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

function isSafe(text: string): boolean {
  return !unsafe.test(text.replaceAll(/[\t\n]/g, ''));
}

/** Words a person typed: NFC, trimmed, without control or direction characters, 1 to `max` UTF-16 units. */
export function safeText(max: number) {
  return z
    .string()
    .max(max)
    .refine(isSafe, 'must not contain control or direction characters')
    .overwrite((text) => text.normalize('NFC').trim())
    .min(1)
    .max(max);
}

/** One made by the screen per press of a button: the same key twice is one effect. */
export const Key = z.string().regex(/^[A-Za-z0-9._-]{8,64}$/, 'must be 8–64 of A-Z a-z 0-9 . _ -');

/** Ids in addresses: of anything, so wider than a device's, but never a path. */
export const AnyId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/, 'must be an id');
