import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';

/** Function codes of the four reads (Modbus Application Protocol 1.1b3, §6.1–6.4). */
const functions: Record<Table, number> = { coil: 1, discrete: 2, holding: 3, input: 4 };

/** CRC-16/MODBUS (Modbus over Serial Line 1.02, §6.2.2): reflected 0x8005, start 0xFFFF. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/** The registers or bits of one whole RTU answer to a read of `table`, or the word for what is wrong with it. */
export function openRtu(bytes: Uint8Array, table: Table): { words: number[] } | { bits: boolean[] } | { wrong: string } {
  if (bytes.length < 5 || bytes.length > 256) return { wrong: 'length' };
  const sum = (bytes.at(-2) as number) | ((bytes.at(-1) as number) << 8);
  if (crc16(bytes.subarray(0, -2)) !== sum) return { wrong: 'crc' };
  if (bytes[1] !== functions[table]) return { wrong: 'function' };
  const data = bytes.subarray(3, -2);
  if (bytes[2] !== data.length) return { wrong: 'byte count' };
  if (table === 'coil' || table === 'discrete') return { bits: [...data].flatMap(bitsOf) };
  return data.length % 2 === 0 ? { words: wordsOf(data) } : { wrong: 'byte count' };
}

function wordsOf(data: Uint8Array): number[] {
  return Array.from({ length: data.length / 2 }, (_, i) => ((data[i * 2] as number) << 8) | (data[i * 2 + 1] as number));
}

/** The lowest bit is the lowest address (§6.1). */
function bitsOf(byte: number): boolean[] {
  return Array.from({ length: 8 }, (_, bit) => ((byte >> bit) & 1) === 1);
}
