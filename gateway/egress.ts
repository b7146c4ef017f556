import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { Egress } from './collect/driver.ts';

/**
 * Lets addresses of the declared subnets pass and no other. A name is resolved once and its address is what is connected
 * to, so that a name that changes its mind leads nowhere.
 */
export function siteEgress(subnets: readonly string[], resolveName = resolveOnce): Egress {
  const allowed = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix = ''] = subnet.split('/');
    allowed.addSubnet(network, Number(prefix), isIP(network) === 6 ? 'ipv6' : 'ipv4');
  }
  return {
    async resolve(host) {
      const bare = host.replace(/^\[|\]$/g, '');
      const address = isIP(bare) === 0 ? await resolveName(bare) : bare;
      if (address === undefined)
        return {
          refused: {
            zh: `找不到主机 ${bare}。请检查名称或改写 IP 地址。`,
            en: `Host ${bare} is not found. Check the name, or write its IP address.`,
          },
        };
      if (allowed.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) return { address };
      return {
        refused: {
          zh: `${address} 不在现场文件声明的网段（network.subnets）里，不予连接。`,
          en: `${address} is in none of the subnets that the site file declares (network.subnets) and is not contacted.`,
        },
      };
    },
  };
}

async function resolveOnce(name: string): Promise<string | undefined> {
  try {
    return (await lookup(name)).address;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return undefined;
  }
}
