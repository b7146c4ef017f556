/**
 * A frame of a text protocol as it was on the wire: what begins and ends it is lost where it was copied as text, and is put
 * back. Blanks around it are not part of it.
 */
export function textFrame(bytes: Uint8Array, begin: string, end: string): Buffer {
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/^[\s]+|[\s]+$/g, '');
  return Buffer.from(`${begin}${text}${end}`, 'latin1');
}
