import { z } from 'zod';

/** What became of a warning that came in by CAP. */
const capEffects = ['raised', 'updated', 'cancelled', 'late', 'kept'] as const;

export const CapReceipt = z
  .strictObject({
    sender: z.string(),
    identifier: z.string(),
    /** `late`: a newer message of the same story is here already. `kept`: a test, an exercise or an answer; nobody is told. */
    effect: z.enum(capEffects),
    areas: z.array(z.string()),
    incidents: z.array(z.string()),
    /** True where this message was here before, and nothing happened again. */
    repeated: z.boolean(),
  })
  .meta({ id: 'CapReceipt' });
export type CapReceipt = z.infer<typeof CapReceipt>;

/** A message as a line of the list; the document itself is `GET /api/cap/messages/:identifier`. */
export const CapEntry = z
  .strictObject({
    direction: z.enum(['in', 'out']),
    sender: z.string(),
    identifier: z.string(),
    sent: z.string(),
    status: z.string(),
    msgType: z.string(),
    headline: z.string(),
    effect: z.enum([...capEffects, 'sent']),
    areas: z.array(z.string()),
    /** Identifiers of the messages it updates or cancels. */
    references: z.array(z.string()),
    incident: z.string().nullable(),
    at: z.number().int(),
  })
  .meta({ id: 'CapEntry' });
export type CapEntry = z.infer<typeof CapEntry>;

/** A code others know an area by, e.g. its 行政区划代码; `scheme` is the valueName of their geocodes. */
export const Geocode = z
  .strictObject({
    scheme: z.string().regex(/^\S(.{0,78}\S)?$/u, 'must be 1–80 characters without blanks around them'),
    code: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1–64 of A-Z a-z 0-9 . _ -'),
  })
  .meta({ id: 'Geocode' });
export type Geocode = z.infer<typeof Geocode>;
