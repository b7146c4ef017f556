import { createRequire } from 'node:module';
import type { pinyin as spell } from 'pinyin-pro';

const load = createRequire(import.meta.url);

/** 拼音, by pinyin-pro. Its dictionary takes 5 MB of memory and comes with the first word that is spelt: most gateways never do. */
export function pinyin(): typeof spell {
  return (load('pinyin-pro') as { readonly pinyin: typeof spell }).pinyin;
}
