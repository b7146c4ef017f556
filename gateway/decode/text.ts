import type { Encoding } from '@yihu/device-profiles/vocabulary/point.ts';

/** The longest text a reading carries (see `Value` in the vocabulary). */
export const maxTextLength = 4096;

const decoders = {
  utf8: new TextDecoder('utf-8', { fatal: true }),
  gb18030: new TextDecoder('gb18030', { fatal: true }),
} as const;

/** Bytes as text, `undefined` where they are not of that encoding. */
export function decodeText(bytes: Uint8Array, encoding: Encoding): string | undefined {
  if (encoding === 'hex') return Buffer.from(bytes).toString('hex').toUpperCase();
  if (encoding === 'ascii') return bytes.every((byte) => byte < 0x80) ? Buffer.from(bytes).toString('latin1') : undefined;
  try {
    return decoders[encoding].decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined; // What `fatal` throws for malformed bytes (WHATWG Encoding §7.2).
    throw error;
  }
}

/** The text of `length` registers; what follows a NUL is often garbage. */
export function wordsText(
  words: readonly number[],
  index: number,
  length: number,
  lowFirst: boolean,
  encoding: Encoding,
): string | undefined {
  const bytes = new Uint8Array(length * 2);
  for (let i = 0; i < length; i++) {
    const word = words[index + i] ?? 0;
    bytes[i * 2] = lowFirst ? word & 0xff : word >> 8;
    bytes[i * 2 + 1] = lowFirst ? word >> 8 : word & 0xff;
  }
  return cutText(bytes, encoding);
}

/** Bytes of a fixed field as text: cut at the first NUL and trimmed. `undefined` where it is no text that can be kept. */
export function cutText(bytes: Uint8Array, encoding: Encoding): string | undefined {
  const end = encoding === 'hex' ? -1 : bytes.indexOf(0);
  const text = decodeText(end === -1 ? bytes : bytes.subarray(0, end), encoding)?.trim();
  return text !== undefined && isSafeText(text) ? text : undefined;
}

/** Fit for every store and screen behind us: not too long, no control characters, no half of a surrogate pair. */
export function isSafeText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.length <= maxTextLength && text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text);
}
