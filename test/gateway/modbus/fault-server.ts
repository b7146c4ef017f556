import { type AddressInfo, createServer, type Socket } from 'node:net';
import { crc16 } from '../../../gateway/collect/modbus/crc.ts';

/** A Modbus slave that can misbehave in every way the wire knows. Its values say which register they belong to. */

export interface Asked {
  /** How many requests came before this one. */
  readonly n: number;
  readonly id: number;
  readonly unit: number;
  readonly fn: number;
  readonly start: number;
  readonly count: number;
}

export interface Stage {
  readonly asked: Asked;
  /** The right answer, framed. */
  readonly good: Buffer;
  /** The request as it came. */
  readonly request: Buffer;
  /** Frames `pdu` as an answer, with another unit or id if given. */
  readonly frame: (pdu: Buffer, unit?: number, id?: number) => Buffer;
  /** The right PDU of an answer to other addresses. */
  readonly pdu: (start: number, count: number) => Buffer;
  readonly send: (bytes: Buffer, afterMs?: number) => void;
  /** Each byte in a segment of its own, a millisecond apart. What else is sent meanwhile waits: a peer does not mix its frames. */
  readonly trickle: (bytes: Buffer) => void;
  /** TCP RST. */
  readonly reset: () => void;
  /** TCP FIN. */
  readonly finish: () => void;
}

export type Fault = (stage: Stage) => void;

/** What the register holds: address, unit and function are all in it. */
export function valueOf(unit: number, fn: number, address: number): number {
  return (address * 31 + unit * 977 + fn * 7919 + 1) & 0xffff;
}

export function bitOf(unit: number, fn: number, address: number): boolean {
  return (Math.imul(address * 8 + unit * 131 + fn, 0x9e3779b1) >>> 16) % 2 === 1;
}

export function pduOf(unit: number, fn: number, start: number, count: number): Buffer {
  if (fn > 4) throw new Error('only reads are simulated');
  if (fn <= 2) {
    const pdu = Buffer.alloc(2 + Math.ceil(count / 8));
    pdu[0] = fn;
    pdu[1] = pdu.length - 2;
    for (let i = 0; i < count; i += 1) {
      if (bitOf(unit, fn, start + i)) pdu[2 + (i >> 3)] = (pdu[2 + (i >> 3)] ?? 0) | (1 << (i & 7));
    }
    return pdu;
  }
  const pdu = Buffer.alloc(2 + count * 2);
  pdu[0] = fn;
  pdu[1] = count * 2;
  for (let i = 0; i < count; i += 1) pdu.writeUInt16BE(valueOf(unit, fn, start + i), 2 + i * 2);
  return pdu;
}

export function tcpFrame(id: number, unit: number, pdu: Buffer): Buffer {
  const head = Buffer.alloc(7);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(pdu.length + 1, 4);
  head[6] = unit;
  return Buffer.concat([head, pdu]);
}

export function rtuFrame(unit: number, pdu: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from([unit]), pdu]);
  const crc = Buffer.alloc(2);
  crc.writeUInt16LE(crc16(body, 0, body.length));
  return Buffer.concat([body, crc]);
}

export type Framing = 'tcp' | 'rtu';

/** Where a slave's bytes go. */
export interface Carrier {
  write(bytes: Buffer): void;
  reset(): void;
  finish(): void;
}

export interface Slave {
  /** What the next answers are; replaced by tests as they go. */
  fault: Fault;
  /** Requests seen so far. */
  seen: Asked[];
  hear(chunk: Buffer, carrier: Carrier): void;
  forget(): void;
}

export const honest: Fault = ({ send, good }) => send(good);

/** Length of the request at the head of `bytes`, or 0 while it is incomplete. */
function requestLength(framing: Framing, bytes: Buffer): number {
  if (framing === 'tcp') return bytes.length < 6 ? 0 : 6 + bytes.readUInt16BE(4);
  const fn = bytes[1] ?? 0;
  return fn === 15 || fn === 16 ? 9 + (bytes[6] ?? 0) : 8;
}

