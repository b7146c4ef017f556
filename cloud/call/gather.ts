/**
 * Brings together what comes at once: while one batch is written the next gathers, so that a thousand answers a second are a
 * few dozen transactions. Each caller hears of its own when its batch is kept; where the writing fails, all of them hear it.
 */
export function gather<T, R>(write: (batch: readonly T[]) => Promise<readonly R[]>, most: number): (one: T) => Promise<R> {
  let waiting: { readonly one: T; readonly resolve: (result: R) => void; readonly reject: (error: unknown) => void }[] = [];
  let busy = false;
  const run = async (): Promise<void> => {
    busy = true;
    // What arrives in the same turn goes along.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        const results = await write(batch.map(({ one }) => one));
        batch.forEach(({ resolve, reject }, nth) => {
          const result = results[nth];
          if (result === undefined) reject(new Error('a batch came back shorter than it went'));
          else resolve(result);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    busy = false;
  };
  return (one) =>
    new Promise((resolve, reject) => {
      waiting.push({ one, resolve, reject });
      if (!busy) void run();
    });
}
