import { BlockList, isIP } from 'node:net';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** Addresses nobody outside has: RFC 1918, 6598, 3927, 4193, 4291, 6890 and this machine's own. */
const inner = new BlockList();
const nets = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  // Groups, what is reserved, and everybody at once.
  '224.0.0.0/3',
];
for (const net of nets) {
  const [address = '', bits = ''] = net.split('/');
  inner.addSubnet(address, Number(bits), 'ipv4');
}
inner.addAddress('::', 'ipv6');
inner.addAddress('::1', 'ipv6');
inner.addSubnet('fc00::', 7, 'ipv6');
inner.addSubnet('fe80::', 10, 'ipv6');
inner.addSubnet('ff00::', 8, 'ipv6');
// RFC 6052 and 3056: an IPv4 address, perhaps an inner one, by way of a translator.
inner.addSubnet('64:ff9b::', 96, 'ipv6');
inner.addSubnet('2002::', 16, 'ipv6');

/**
 * What is wrong with an address that events are to go to; null where nothing is. A name is looked up when something is sent, and
 * an inner address behind it is refused then (`http-client.ts`). `allowed`: inner addresses that may be reached
 * nevertheless, by the setting of that name.
 */
export function addressProblem(text: string, allowed: readonly string[], setting = 'webhookPrivate'): Text | null {
  if (!URL.canParse(text)) return { zh: '不是有效的网址', en: 'is not a valid address' };
  const { protocol, hostname, username, password, hash } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return { zh: '应以 https:// 开头', en: 'must begin with https://' };
  if (username !== '' || password !== '') return { zh: '网址里不能有账号和密码', en: 'must not hold an account and a password' };
  if (hash !== '') return { zh: '网址里不能有 #', en: 'must not hold a #' };
  const host = hostname.replace(/^\[|\]$/g, '');
  if (allowed.includes(host)) return null;
  if (isInner(host)) {
    return {
      zh: `是内网地址，不予推送；确属自有系统时请写入设置 ${setting}`,
      en: `is an address of the own network; list it in the setting ${setting} if it is yours`,
    };
  }
  return protocol === 'https:'
    ? null
    : { zh: '必须是 https://，否则路上谁都能读', en: 'must be https://, or anybody on the way reads it' };
}

/** Names of this machine itself (RFC 6761 §6.3); a dot at the end changes nothing. */
const innerNames = /(^|\.)localhost\.?$/;

function isInner(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return innerNames.test(host);
  return inner.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
