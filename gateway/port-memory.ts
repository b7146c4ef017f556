import type { Keep } from './collect/driver.ts';

/** 端口记忆: what drivers keep across a restart stands beside the rule state, and is committed with the frames it speaks of. */
const prefixOf = (port: string) => `port/${port}/`;

/** What a port keeps, under names of its own. */
export function underPort(port: string, keep: Keep): Keep {
  return keep.map(([key, json]) => [prefixOf(port) + key, json] as const);
}

/** What the port had kept, by the names it knows. */
export function keptBy(port: string, saved: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const prefix = prefixOf(port);
  const own = [...saved].filter(([key]) => key.startsWith(prefix));
  return new Map(own.map(([key, json]) => [key.slice(prefix.length), json]));
}

/** What ports that left the site file had kept is forgotten. */
export function orphans(saved: ReadonlyMap<string, string>, ports: readonly string[]): Keep {
  const known = new Set(ports);
  const ownerOf = (key: string) => /^port\/([^/]+)\//.exec(key)?.[1];
  return [...saved.keys()].flatMap((key) => {
    const owner = ownerOf(key);
    return owner === undefined || known.has(owner) ? [] : [[key, null] as const];
  });
}
