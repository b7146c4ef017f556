import { BlockList, connect, isIP } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Egress } from '../collect/driver.ts';
import { LinePort } from '../collect/line/settings.ts';
import { readRequest } from '../collect/modbus/pdu.ts';
import { Questioner, type Target } from '../collect/modbus/read.ts';
import { ModbusPort } from '../collect/modbus/settings.ts';

export interface TcpScan {
  /** IPv4 networks, such as 192.168.1.0/24; together at most `mostHosts` addresses. */
  readonly subnets: readonly string[];
  /** Default: `usualPorts`. */
  readonly ports?: readonly number[];
  /** Modbus units that are asked where something listens. */
  readonly units?: readonly number[];
  /** Where the gateway may connect to; an address it refuses is left out. */
  readonly egress: Egress;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** What answers behind an open port. `rtu`: a serial server that passes bytes on. Null: it is open and speaks no Modbus. */
export type Spoken = 'modbus-tcp' | 'rtu-over-tcp' | null;

export type TcpScanEvent =
  | { readonly kind: 'plan'; readonly addresses: number; readonly ports: readonly number[]; readonly atMostMs: number }
  | { readonly kind: 'progress'; readonly done: number; readonly of: number }
  | {
      readonly kind: 'found';
      readonly host: string;
      readonly port: number;
      readonly speaks: Spoken;
      /** Those that answered. */
      readonly units: readonly number[];
    }
  | { readonly kind: 'done'; readonly found: number; readonly wasStopped: boolean };

/** Modbus, and the ports that serial servers of the usual makers leave the factory with. */
export const usualPorts = [502, 4_196, 8_899, 26, 9_999, 4_001];
/** A /22. More is a scan of somebody's network and not of a community. */
export const mostHosts = 1_024;
const usualUnits = [1, 255, 2, 3];
const atOnce = 64;
const connectMs = 400;
const askMs = 400;

/** The addresses of these networks, without network and broadcast; null where they are too many or not IPv4. Pure. */
export function hostsIn(subnets: readonly string[]): string[] | null {
  const all = new Set<string>();
  for (const subnet of subnets) {
    const [address = '', bits = ''] = subnet.split('/');
    const prefix = Number(bits);
    if (isIP(address) !== 4 || !Number.isInteger(prefix) || prefix > 32 || prefix < 22) return null;
    const size = 2 ** (32 - prefix);
    const own = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    const first = own - (own % size);
    const [from, to] = size > 2 ? [1, size - 1] : [0, size];
    for (let i = from; i < to; i++) all.add(textOf(first + i));
    if (all.size > mostHosts) return null;
  }
  return [...all];
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/**
 * 扫描网段: looks which addresses listen on the ports, then asks there for a register, by Modbus TCP first and then by RTU.
 * Only what `egress` allows is contacted. Yields what it finds as it is found; stops when `signal` aborts.
 */
export async function* scanTcp(options: TcpScan): AsyncGenerator<TcpScanEvent> {
  const { ports = usualPorts, signal } = options;
  const hosts = await allowedOf(hostsIn(options.subnets) ?? [], options.egress);
  const places = hosts.flatMap((host) => ports.map((port) => ({ host, port })));
  const atMostMs = Math.ceil(places.length / atOnce) * connectMs;
  yield { kind: 'plan', addresses: hosts.length, ports, atMostMs };
  let found = 0;
  for (let at = 0; at < places.length; at += atOnce) {
    if (signal?.aborted === true) return yield { kind: 'done', found, wasStopped: true };
    yield { kind: 'progress', done: at, of: places.length };
    const open = await Promise.all(
      places.slice(at, at + atOnce).map(async (place) => ((await listens(place, options.clock)) ? [place] : [])),
    );
    for (const place of open.flat()) {
      found += 1;
      yield { kind: 'found', ...place, ...(await whoSpeaks(place, options)) };
    }
  }
  yield { kind: 'done', found, wasStopped: false };
}

async function allowedOf(hosts: readonly string[], egress: Egress): Promise<string[]> {
  const allowed: string[] = [];
  for (const host of hosts) if ('address' in (await egress.resolve(host))) allowed.push(host);
  return allowed;
}

interface Place {
  readonly host: string;
  readonly port: number;
}

function listens({ host, port }: Place, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (isOpen: boolean) => {
      timer.cancel();
      socket.destroy();
      resolve(isOpen);
    };
    const timer = clock.after(connectMs, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

async function whoSpeaks(place: Place, options: TcpScan): Promise<{ speaks: Spoken; units: number[] }> {
  const tcp: Target = { driver: 'modbus', port: ModbusPort.parse(place) };
  const rtu: Target = { driver: 'line', port: LinePort.parse({ mode: 'tcp', ...place }), framing: 'rtu' };
  for (const [speaks, target] of [
    ['modbus-tcp', tcp],
    ['rtu-over-tcp', rtu],
  ] as const) {
    const units = await unitsAt(target, options);
    if (units.length > 0) return { speaks, units };
  }
  return { speaks: null, units: [] };
}

async function unitsAt(target: Target, { units = usualUnits, clock, signal }: TcpScan): Promise<number[]> {
  const questioner = new Questioner({ target, timeoutMs: askMs, clock });
  const answered: number[] = [];
  try {
    for (const unit of units) {
      if (signal?.aborted === true) break;
      const said = await questioner.ask(readRequest(unit, 'holding', 0, 1));
      // A gateway that knows nobody of that number says so (exceptions 10 and 11); everything else comes from a device.
      const isAbsent = said !== undefined && 'kind' in said && said.kind === 'exception' && said.code >= 10;
      if (said !== undefined && 'kind' in said && !isAbsent) answered.push(unit);
      // Who does not answer the first one rarely answers another.
      if (answered.length === 0 && unit === units[1]) break;
    }
  } finally {
    await questioner.stop();
  }
  return answered;
}

/** Whether all of `inner` lies in one of the `outer` networks. Pure. */
export function isWithin(inner: string, outer: readonly string[]): boolean {
  const list = new BlockList();
  for (const subnet of outer) {
    const [address = '', bits = ''] = subnet.split('/');
    if (isIP(address) === 4) list.addSubnet(address, Number(bits), 'ipv4');
  }
  const hosts = hostsIn([inner]);
  const [first, last] = [hosts?.[0], hosts?.at(-1)];
  return first !== undefined && last !== undefined && list.check(first) && list.check(last);
}
