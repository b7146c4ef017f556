import type { Refused } from '../codec.ts';
import { type Framing, splitAll } from './splitter.ts';

/**
 * The one frame that some bytes are, for a codec that is asked by hand; `refusals` has the sentences for `short`, `none`,
 * `more` and for every reason the framing gives.
 */
export function wholeFrame<F>(
  framing: Framing<F>,
  bytes: Uint8Array,
  refusals: Readonly<Record<string, Refused['refused']>>,
): { readonly frame: F } | Refused {
  const refuse = (why: string): Refused => ({ refused: refusals[why] ?? { code: why, zh: why, en: why } });
  if (bytes.length === 0) return refuse('short');
  const cut = framing.cut(Buffer.from(bytes));
  if ('need' in cut) return refuse('short');
  if ('frame' in cut) return cut.take === bytes.length ? { frame: cut.frame } : refuse('more');
  if (cut.why !== undefined) return refuse(cut.why);
  return refuse(splitAll(framing, bytes).some((split) => 'frame' in split) ? 'more' : 'none');
}
