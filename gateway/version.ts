import { readFileSync } from 'node:fs';

/** Of the package, as printed by `--version` and said in every hello. */
export const version = (JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string })
  .version;
