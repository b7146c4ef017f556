import { modbusOf } from '@yihu/device-profiles/protocols/modbus.ts';
import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { SimulatedDialect } from '../line/slave.ts';
import { type Answer, exception, ModbusUnit, registersOf } from './unit.ts';

const tableOf: Readonly<Record<number, Table>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' };

/** Modbus RTU (Modbus over serial line 1.02, §2.5.1). */
export const dialect: SimulatedDialect = {
  protocol: 'modbus',
  canRefuse: true,
  places: registersOf,
  checksumFromEnd: 1,
  alone(profile) {
    const { modes, unitId } = modbusOf(profile);
    return modes.includes('rtu') || modes.includes('rtu-over-tcp') ? { unit: unitId?.default ?? 1 } : undefined;
  },
  slave(device) {
    const own = Number(device.address['unit']);
    const unit = new ModbusUnit(device);
    return (question, at) => {
      const request = Buffer.from(question);
      if (!isWhole(request)) return undefined;
      // To everybody (§2.1): done, and not answered.
      if (request[0] === 0) saidTo(unit, request, at);
      if (request[0] !== own) return undefined;
      return framed(own, bodyOf(request, saidTo(unit, request, at)));
    };
  },
  readdressed: (answer) => framed(((answer[0] ?? 0) % 247) + 1, answer.subarray(1, -2)),
};

function isWhole(request: Buffer): boolean {
  if (request.length < 8) return false;
  const code = request[1];
  const length = code === 15 || code === 16 ? 9 + (request[6] ?? 0) : 8;
  return request.length === length && crc16(request.subarray(0, -2)) === request.readUInt16LE(length - 2);
}

function framed(unit: number, body: Iterable<number>): Buffer {
  const bare = Buffer.from([unit, ...body]);
  const sum = crc16(bare);
  return Buffer.concat([bare, Buffer.from([sum & 0xff, sum >> 8])]);
}

function saidTo(unit: ModbusUnit, request: Buffer, at: number): Answer {
  const code = request.readUInt8(1);
  const [start, second] = [request.readUInt16BE(2), request.readUInt16BE(4)];
  const table = tableOf[code];
  if (table !== undefined) {
    const limit = code <= 2 ? 2_000 : 125;
    return second < 1 || second > limit
      ? { kind: 'exception', code: exception.illegalValue }
      : unit.read(table, start, second, at);
  }
  switch (code) {
    case 5:
      return unit.write('coil', start, [second === 0xff00 ? 1 : 0]);
    case 6:
      return unit.write('holding', start, [second]);
    case 15:
      return unit.write('coil', start, bitsIn(request.subarray(7, -2), second));
    case 16:
      return unit.write(
        'holding',
        start,
        Array.from({ length: second }, (_, word) => request.readUInt16BE(7 + word * 2)),
      );
    default:
      return { kind: 'exception', code: exception.illegalFunction };
  }
}

function bitsIn(bytes: Buffer, count: number): number[] {
  return Array.from({ length: count }, (_, at) => ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1);
}

/** Function and what follows, without unit and checksum. */
function bodyOf(request: Buffer, said: Answer): number[] {
  const code = request.readUInt8(1);
  if (said.kind === 'exception') return [code | 0x80, said.code];
  // §6.5, 6.6, 6.11, 6.12: the answer repeats the address, and the value or the count.
  if (said.kind === 'written') return [...request.subarray(1, 6)];
  return [code, ...payload(code, said.words)];
}

function payload(code: number, words: readonly number[]): number[] {
  if (code > 2) return [words.length * 2, ...words.flatMap((word) => [word >> 8, word & 0xff])];
  const bytes = Array.from({ length: Math.ceil(words.length / 8) }, () => 0);
  words.forEach((bit, at) => (bytes[at >> 3] = (bytes[at >> 3] as number) | (bit << (at & 7))));
  return [bytes.length, ...bytes];
}

/** CRC-16 of Modbus over serial line 1.02, §6.2.2: polynomial 0xA001 reflected, start 0xFFFF. */
export function crc16(bytes: Uint8Array): number {
  let sum = 0xffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >> 1) ^ 0xa001 : sum >> 1;
  }
  return sum;
}
