import { BlockList, isIP } from 'node:net';
import { limits } from './limits.ts';
import type { ListeningSettings } from './settings.ts';

/** Who may connect, and how many at once: looked at before a byte is read. */
export class Admission {
  readonly #allowed: BlockList | null;
  readonly #most: number;
  readonly #mostPerAddress: number;
  readonly #perAddress = new Map<string, number>();
  #count = 0;

  constructor({ allow, connections, connectionsPerAddress }: ListeningSettings) {
    this.#allowed = allow ? blockList(allow) : null;
    this.#most = connections ?? limits.connections;
    this.#mostPerAddress = connectionsPerAddress ?? limits.connectionsPerAddress;
  }

  get count(): number {
    return this.#count;
  }

  /** Why the address may not come in now; undefined: it is counted as in until `leave`. */
  enter(address: string): 'not-allowed' | 'full' | undefined {
    if (!this.#allows(address)) return 'not-allowed';
    const ofAddress = this.#perAddress.get(address) ?? 0;
    if (this.#count >= this.#most || ofAddress >= this.#mostPerAddress) return 'full';
    this.#count++;
    this.#perAddress.set(address, ofAddress + 1);
    return undefined;
  }

  leave(address: string): void {
    this.#count--;
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }

  #allows(address: string): boolean {
    if (!this.#allowed) return true;
    const family = isIP(address);
    return family !== 0 && this.#allowed.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const each of networks) {
    const [network = '', prefix = ''] = each.split('/');
    list.addSubnet(network, Number(prefix), isIP(network) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** A socket's remote address as people write it: an IPv4 address that came over an IPv6 socket is an IPv4 address. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}
