import { readdir } from 'node:fs/promises';
import type { Protocol } from './protocol.ts';

/** Every file of `protocols/` is a protocol; nothing else knows their names. */
export const protocols: ReadonlyMap<string, Protocol> = await loadProtocols(new URL('../protocols/', import.meta.url));

async function loadProtocols(folder: URL): Promise<Map<string, Protocol>> {
  const found = new Map<string, Protocol>();
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort();
  for (const file of files) {
    const { protocol } = (await import(new URL(file, folder).href)) as { protocol: Protocol };
    found.set(protocol.name, protocol);
  }
  return found;
}

/** @throws for a profile that did not come from the loader: it has refused unknown protocols. */
export function protocolOf({ id, transport }: { id: string; transport: { protocol: string } }): Protocol {
  const protocol = protocols.get(transport.protocol);
  if (protocol === undefined) throw new Error(`profile ${id}: no protocol ${transport.protocol}`);
  return protocol;
}
