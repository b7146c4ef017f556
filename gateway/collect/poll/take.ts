import type { Manner, Read, Taken } from '../line/dialect.ts';

/** What an answer came to. No answer makes a read throw; should one, its own device is hurt, and not the line. */
export function takeFrom<A extends Manner>(read: Read<A>, answer: unknown): Taken<A> {
  try {
    return read.take(answer);
  } catch (error) {
    return { exception: { detail: `the answer broke its dialect: ${String(error)}`, isLasting: false } };
  }
}
