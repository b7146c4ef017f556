import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isWithin } from './scan-tcp.ts';

/** 私有地址 of RFC 1918 and RFC 3927: networks that are nobody else's. */
export const privateSubnets = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'] as const;

/** Those of the subnets that are neither declared by the site file nor private; there nobody is looked for. */
export function outOfReach(subnets: readonly string[], declared: readonly string[]): string[] {
  return subnets.filter((subnet) => !isWithin(subnet, [...declared, ...privateSubnets]));
}

/** The networks that this machine is on; of one larger than /24, the /24 around its own address. */
export function ownSubnets(interfaces = networkInterfaces()): string[] {
  const own = Object.values(interfaces).flatMap((addresses) =>
    (addresses ?? []).flatMap(({ address, cidr, internal }) => {
      if (internal || cidr === null || isIP(address) !== 4) return [];
      const prefix = Math.max(24, Number(cidr.split('/')[1]));
      const parts = address.split('.').map(Number);
      const size = 2 ** (32 - prefix);
      const last = parts[3] ?? 0;
      return prefix > 30 ? [] : [`${parts.slice(0, 3).join('.')}.${last - (last % size)}/${prefix}`];
    }),
  );
  return [...new Set(own)].filter((subnet) => outOfReach([subnet], []).length === 0);
}
