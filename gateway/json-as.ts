import type { z } from 'zod';

/** JSON that was kept or that came in, as `shape` has it; null where it is no JSON or of another shape. */
export function jsonAs<T>(shape: z.ZodType<T>, text: string): T | null {
  try {
    return shape.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
