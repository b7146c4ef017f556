import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import { readXml } from '../../xml.ts';

/**
 * What the root of an XML document holds, so that JSON and XML of one device have the same paths. Undefined: it is none. A
 * careless firmware ends its text with a NUL.
 */
export function xmlContent(text: string): Json | undefined {
  const read = readXml(text.replaceAll('\0', ' ').trim());
  return 'fault' in read ? undefined : Object.values(read.tree)[0];
}
