import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { ScanAsked, Scans, ScanStep } from './scans.ts';

/**
 * 经网关扫描: the scan of the gateway's page for the command line, event by event; a sentence where it cannot be. When
 * nobody waits for it any more it stops between two questions.
 */
export async function* scanSteps(
  scans: Pick<Scans, 'start' | 'stop' | 'over' | 'now'>,
  asked: ScanAsked,
  signal: AbortSignal,
): AsyncGenerator<ScanStep | { readonly error: Text }> {
  const heard: ScanStep[] = [];
  let next = Promise.withResolvers<void>();
  const begun = scans.start({ ...asked, hear: (step) => next.resolve(void heard.push(step)) });
  if ('refused' in begun) return yield { error: begun.refused };
  const stop = () => scans.stop();
  signal.addEventListener('abort', stop);
  const over = { is: false };
  let last: ScanStep['kind'] = 'plan';
  void scans.over().then(() => next.resolve(void (over.is = true)));
  try {
    while (!over.is || heard.length > 0) {
      if (heard.length === 0) await next.promise;
      next = Promise.withResolvers<void>();
      for (const step of heard.splice(0)) {
        last = step.kind;
        yield step;
      }
    }
    // Its port could not be had.
    const scan = scans.now();
    if (scan?.reason && scan.state === 'failed' && last !== 'unreachable' && last !== 'occupied') yield { error: scan.reason };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
