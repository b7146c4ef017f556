import { z } from 'zod';

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `"250ms"`, `"60s"`, `"10m"`, `"25h"`, `"7d"` as milliseconds. */
export const Duration = z
  .string()
  .regex(/^\d{1,6}(ms|s|m|h|d)$/, 'must be a duration such as 500ms, 60s, 10m, 25h or 7d')
  .transform((text) => {
    const unit = text.replace(/^\d+/, '') as keyof typeof units;
    return Number.parseInt(text, 10) * units[unit];
  });
