import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from './problem.ts';
import type { WebOptions } from './server.ts';

/** Six digits or a recovery code, with the blanks and hyphens people type. */
export const Code = z.string().regex(/^[0-9A-Za-z -]{6,32}$/, 'must be six digits or a recovery code');

/** @throws Refusal where the code does not open, or too many were tried. */
export async function checkCode(
  options: WebOptions,
  user: string,
  code: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  options.tries.code(user, request, reply);
  const checked = await options.factors.check(user, code);
  if (checked.ok) return void (checked.recovery && (request.note['recovery'] = true));
  if (checked.code === 'locked') {
    void reply.header('retry-after', String(Math.max(1, Math.ceil((checked.until - options.clock.now()) / 1000))));
  }
  throw new Refusal(checked.code);
}
