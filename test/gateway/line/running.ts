import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../gateway/clock.ts';
import type { BoundDevice, Driver, Keep, PortState, RunningPort } from '../../../gateway/collect/driver.ts';

/** A port at work, as a gateway would run it. */
export interface Running {
  readonly port: RunningPort;
  readonly calls: (readonly Frame[])[];
  readonly states: PortState[];
  /** What was to be kept across a restart. */
  readonly kept: Map<string, string>;
  emit: (frames: readonly Frame[]) => Promise<void>;
}

export interface RunOptions {
  readonly clock?: Clock;
  readonly kept?: ReadonlyMap<string, string>;
  readonly folder?: string;
}

/** Starts a port with this section of a site file; it stops with the test. */
export async function run<Port, Address>(
  driver: Driver<Port, Address>,
  section: unknown,
  devices: readonly BoundDevice<Address>[],
  { clock = systemClock, kept, folder }: RunOptions = {},
): Promise<Running> {
  const calls: (readonly Frame[])[] = [];
  const states: PortState[] = [];
  const memory = new Map<string, string>(kept);
  const started: Pick<Running, 'emit'> = { emit: () => Promise.resolve() };
  const remember = (keep: Keep = []) => {
    for (const [key, json] of keep) if (json !== null) memory.set(key, json);
  };
  const port = await driver.start({
    id: 'port-1',
    port: driver.port.parse(section),
    devices,
    clock,
    log: pino({ level: 'silent' }),
    ...(kept && { kept }),
    ...(folder !== undefined && { folder }),
    emit: (frames, keep) => {
      calls.push(frames);
      remember(keep);
      return started.emit(frames);
    },
    report: (state) => states.push(state),
  });
  onTestFinished(() => port.stop());
  return Object.assign(started, { port, calls, states, kept: memory });
}
