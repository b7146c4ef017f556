import type { Dial, Route } from '../../../gateway/collect/wire/wire.ts';
import { type Fault, slave, type Slave } from '../modbus/fault-server.ts';
import type { HandClock } from './hand-clock.ts';

/** A serial line in the memory of one process, on a hand-turned clock: bytes take their time, and so does the slave. */
export interface Line {
  readonly route: Route;
  readonly dial: Dial;
  readonly slave: Slave;
  /** When each request had been sent, monotonic ms. */
  readonly sentAt: number[];
  /** Pulls the adapter out. */
  unplug(): void;
}

export function line(clock: HandClock, byteMs: number, thinkMs: number, fault: Fault): Line {
  const device = slave('rtu', fault);
  const sentAt: number[] = [];
  let lost: (() => void) | undefined;
  const dial: Dial = (events) => {
    lost = () => events.lost({ zh: '拔出了', en: 'was pulled out' });
    clock.after(0, () => events.open());
    const carrier = {
      write: (bytes: Buffer) => void clock.after(thinkMs + bytes.length * byteMs, () => events.data(bytes)),
      reset: () => undefined,
      finish: () => undefined,
    };
    return {
      write: (bytes) => {
        sentAt.push(clock.mono());
        clock.after(bytes.length * byteMs, () => device.hear(Buffer.from(bytes), carrier));
      },
      close: () => Promise.resolve(),
    };
  };
  return { route: { where: 'memory', dial }, dial, slave: device, sentAt, unplug: () => lost?.() };
}
