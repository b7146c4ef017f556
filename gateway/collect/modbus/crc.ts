/** CRC-16 of MODBUS over serial line 1.02, §6.2.2: polynomial 0xA001 (reflected), start value 0xFFFF, low byte first. */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});

/** Of the bytes from `from` up to `to`; `before`: the sum of what stands in front of them. */
export function crc16(bytes: Uint8Array, from: number, to: number, before = 0xffff): number {
  let crc = before;
  for (let i = from; i < to; i += 1) crc = (crc >> 8) ^ (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  return crc;
}
