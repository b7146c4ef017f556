const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** CRC-16/ARC: polynomial 0x8005 reflected, begins with 0 (DC-09 5.5.1.2). */
export function crc16Arc(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number);
  return crc;
}

/**
 * The CRC of HJ 212-2017 annex A: begins with 0xFFFF and, unlike CRC-16/Modbus, lets the byte come to the high half of the
 * register only: `crc = (crc >> 8) ^ byte`, then eight shifts.
 */
export function crc16Hj212(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = shifted((crc >>> 8) ^ byte);
  return crc;
}

/** Eight shifts of all sixteen bits. */
function shifted(word: number): number {
  return (word >>> 8) ^ (table[word & 0xff] as number);
}
