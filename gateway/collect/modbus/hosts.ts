import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Counters } from '../poll/counters.ts';
import type { Problem, WireState } from '../poll/outcome.ts';
import { tcpRoute, tlsRoute } from '../wire/tcp.ts';
import type { Route } from '../wire/wire.ts';
import { type Endpoint, endpointsOf, type ModbusAddress, type ModbusPort, type Tls } from './settings.ts';
import { Sweeper } from './sweeper.ts';
import { TcpBus } from './tcp-bus.ts';

export interface HostsOptions {
  readonly port: ModbusPort;
  /** Certificate files count from here. */
  readonly folder: string;
  readonly clock: Clock;
  readonly chance: () => number;
  readonly counters: Counters;
}

/** The connections of one Modbus TCP port: one for each host. */
export class Hosts {
  readonly #options: HostsOptions;
  readonly #sweeper: Sweeper;
  readonly #buses = new Map<string, TcpBus>();

  constructor(options: HostsOptions) {
    this.#options = options;
    this.#sweeper = new Sweeper(options.clock);
  }

  of(address: ModbusAddress): TcpBus {
    const { port, clock, chance, counters } = this.#options;
    const endpoints = endpointsOf(port, address);
    if (endpoints === undefined) throw new Error(`unit ${address.unit} has no host; check() should have refused it`);
    const [first, second] = endpoints;
    const key = `${first.host} ${first.port} ${second?.host ?? ''} ${second?.port ?? ''}`;
    const known = this.#buses.get(key);
    if (known) return known;
    const routes = [this.#route(first), second && this.#route(second)] as const;
    const { window, fallbackAfter } = port;
    const bus = new TcpBus({ routes, fallBackAfter: fallbackAfter, clock, chance, counters, sweeper: this.#sweeper, window });
    this.#buses.set(key, bus);
    return bus;
  }

  /** A port of many connections is up while one of them is; the reason is that of the first that is not. */
  state(): WireState {
    const buses = [...this.#buses.values()];
    const wires = buses.map((bus) => bus.wire());
    const reason = buses.find((bus) => bus.wire() === 'down')?.problem();
    const wire = wires.includes('up') ? 'up' : wires.includes('connecting') ? 'connecting' : 'down';
    const notes = buses.map((bus) => bus.note()).filter((note): note is Problem => note !== undefined);
    return { wire, reason: reason ?? notes[0], notes };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#buses.values()].map((bus) => bus.stop()));
  }

  #route({ host, port }: Endpoint): Route {
    const { folder, clock } = this.#options;
    const { tls } = this.#options.port;
    return tls === undefined ? tcpRoute(host, port, clock) : tlsRoute(host, port, clock, () => filesOf(tls, folder));
  }
}

function filesOf({ ca, cert, key, serverName }: Tls, folder: string): ReturnType<Parameters<typeof tlsRoute>[3]> {
  const read = (file: string) => readFileSync(resolve(folder, file), 'utf8');
  return {
    ...(ca !== undefined && { ca: read(ca) }),
    ...(cert !== undefined && { cert: read(cert) }),
    ...(key !== undefined && { key: read(key) }),
    ...(serverName !== undefined && { serverName }),
  };
}
