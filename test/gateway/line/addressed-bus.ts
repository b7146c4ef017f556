import { SerialPort } from 'serialport';
import { pduOf, rtuFrame } from '../modbus/fault-server.ts';
import { type Cable, cable } from './pty.ts';

/** A slave on the bus of `addressedBus`. */
export interface Addressed {
  readonly unit: number;
  /** How long it thinks, milliseconds. */
  readonly afterMs: number;
  /** The address that it says. Default: its own. */
  readonly says?: number;
  /** Forgets what it was about to say when it hears anything else. */
  readonly isEasilyConfused?: boolean;
}

export interface AddressedBus {
  readonly cable: Cable;
  /** The addresses that were asked, in their order. */
  readonly asked: readonly number[];
  /** Somebody else at the far end says something. */
  say(bytes: Uint8Array): void;
  close(): Promise<void>;
}

const frameBytes = 8;

/** Modbus slaves at the far end of a cable. A question ends with its eighth byte and not with silence, so that a busy machine tears none apart. */
export async function addressedBus(slaves: readonly Addressed[]): Promise<AddressedBus> {
  const line = await cable();
  const port = new SerialPort({ path: line.theirs, baudRate: 9_600, lock: false, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  const asked: number[] = [];
  const waiting = new Map<Addressed, NodeJS.Timeout>();
  let heard: Buffer = Buffer.alloc(0);
  const say = (bytes: Uint8Array) => void (port.isOpen && port.write(Buffer.from(bytes)));
  const hear = (unit: number) => {
    asked.push(unit);
    for (const [slave, timer] of waiting) if (slave.isEasilyConfused === true) clearTimeout(timer);
    for (const slave of slaves) {
      if (slave.unit !== unit) continue;
      const answer = rtuFrame(slave.says ?? unit, pduOf(unit, 3, 0, 1));
      waiting.set(
        slave,
        setTimeout(() => say(answer), slave.afterMs),
      );
    }
  };
  port.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
    for (; heard.length >= frameBytes; heard = heard.subarray(frameBytes)) hear(heard[0] ?? 0);
  });
  port.on('error', () => undefined);
  const close = async () => {
    for (const timer of waiting.values()) clearTimeout(timer);
    if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
    await line.remove();
  };
  return { cable: line, asked, say, close };
}
