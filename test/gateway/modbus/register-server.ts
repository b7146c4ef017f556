import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { rtuFrame, tcpFrame } from './fault-server.ts';
import { registerSlave, type RegisterSlave } from './register-slave.ts';

export interface RegisterServer extends RegisterSlave {
  readonly port: number;
  /** Every request: unit and PDU, in hex. */
  readonly heard: string[];
  /** What the next request comes to instead of the right answer; `undefined`: it is carried out and nothing is said. */
  next: ((pdu: Buffer, good: () => Buffer) => Buffer | undefined)[];
  /** How long an answer takes. */
  delayMs: number;
  /** How often somebody has connected. */
  connections: number;
}

/** The slave behind a socket: units 1 to 9 are all the same one, unit 0 is a broadcast on RTU. */
export async function registerServer(
  framing: 'tcp' | 'rtu',
  atEnd: (close: () => void) => void = onTestFinished,
): Promise<RegisterServer> {
  const slave = registerSlave();
  const heard: string[] = [];
  const self = { next: [] as RegisterServer['next'], delayMs: 0, connections: 0 };
  const answer = (socket: Socket, unit: number, pdu: Buffer, id: number): void => {
    heard.push(`${unit} ${pdu.toString('hex')}`);
    const special = self.next.shift();
    const said = special === undefined ? slave.answer(pdu) : special(pdu, () => slave.answer(pdu));
    if (said === undefined || (framing === 'rtu' && unit === 0)) return;
    const frame = framing === 'tcp' ? tcpFrame(id, unit, said) : rtuFrame(unit, said);
    setTimeout(() => socket.writable && socket.write(frame), self.delayMs);
  };
  const server = createServer({ noDelay: true }, (socket) => {
    self.connections += 1;
    let rest = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let length = lengthOf(framing, rest); length > 0 && rest.length >= length; length = lengthOf(framing, rest)) {
        const frame = Buffer.from(rest.subarray(0, length));
        rest = rest.subarray(length);
        if (framing === 'tcp') answer(socket, frame[6] ?? 0, frame.subarray(7), frame.readUInt16BE(0));
        else answer(socket, frame[0] ?? 0, frame.subarray(1, -2), 0);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => void server.close());
  return Object.assign(self, slave, { port: (server.address() as AddressInfo).port, heard });
}

function lengthOf(framing: 'tcp' | 'rtu', bytes: Buffer): number {
  if (framing === 'tcp') return bytes.length < 6 ? 0 : 6 + bytes.readUInt16BE(4);
  const fn = bytes[1] ?? 0;
  if (fn === 15 || fn === 16) return 9 + (bytes[6] ?? 0);
  if (fn === 23) return 13 + (bytes[10] ?? 0);
  return fn === 22 ? 10 : fn === 43 ? 7 : 8;
}
