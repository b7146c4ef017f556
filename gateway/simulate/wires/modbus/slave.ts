import { createServer, type Socket } from 'node:net';
import type { Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Chance } from '../../../random.ts';
import { disturbed } from '../../spoil.ts';
import type { Listening } from './tcp.ts';
import { type Answer, exception, type ModbusUnits } from './units.ts';
import { noise } from '../../noise.ts';

const tableOf: Readonly<Record<number, Table>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' };

/** Modbus RTU frames over a TCP socket, as a serial-to-Ethernet converter carries them (Modbus over serial line 1.02). */
export async function listenRtuOverTcp(host: string, port: number, units: ModbusUnits, random: Chance): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    if (units.isUnplugged) return void socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, units, random);
    return undefined;
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
    if (units.isUnplugged) return void socket.destroy();
    heard = Buffer.concat([heard, chunk]);
    for (;;) {
      const length = requestLength(heard);
      if (length === undefined || heard.length < length) return undefined;
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
  const request = Buffer.from(frame);
  const unit = request.readUInt8(0);
  const said = await saidTo(units, request);
  if (socket.destroyed || said.kind === 'silent') return;
  if (said.kind === 'garbage') return void socket.write(noise(random));
  const body = bodyOf(request, said);
  const reframe = (as: number) => framed(as, body);
  socket.write(disturbed(units.faultOf(unit), reframe(unit), { request, reframe, random }));
}

function framed(unit: number, body: readonly number[]): Buffer {
  const bare = Buffer.from([unit, ...body]);
  const sum = crc16(bare);
  return Buffer.concat([bare, Buffer.from([sum & 0xff, sum >> 8])]);
}

function saidTo(units: ModbusUnits, request: Buffer): Answer | Promise<Answer> {
  const [unit, code] = [request.readUInt8(0), request.readUInt8(1)];
  const [start, second] = [request.readUInt16BE(2), request.readUInt16BE(4)];
  const table = tableOf[code];
  if (table !== undefined) {
    const limit = code <= 2 ? 2_000 : 125;
    return second < 1 || second > limit
      ? { kind: 'exception', code: exception.illegalValue }
      : units.read(unit, table, start, second);
  }
  switch (code) {
    case 5:
      return units.write(unit, 'coil', start, [second === 0xff00 ? 1 : 0]);
    case 6:
      return units.write(unit, 'holding', start, [second]);
    case 15:
      return units.write(unit, 'coil', start, bitsIn(request.subarray(7, -2), second));
    case 16:
      return units.write(
        unit,
        'holding',
        start,
        Array.from({ length: second }, (_, at) => request.readUInt16BE(7 + at * 2)),
      );
    default:
      return { kind: 'exception', code: exception.illegalFunction };
  }
}

function bitsIn(bytes: Buffer, count: number): number[] {
  return Array.from({ length: count }, (_, at) => ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1);
}

/** Function and what follows, without unit and checksum. */
function bodyOf(request: Buffer, said: Exclude<Answer, { kind: 'silent' | 'garbage' }>): number[] {
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
