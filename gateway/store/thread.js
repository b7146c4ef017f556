import { registerHooks } from 'node:module';
import { workerData } from 'node:worker_threads';

/**
 * The first file of a thread of this folder, in plain JavaScript so that the thread never needs Node's type stripper: its
 * types were taken out by the thread that started it (thread-sources.ts, and why).
 */
const { entry, sources } = workerData;

registerHooks({
  load(url, context, next) {
    const source = sources.get(url);
    return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true };
  },
});

await import(entry);
