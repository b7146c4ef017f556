import { createServer, type Socket } from 'node:net';
import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Chance } from '../random.ts';
import type { Listening } from './modbus-tcp.ts';
import { type Answer, exception, type ModbusUnits } from './modbus-units.ts';
import { noise } from './noise.ts';

const tableOf: Readonly<Record<number, Table>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' };

/** Modbus RTU frames over a TCP socket, as a serial-to-Ethernet converter carries them (Modbus over serial line 1.02). */
export async function listenRtuOverTcp(host: string, port: number, units: ModbusUnits, random: Chance): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, units, random);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function serve(socket: Socket, units: ModbusUnits, random: Chance): void {
  let heard: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
    for (;;) {
      const length = requestLength(heard);
      if (length === undefined || heard.length < length) return;
      const frame = heard.subarray(0, length);
      const isWhole = crc16(frame.subarray(0, -2)) === frame.readUInt16LE(length - 2);
      // Not a frame: one byte is dropped and the rest looked at again.
      heard = heard.subarray(isWhole ? length : 1);
      if (isWhole && units.has(frame.readUInt8(0))) void answer(socket, units, frame, random);
    }
  });
}

/** Bytes of the request that begins the buffer; undefined while that cannot be told. */
function requestLength(heard: Buffer): number | undefined {
  if (heard.length < 2) return undefined;
  const code = heard.readUInt8(1);
  if (code !== 15 && code !== 16) return 8;
  return heard.length < 7 ? undefined : 9 + heard.readUInt8(6);
}

async function answer(socket: Socket, units: ModbusUnits, frame: Buffer, random: Chance): Promise<void> {
  const [unit, code] = [frame.readUInt8(0), frame.readUInt8(1)];
  const table = tableOf[code];
  const count = frame.readUInt16BE(4);
  const limit = code <= 2 ? 2_000 : 125;
  const said: Answer =
    table === undefined
      ? { kind: 'exception', code: exception.illegalFunction }
      : count < 1 || count > limit
        ? { kind: 'exception', code: exception.illegalValue }
        : await units.read(unit, table, frame.readUInt16BE(2), count);
  if (socket.destroyed) return;
  if (said.kind === 'silent') return;
  if (said.kind === 'garbage') return void socket.write(noise(random));
  const body = said.kind === 'words' ? [code, ...payload(code, said.words)] : [code | 0x80, said.code];
  const bare = Buffer.from([unit, ...body]);
  const sum = crc16(bare);
  socket.write(Buffer.concat([bare, Buffer.from([sum & 0xff, sum >> 8])]));
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
