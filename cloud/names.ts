import { hostname, networkInterfaces } from 'node:os';
import type { CloudConfig } from './config.ts';

type Names = Partial<Pick<CloudConfig, 'publicUrl' | 'uplinkListen'>>;

/** The name gateways use where one is configured: of the public address, or the one address the listener is bound to. */
function configuredHost({ publicUrl, uplinkListen }: Names): string | null {
  if (publicUrl) return new URL(publicUrl).hostname;
  const host = uplinkListen?.host ?? '0.0.0.0';
  return host === '0.0.0.0' || host === '::' ? null : host;
}

/** Every name and address a gateway may know this server by; the listener's certificate carries them all. */
export function listenerNames(names: Names): string[] {
  const host = configuredHost(names);
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const own = addresses
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
  const first = host === null ? [] : [host.replace(/^\[|\]$/g, '')];
  return [...new Set([...first, 'localhost', hostname(), '127.0.0.1', '::1', ...own.sort()])];
}

/** Where gateways connect. Where nothing is configured, by the name the gateway has just reached us under. */
export function uplinkUrl(names: Names, port: number, reachedBy: string): string {
  const host = configuredHost(names) ?? reachedBy.replace(/^\[|\]$/g, '');
  return `mqtts://${host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host}:${port}`;
}
