import type { Clock } from '../../clock.ts';
import type { Refusal } from '../driver.ts';
import type { Counters } from '../poll/counters.ts';
import { serialRoute } from '../wire/serial.ts';
import { tcpRoute } from '../wire/tcp.ts';
import type { Routes } from '../wire/wire.ts';
import { LineBus } from './bus.ts';
import type { SerialShape } from './dialect.ts';
import { DialIn } from './dial-in.ts';
import { hallAt } from './hall.ts';
import { type DialInSettings, type LinePort, lineShape } from './settings.ts';

export interface OpenLineOptions {
  readonly port: LinePort;
  /** What its devices want, where the port does not say. */
  readonly shape?: SerialShape | undefined;
  readonly clock: Clock;
  readonly chance: () => number;
  readonly counters: Counters;
  /** Told of a dialect that threw. */
  readonly broke?: (error: unknown) => void;
}

/** A line and what belongs to it. */
export interface OpenLine {
  readonly bus: LineBus;
  /** Who dialled in and was not let in, oldest first. */
  refusals(): readonly Refusal[];
  stop(): Promise<void>;
}

const usualShape: SerialShape = { baud: 9_600, parity: 'none', stopBits: 1, dataBits: 8 };

/**
 * Opens a line by its section of the site file. Nothing is dialled before somebody asks something.
 * @throws where another line waits for the same registration at the same address.
 */
export function openLine(options: OpenLineOptions): OpenLine {
  const { port, clock } = options;
  switch (port.mode) {
    case 'serial': {
      const shape = lineShape(port) ?? options.shape ?? usualShape;
      return plain(busOf(options, [serialRoute(port.path, shape)], shape, false));
    }
    case 'tcp': {
      const { fallback } = port;
      const second = fallback && tcpRoute(fallback.host, fallback.port ?? port.port, clock);
      return plain(busOf(options, [tcpRoute(port.host, port.port, clock), second], lineShape(port) ?? options.shape, true));
    }
    case 'dial-in':
      return dialledIn(options, port);
  }
}

function busOf(
  { port, clock, chance, counters, broke }: OpenLineOptions,
  routes: Routes,
  shape: SerialShape | undefined,
  isRemote: boolean,
  words?: readonly Uint8Array[],
): LineBus {
  return new LineBus({
    routes,
    clock,
    chance,
    counters,
    shape,
    turnaroundMs: port.turnaroundMs,
    isRemote,
    ...(port.mode === 'tcp' && { fallBackAfter: port.fallbackAfter }),
    ...(words && { words }),
    ...(broke && { broke }),
  });
}

function plain(bus: LineBus): OpenLine {
  return { bus, refusals: () => [], stop: () => bus.stop() };
}

function dialledIn(options: OpenLineOptions, port: DialInSettings): OpenLine {
  const colon = port.listen.lastIndexOf(':');
  const host = port.listen.slice(0, colon).replace(/^\[|\]$/g, '');
  const hall = hallAt(host, Number(port.listen.slice(colon + 1)), options.clock);
  const { registration, heartbeat, deadAfter } = port;
  const unit = new DialIn({
    hall,
    registration,
    deadAfterMs: deadAfter,
    clock: options.clock,
    arrived: () => bus.wake(),
  });
  // Some units say their registration again and again.
  const words = heartbeat === undefined ? [registration] : [heartbeat, registration];
  const bus: LineBus = busOf(options, [unit.route], lineShape(port) ?? options.shape, true, words);
  return {
    bus,
    refusals: () => hall.refusals(),
    stop: async () => {
      await bus.stop();
      await unit.stop();
    },
  };
}