export function slave(framing: Framing, fault: Fault = honest): Slave {
  let rest = Buffer.alloc(0);
  const timers = new Set<NodeJS.Timeout>();
  /** What waits for the frame that trickles out; undefined while none does. */
  let behind: (() => void)[] | undefined;
  const self: Slave = {
    fault,
    seen: [],
    hear(chunk, carrier) {
      rest = Buffer.concat([rest, chunk]);
      for (
        let length = requestLength(framing, rest);
        length > 0 && rest.length >= length;
        length = requestLength(framing, rest)
      ) {
        const request = rest.subarray(0, length);
        rest = rest.subarray(length);
        answer(request, carrier);
      }
    },
    forget() {
      rest = Buffer.alloc(0);
      behind = undefined;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
  function answer(request: Buffer, carrier: Carrier): void {
    const at = framing === 'tcp' ? 7 : 1;
    const asked: Asked = {
      n: self.seen.length,
      id: framing === 'tcp' ? request.readUInt16BE(0) : 0,
      unit: request[at - 1] ?? 0,
      fn: request[at] ?? 0,
      start: request.readUInt16BE(at + 1),
      count: request.readUInt16BE(at + 3),
    };
    self.seen.push(asked);
    self.fault(stageOf(asked, Buffer.from(request), carrier));
  }
  function later(act: () => void, ms: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  }
  function write(bytes: Buffer, carrier: Carrier): void {
    if (behind === undefined) carrier.write(bytes);
    else behind.push(() => carrier.write(bytes));
  }
  function trickleFrom(bytes: Buffer, at: number, carrier: Carrier): void {
    if (at < bytes.length) {
      carrier.write(bytes.subarray(at, at + 1));
      return later(() => trickleFrom(bytes, at + 1, carrier), 1);
    }
    const waiting = behind ?? [];
    behind = undefined;
    return waiting.forEach((act) => act());
  }
  function stageOf(asked: Asked, request: Buffer, carrier: Carrier): Stage {
    const frame = (pdu: Buffer, unit = asked.unit, id = asked.id) =>
      framing === 'tcp' ? tcpFrame(id, unit, pdu) : rtuFrame(unit, pdu);
    const pdu = (start: number, count: number) => pduOf(asked.unit, asked.fn, start, count);
    return {
      asked,
      request,
      frame,
      pdu,
      good:
        asked.fn <= 4 ? frame(pdu(asked.start, asked.count)) : frame(request.subarray(framing === 'tcp' ? 7 : 1).subarray(0, 5)),
      send(bytes, afterMs = 0) {
        if (afterMs === 0) return write(bytes, carrier);
        return later(() => write(bytes, carrier), afterMs);
      },
      trickle(bytes) {
        if (behind !== undefined) return write(bytes, carrier);
        behind = [];
        return trickleFrom(bytes, 0, carrier);
      },
      reset: () => carrier.reset(),
      finish: () => carrier.finish(),
    };
  }
  return self;
}

export interface FaultServer extends Slave {
  readonly port: number;
  readonly connections: number;
  /** Sends bytes nobody asked for to everyone. */
  babble(bytes: Buffer): void;
  /** Drops every connection and listens no more. */
  close(): Promise<void>;
}

/** The slave behind a TCP port: Modbus TCP, or RTU frames as a serial server passes them on. */
export async function faultServer(framing: Framing, fault: Fault = honest, port = 0): Promise<FaultServer> {
  const device = slave(framing, fault);
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1;
    sockets.add(socket);
    device.forget();
    const carrier: Carrier = {
      write: (bytes) => void (socket.writable && socket.write(bytes)),
      reset: () => void socket.resetAndDestroy(),
      finish: () => void socket.end(),
    };
    socket.on('data', (chunk: Buffer) => device.hear(chunk, carrier));
    socket.on('error', () => sockets.delete(socket));
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return Object.defineProperties(device, {
    port: { value: (server.address() as AddressInfo).port },
    connections: { get: () => connections },
    babble: { value: (bytes: Buffer) => sockets.forEach((socket) => socket.write(bytes)) },
    close: {
      value: () => {
        device.forget();
        for (const socket of sockets) socket.destroy();
        return new Promise<void>((resolve) => server.close(() => resolve()));
      },
    },
  }) as FaultServer;
}
