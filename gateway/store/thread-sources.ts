import { readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { pathToFileURL } from 'node:url';
import { sources as stripped } from '../bin/lean.js';

const known = new Map<string, ReadonlyMap<string, string>>();

/**
 * A thread's code without types: JavaScript by URL, the entry and everything of ours it imports. Its types were taken out for
 * the whole process before it began (bin/lean.js), or are here.
 *
 * Node strips types by a WebAssembly program, once more in every thread. V8 sometimes ends the whole process while it frees
 * such code (`Check failed: jit_page_->allocations_.erase(addr) == 1`, nodejs/node#64500, seen here with threads that
 * begin and end). A thread that never strips has no such code, and takes 8 MB less besides.
 * @throws Error where a file cannot be read or is not TypeScript
 */
export function threadSources(entry: URL): ReadonlyMap<string, string> {
  const sources = known.get(entry.href) ?? sourcesFrom(entry);
  known.set(entry.href, sources);
  return sources;
}

function sourcesFrom(entry: URL): Map<string, string> {
  const sources = new Map<string, string>();
  const waiting = [entry.href];
  for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
    if (sources.has(url)) continue;
    const source = stripped.get(url) ?? stripTypeScriptTypes(readFileSync(new URL(url), 'utf8'));
    sources.set(url, source);
    waiting.push(...ownImports(source, url));
  }
  return sources;
}

/** An import that is not seen here is no error: the thread then loads that file as Node does. */
function ownImports(source: string, from: string): string[] {
  const resolve = createRequire(from).resolve;
  return [...source.matchAll(/^(?:import|export)\b[^;]*?['"]([^'"]+\.ts)['"]/gm)].map(
    ([, name]) => pathToFileURL(resolve(name ?? '')).href,
  );
}
