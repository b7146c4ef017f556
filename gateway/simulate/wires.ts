import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { SimulatedWire } from './wire.ts';

/** Every folder of `wires/` with a `wire.ts` plays the other end of a driver. By the word of `driver:`. */
export const wires: ReadonlyMap<string, SimulatedWire> = await loadWires(new URL('./wires/', import.meta.url));

async function loadWires(root: URL): Promise<Map<string, SimulatedWire>> {
  const found = new Map<string, SimulatedWire>();
  for (const { name } of await readdir(root, { withFileTypes: true })) {
    const file = new URL(`./${name}/wire.ts`, root);
    if (!existsSync(file)) continue;
    const { wire } = (await import(file.href)) as { wire: SimulatedWire };
    found.set(wire.driver, wire);
  }
  return found;
}
