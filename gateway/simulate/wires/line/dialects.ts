import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { SimulatedDialect } from './slave.ts';

/** Every folder of `wires/` with a `slave.ts` plays devices of a protocol on a line. By the profiles' protocol. */
export const dialects: ReadonlyMap<string, SimulatedDialect> = await loadDialects(new URL('../', import.meta.url));

async function loadDialects(root: URL): Promise<Map<string, SimulatedDialect>> {
  const found = new Map<string, SimulatedDialect>();
  for (const { name } of await readdir(root, { withFileTypes: true })) {
    const file = new URL(`./${name}/slave.ts`, root);
    if (name === 'line' || !existsSync(file)) continue;
    const { dialect } = (await import(file.href)) as { dialect: SimulatedDialect };
    found.set(dialect.protocol, dialect);
  }
  return found;
}
