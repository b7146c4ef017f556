import { connect, type Socket } from 'node:net';
import { type Fault, slave, type Slave } from '../modbus/fault-server.ts';

/** A 4G unit: it connects, says who it is, and passes on what its serial line says. */
export interface Dtu extends Slave {
  readonly socket: Socket;
  say(bytes: Buffer | string): void;
  hangUp(): Promise<void>;
  /** Resolves when the other side has hung up. */
  readonly hungUp: Promise<void>;
}

export async function dtu(port: number, registration: Buffer | string, fault?: Fault): Promise<Dtu> {
  const device = slave('rtu', fault);
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const hungUp = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', () => undefined);
  const carrier = {
    write: (bytes: Buffer) => void (socket.writable && socket.write(bytes)),
    reset: () => void socket.resetAndDestroy(),
    finish: () => void socket.end(),
  };
  socket.on('data', (chunk: Buffer) => device.hear(chunk, carrier));
  socket.on('close', () => device.forget());
  if (registration.length > 0) socket.write(registration);
  const hangUp = async () => {
    socket.destroy();
    await hungUp;
  };
  return Object.assign(device, { socket, hungUp, hangUp, say: (bytes: Buffer | string) => void socket.write(bytes) });
}
