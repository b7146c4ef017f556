import { spawnSync } from 'node:child_process';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

// How a process that runs for years on a small machine is kept small (decision 138).

/** Before Node starts: a small young generation. */
export const nodeFlags = ['--max-semi-space-size=2'];
/** Before Node starts: one arena for all threads, and what is larger than 128 kB goes back to the system when it is free. */
export const allocator = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

/**
 * The gateway's own modules as JavaScript, by URL. Empty in a process that has Node take the types out as it meets them.
 * @type {Map<string, string>}
 */
export const sources = new Map();

/** First thing in the process, before any TypeScript is loaded. */
export function beLean() {
  // The old generation is collected when it has grown by a fifth; V8 would let it grow to three times its size.
  setFlagsFromString('--heap-growing-percent=20');
  // With a compile cache Node keeps what it stripped, and strips it once in a lifetime.
  if (process.env.NODE_COMPILE_CACHE === undefined) loadWithoutTypes();
}

const mostBytes = 64 * 1024 * 1024;

/**
 * Has another process take the types out of everything, and loads from there: Node's type stripper is a WebAssembly program
 * that would stay in this process for good, 21 MB of it (and see decision 119). Where that fails, Node strips here.
 */
export function loadWithoutTypes() {
  const script = fileURLToPath(new URL('./strip.js', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    maxBuffer: mostBytes,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (status !== 0) return;
  for (const [url, source] of JSON.parse(stdout.toString('utf8'))) sources.set(url, source);
  registerHooks({
    load(url, context, next) {
      const source = sources.get(url);
      return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true };
    },
  });
}
