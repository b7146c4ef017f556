import { z } from 'zod';
import { Duration } from '../vocabulary/duration.ts';

/** The parameters a device on a serial line has when it leaves the factory; a site may say otherwise. */
export const SerialLine = z.strictObject({
  baud: z.number().int().min(300).max(115_200),
  parity: z.enum(['none', 'even', 'odd']),
  stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
});
export type SerialLine = z.output<typeof SerialLine>;

/** How long a slave may think before its answer begins, how often it is asked again, and the pause it needs between. */
export const LineTiming = z.strictObject({
  timeout: Duration,
  retries: z.number().int().min(0).max(5).default(1),
  gap: Duration.optional(),
});
export type LineTiming = z.output<typeof LineTiming>;
