import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import type { Clock } from '../../../gateway/clock.ts';
import type { BoundDevice, DriverContext, Keep, PortState } from '../../../gateway/collect/driver.ts';

/** The pipeline as a port sees it: what it was handed, and a disk that the test opens and closes. */
export class Disk {
  readonly frames: Frame[] = [];
  readonly kept = new Map<string, string>();
  /** Every emit waits for this; `hold()` makes it wait for ever, or until `release`. */
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;
  /** How many of the next emits fail. */
  failing = 0;
  emits = 0;

  hold(): void {
    this.#gate = new Promise((resolve) => (this.#open = resolve));
  }

  release(): void {
    this.#open();
    this.#gate = Promise.resolve();
  }

  readonly emit = async (frames: readonly Frame[], keep: Keep = []): Promise<void> => {
    this.emits++;
    await this.#gate;
    if (this.failing > 0) {
      this.failing--;
      throw new Error('the disk takes nothing');
    }
    this.frames.push(...frames);
    for (const [key, json] of keep) {
      if (json === null) this.kept.delete(key);
      else this.kept.set(key, json);
    }
  };
}

export interface Rig<Port, Address> {
  readonly context: DriverContext<Port, Address>;
  readonly disk: Disk;
  readonly states: PortState[];
}

export function rig<Port, Address>(
  port: Port,
  devices: readonly BoundDevice<Address>[],
  clock: Clock,
  more: { readonly disk?: Disk; readonly kept?: ReadonlyMap<string, string>; readonly folder?: string } = {},
): Rig<Port, Address> {
  const { disk = new Disk(), ...rest } = more;
  const states: PortState[] = [];
  const context = {
    id: 'port',
    port,
    devices,
    clock,
    log: pino({ level: 'silent' }),
    emit: disk.emit,
    report: (state: PortState) => void states.push(state),
    ...rest,
  };
  return { context, disk, states };
}

/** A device's socket: what it sends, and everything it hears. */
export class Dialled {
  readonly socket: Socket;
  readonly #heard: Buffer[] = [];
  closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#heard.push(chunk));
    socket.on('close', () => (this.closed = true));
    // A refused device sees a reset; that it is closed is what counts.
    socket.on('error', () => (this.closed = true));
  }

  get heard(): Buffer {
    return Buffer.concat(this.#heard);
  }

  send(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  async closes(): Promise<void> {
    await until(() => this.closed, 'the connection is closed');
  }
}

/** `from`: the device's own address. */
export async function dial(port: number | null, from = '127.0.0.1'): Promise<Dialled> {
  if (port === null) throw new Error('the port does not listen');
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  const dialled = new Dialled(socket);
  onTestFinished(() => void socket.destroy());
  await until(() => !socket.connecting || dialled.closed, 'the connection is there');
  return dialled;
}

/** Waits for what other ends of real sockets need time for. */
export async function until(holds: () => boolean, what: string, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) expect.fail(`not in ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Long enough for anything that is on its way to arrive; for what must not come. */
export async function quietly(ms = 80): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
