import type { Clock } from '../../clock.ts';
import { chanceFrom } from './chance.ts';
import type { Counters } from './counters.ts';
import { remoteLine, serialLine, type LineTime } from './line-time.ts';
import type { Bus, Problem } from './outcome.ts';
import { RtuBus } from './rtu-bus.ts';
import { endpointOf, type ModbusAddress, type ModbusPort } from './settings.ts';
import { Sweeper } from './sweeper.ts';
import { TcpBus } from './tcp-bus.ts';
import { dialSerial, dialTcp } from './wire.ts';

/** The wires of one port: one line, or one connection for each host. */
export interface Buses {
  of(address: ModbusAddress): Bus;
  /** Only where the bytes go over a line of known or guessed speed. */
  readonly line: LineTime | undefined;
  state(): { wire: 'up' | 'connecting' | 'down'; reason: Problem | undefined };
  stop(): Promise<void>;
}

export interface BusesOptions {
  readonly id: string;
  readonly port: ModbusPort;
  readonly clock: Clock;
}

/** The standard's lower bound (MODBUS over serial line 1.02, §2.4.1). */
const turnaroundMs = 100;

export function openBuses(options: BusesOptions, counters: Counters): Buses {
  const chance = chanceFrom(`${options.id} ${options.clock.now()}`);
  return options.port.mode === 'tcp' ? manyTcp(options, counters, chance) : oneLine(options, counters, chance);
}

function oneLine({ port, clock }: BusesOptions, counters: Counters, chance: () => number): Buses {
  if (port.mode === 'tcp') throw new Error('a Modbus TCP port is not one line');
  const line = port.mode === 'rtu' ? serialLine(port) : remoteLine;
  const dial = port.mode === 'rtu' ? dialSerial(port) : dialTcp(port.host, port.port, clock);
  const bus = new RtuBus({
    dial,
    clock,
    chance,
    counters,
    line,
    turnaroundMs: port.turnaroundMs ?? turnaroundMs,
    isRemote: port.mode !== 'rtu',
  });
  return { of: () => bus, line, state: () => ({ wire: bus.wire(), reason: bus.problem() }), stop: () => bus.stop() };
}

function manyTcp({ port, clock }: BusesOptions, counters: Counters, chance: () => number): Buses {
  const sweeper = new Sweeper(clock);
  const buses = new Map<string, TcpBus>();
  const open = (address: ModbusAddress): TcpBus => {
    const endpoint = endpointOf(port, address);
    if (endpoint === undefined) throw new Error(`unit ${address.unit} has no host; check() should have refused it`);
    const key = `${endpoint.host} ${endpoint.port}`;
    const known = buses.get(key);
    if (known) return known;
    const window = port.mode === 'tcp' ? port.window : 1;
    const bus = new TcpBus({ dial: dialTcp(endpoint.host, endpoint.port, clock), clock, chance, counters, sweeper, window });
    buses.set(key, bus);
    return bus;
  };
  return {
    of: open,
    line: undefined,
    state: () => stateOfMany([...buses.values()]),
    stop: async () => void (await Promise.all([...buses.values()].map((bus) => bus.stop()))),
  };
}

/** A port of many connections is up while one of them is; the reason is that of the first that is not. */
function stateOfMany(buses: readonly Bus[]): { wire: 'up' | 'connecting' | 'down'; reason: Problem | undefined } {
  const wires = buses.map((bus) => bus.wire());
  const reason = buses.find((bus) => bus.wire() === 'down')?.problem();
  const wire = wires.includes('up') ? 'up' : wires.includes('connecting') ? 'connecting' : 'down';
  return { wire, reason };
}
