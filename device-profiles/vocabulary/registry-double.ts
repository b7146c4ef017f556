import { z } from 'zod';
import { PersonDetail, PersonSummary } from './registry-person.ts';
import { Text } from './text.ts';

const time = z.number().int();

/** 疑似重复: the same number, the same telephone with a like name, or the same name in the same house. */
export const DoubleReason = z.enum(['id-number', 'phone', 'house']);
export type DoubleReason = z.infer<typeof DoubleReason>;

export const DoublePair = z
  .strictObject({ a: PersonSummary, b: PersonSummary, reasons: z.array(DoubleReason) })
  .meta({ id: 'DoublePair' });
export type DoublePair = z.infer<typeof DoublePair>;

export const Merged = z.strictObject({ merge: z.string(), person: PersonDetail }).meta({ id: 'Merged' });
export type Merged = z.infer<typeof Merged>;

export const Unmerged = z
  .strictObject({
    merge: z.string(),
    person: PersonDetail,
    other: PersonDetail,
    /** Fields that were changed since the merge and stay with the person. */
    kept: z.array(z.string()),
  })
  .meta({ id: 'Unmerged' });
export type Unmerged = z.infer<typeof Unmerged>;

/** 删除: what is gone, and what remains of somebody, with the reason why it must. */
export const Erased = z
  .strictObject({
    person: z.string(),
    at: time,
    removed: z.array(z.strictObject({ what: Text, count: z.number().int() })),
    remains: z.array(z.strictObject({ what: Text, why: Text, count: z.number().int() })),
  })
  .meta({ id: 'Erased' });
export type Erased = z.infer<typeof Erased>;
