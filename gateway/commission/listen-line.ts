import type { Clock } from '../clock.ts';
import type { SerialShape } from '../collect/line/dialect.ts';
import type { Problem } from '../collect/poll/outcome.ts';
import type { LinePlace } from './line-place.ts';
import { lineRoute } from './line-place.ts';

export interface LineListening {
  readonly place: LinePlace;
  readonly shape: SerialShape;
  readonly ms: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** A line that nobody should talk into is long enough known by this much of it. */
const mostHeard = 4_096;

/** What goes over a line while we say nothing: whoever already asks on it would be talked into. */
export async function listenToLine(
  options: LineListening,
): Promise<{ readonly bytes: Uint8Array } | { readonly unreachable: Problem }> {
  const { place, shape, ms, clock, signal } = options;
  const chunks: Buffer[] = [];
  const { promise: lost, resolve: lose } = Promise.withResolvers<Problem>();
  const wire = lineRoute(place, shape, clock).dial({
    open: () => undefined,
    data: (chunk) => {
      if (chunks.reduce((sum, { length }) => sum + length, 0) < mostHeard) chunks.push(Buffer.from(chunk));
    },
    lost: lose,
  });
  const waited = clock.sleep(ms, signal).then(
    () => undefined,
    // Whoever breaks it off has heard enough.
    () => undefined,
  );
  const problem = await Promise.race([lost, waited]);
  await wire.close();
  return problem === undefined ? { bytes: Buffer.concat(chunks) } : { unreachable: problem };
}
