import type { SerialPort } from 'serialport';
import type { SerialShape } from '../line/dialect.ts';
import type { Problem } from '../poll/outcome.ts';
import { once, type Route, type Wire, type WireEvents } from './wire.ts';

/** A serial port, opened with `shape`; other parameters follow by `retune`. */
export function serialRoute(path: string, shape: SerialShape): Route {
  return { where: path, dial: (events) => new SerialWire(path, shape, events) };
}

class SerialWire implements Wire {
  readonly #path: string;
  readonly #guard: ReturnType<typeof once>;
  #port: SerialPort | undefined;
  #shape: SerialShape;
  /** The last opening or retuning; never rejects. */
  #settled: Promise<void>;

  constructor(path: string, shape: SerialShape, events: WireEvents) {
    this.#path = path;
    this.#shape = shape;
    this.#guard = once(events, () => void this.#letGo());
    this.#settled = this.#open(shape).then(
      () => this.#guard.open(),
      (error: Error) => this.#lost(error),
    );
  }

  write(bytes: Uint8Array): void {
    this.#port?.write(Buffer.from(bytes));
  }

  async retune(to: SerialShape): Promise<void> {
    const done = this.#retune(to);
    this.#settled = done.catch((error: Error) => this.#lost(error));
    await done;
  }

  async close(): Promise<void> {
    this.#guard.closed = true;
    await this.#settled;
    await this.#letGo();
  }

  /** Only the baud rate can be changed on an open port; anything else needs it closed and opened again. */
  async #retune(to: SerialShape): Promise<void> {
    const from = this.#shape;
    this.#shape = to;
    const isSameFrame = from.parity === to.parity && from.stopBits === to.stopBits && bitsOf(from) === bitsOf(to);
    if (isSameFrame && this.#port !== undefined) {
      if (from.baud !== to.baud) await setBaud(this.#port, to.baud);
      return;
    }
    await this.#letGo();
    if (!this.#guard.closed) await this.#open(to);
  }

  async #open(shape: SerialShape): Promise<void> {
    const port = await openSerial(this.#path, shape);
    this.#port = port;
    port.on('error', (error) => this.#lost(error));
    port.on('data', (chunk: Buffer) => this.#guard.data(chunk));
    port.on('close', () => {
      if (this.#port === port) this.#guard.lost(serialProblem(this.#path, 'closed'));
    });
    // It was closed or lost while it was being opened.
    if (this.#guard.closed) await this.#letGo();
  }

  #lost(error: Error): void {
    this.#guard.lost(serialProblem(this.#path, error.message));
  }

  async #letGo(): Promise<void> {
    const port = this.#port;
    this.#port = undefined;
    // A port that vanished fails to close; there is nothing left to let go of then.
    if (port?.isOpen === true) await new Promise<void>((resolve) => port.close(() => resolve()));
  }
}

function bitsOf({ dataBits = 8 }: SerialShape): number {
  return dataBits;
}

async function openSerial(path: string, { baud, parity, stopBits, dataBits = 8 }: SerialShape): Promise<SerialPort> {
  // The native binding is loaded only on gateways that have a serial line.
  const { SerialPort } = await import('serialport');
  const port = new SerialPort({ path, baudRate: baud, parity, stopBits, dataBits, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  return port;
}

function setBaud(port: SerialPort, baudRate: number): Promise<void> {
  return new Promise((resolve, reject) => port.update({ baudRate }, (error) => (error ? reject(error) : resolve())));
}

function serialProblem(path: string, cause: string): Problem {
  if (/no such file|ENOENT/i.test(cause)) {
    return {
      zh: `找不到串口 ${path}。请检查 USB 转换器是否插好。`,
      en: `There is no serial port ${path}. Check that the adapter is plugged in.`,
    };
  }
  if (/permission|EACCES/i.test(cause)) {
    return {
      zh: `没有权限打开串口 ${path}。请把运行账号加入 dialout 组。`,
      en: `No permission to open ${path}. Add the account to the group dialout.`,
    };
  }
  if (/lock|busy/i.test(cause)) {
    return {
      zh: `串口 ${path} 正被其他程序占用。请先关闭它。`,
      en: `Serial port ${path} is in use by another program. Close that first.`,
    };
  }
  if (/inappropriate ioctl|not a typewriter|is a directory|ENOTTY|EISDIR/i.test(cause)) {
    return {
      zh: `${path} 不是串口。请写 /dev/serial/by-id/ 下面的名字；ls /dev/serial/by-id 列出全部。`,
      en: `${path} is no serial port. Write a name below /dev/serial/by-id/; ls /dev/serial/by-id lists them all.`,
    };
  }
  return {
    zh: `串口 ${path} 已断开（${cause}），将自动重连。`,
    en: `Serial port ${path} was lost (${cause}); it is opened again by itself.`,
  };
}
