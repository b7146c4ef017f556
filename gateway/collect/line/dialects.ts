import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Dialect } from './dialect.ts';

/** Every folder of `collect/` with a `dialect.ts` speaks on a line; nothing else knows their names. By profile protocol. */
export const dialects: ReadonlyMap<string, Dialect> = await loadDialects(new URL('../', import.meta.url));

async function loadDialects(root: URL): Promise<Map<string, Dialect>> {
  const found = new Map<string, Dialect>();
  for (const entry of await readdir(root, { withFileTypes: true })) {
    // This folder's own file of that name is the contract.
    if (!entry.isDirectory() || entry.name === 'line') continue;
    const file = new URL(`./${entry.name}/dialect.ts`, root);
    if (!existsSync(file)) continue;
    const { dialect } = (await import(file.href)) as { dialect: Dialect };
    found.set(dialect.protocol, dialect);
  }
  return found;
}

/** @throws for a profile that no dialect speaks: the site check has refused it. */
export function dialectOf({ id, transport }: { id: string; transport: { protocol: string } }): Dialect {
  const dialect = dialects.get(transport.protocol);
  if (dialect === undefined) throw new Error(`profile ${id}: no dialect speaks ${transport.protocol}`);
  return dialect;
}
