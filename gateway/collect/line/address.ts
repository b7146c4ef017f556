import { z } from 'zod';
import type { Dialect } from './dialect.ts';
import { type LineAddress, OwnShape } from './settings.ts';

const Own = z.looseObject({ serial: OwnShape.optional() });

/** The words of a dialect's address, and `serial` beside them. */
export function addressSchema(dialect: Dialect): z.ZodType<LineAddress> {
  return z.unknown().transform((value, context): LineAddress => {
    const own = Own.safeParse(value);
    if (!own.success) return refuse(context, own.error, value);
    const { serial, ...words } = own.data;
    const parsed = dialect.address.safeParse(words);
    if (!parsed.success) return refuse(context, parsed.error, value);
    return { ...(parsed.data as object), ...(serial && { serial }) };
  });
}

function refuse(context: z.RefinementCtx, { issues }: z.ZodError, input: unknown): never {
  for (const issue of issues) context.issues.push({ ...issue, input } as z.core.$ZodRawIssue);
  return z.NEVER;
}
