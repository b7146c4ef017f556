import { z } from 'zod';

/** A name people read, Chinese first; English falls back to Chinese. */
export const Text = z.strictObject({ zh: z.string().min(1).max(120), en: z.string().min(1).max(120).optional() });
export type Text = z.infer<typeof Text>;

/** The languages every screen, message and command speaks. */
export type Language = 'zh' | 'en';

export function textIn(text: Text, language: Language): string {
  return language === 'en' ? (text.en ?? text.zh) : text.zh;
}

/** Ids of gateways, devices, ports, points and rules: safe in topics, paths and logs. */
export const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1–64 of a-z 0-9 . _ - and start with a letter or digit');
export type Id = z.infer<typeof Id>;
