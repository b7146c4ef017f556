import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Codec } from './collect/codec.ts';

/** Every folder of `collect/` with a `codec.ts` has codecs that can be asked by hand. By the word of `--wire`. */
export const codecs: ReadonlyMap<string, Codec> = await loadCodecs(new URL('./collect/', import.meta.url));

async function loadCodecs(root: URL): Promise<Map<string, Codec>> {
  const found = new Map<string, Codec>();
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const file = new URL(`./${entry.name}/codec.ts`, root);
    if (!entry.isDirectory() || !existsSync(file)) continue;
    const module = (await import(file.href)) as { codecs: readonly Codec[] };
    for (const codec of module.codecs) found.set(codec.name, codec);
  }
  return found;
}
