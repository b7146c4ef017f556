import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import type { Clock } from '../../clock.ts';
import { readXml, type XmlValue } from '../../xml.ts';
import type { Egress } from '../driver.ts';
import { limits } from './limits.ts';
import { all, at, words } from './tree.ts';

/** WS-Discovery (April 2005) §2.4: where everybody listens. */
const everybody = { address: '239.255.255.250', port: 3702 } as const;

export interface FoundCamera {
  /** Where the answer came from; it lies in a subnet that was allowed. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly isSecure: boolean;
  /** What it calls itself, and its model, as far as its scopes say. */
  readonly name: string;
  readonly hardware: string;
}

export interface Discovered {
  readonly cameras: readonly FoundCamera[];
  /** Addresses of ours that asked; none lies in an allowed subnet where this is empty. */
  readonly askedFrom: readonly string[];
  /** Answers that could not be read, or came from where nothing may be contacted. */
  readonly dropped: number;
}

export interface DiscoveryParts {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** IPv4 addresses of this machine; only from those that `egress` allows is anything asked. */
  readonly from?: readonly string[];
}

/**
 * 发现摄像机: asks everybody on the allowed subnets who is a camera, twice, and listens for `limits.probeMs`. Bounded in
 * answers and bytes. @throws where the machine gives no UDP socket.
 */
export async function discoverCameras({ egress, clock, signal, from = ownAddresses() }: DiscoveryParts): Promise<Discovered> {
  const askedFrom: string[] = [];
  for (const address of from) if ('address' in (await egress.resolve(address))) askedFrom.push(address);
  const answers: { readonly text: string; readonly sender: string }[] = [];
  let dropped = 0;
  const sockets = await Promise.all(
    askedFrom.map((address) =>
      open(address, (bytes, sender) => {
        if (answers.length >= limits.probeAnswers || bytes.length > limits.probeBytes) dropped += 1;
        else answers.push({ text: bytes.toString(), sender });
      }),
    ),
  );
  const messageIds = new Set<string>();
  try {
    for (let i = 0; i < limits.probes; i++) {
      for (const socket of sockets) {
        const messageId = `urn:uuid:${randomUUID()}`;
        messageIds.add(messageId);
        socket.send(probe(messageId), everybody.port, everybody.address);
      }
      await clock.sleep(limits.probeMs / limits.probes, signal).catch(() => undefined);
    }
  } finally {
    for (const socket of sockets) socket.close();
  }
  const cameras = new Map<string, FoundCamera>();
  for (const { text, sender } of answers) {
    const found = matchesIn(text, sender, messageIds);
    if (found.length === 0 || 'refused' in (await egress.resolve(sender))) dropped += 1;
    else for (const camera of found) cameras.set(`${camera.host}:${camera.port}${camera.path}`, camera);
  }
  return { cameras: [...cameras.values()], askedFrom, dropped };
}

function ownAddresses(): string[] {
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return own.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
}

function open(address: string, take: (bytes: Buffer, sender: string) => void): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { address: sender }) => take(bytes, sender));
  socket.once('error', reject);
  socket.bind(0, address, () => {
    socket.off('error', reject);
    // A net that is gone while we ask brings no answers; that is all that comes of it.
    socket.on('error', () => undefined);
    socket.setMulticastInterface(address);
    socket.setMulticastTTL(1);
    resolve(socket);
  });
  return promise;
}

/** ONVIF Core §7.3.2: a device says that it is a NetworkVideoTransmitter, or an ONVIF device at all. */
function probe(messageId: string): string {
  const addressing = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
  const discovery = 'http://schemas.xmlsoap.org/ws/2005/04/discovery';
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="${addressing}" xmlns:d="${discovery}">` +
    `<s:Header><a:Action s:mustUnderstand="1">${discovery}/Probe</a:Action><a:MessageID>${messageId}</a:MessageID>` +
    '<a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>' +
    '<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>' +
    '<s:Body><d:Probe><d:Types xmlns:dn="http://www.onvif.org/ver10/network/wsdl">dn:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>'
  );
}

/** The cameras of one answer to one of our probes. Pure; nothing in it makes this throw. */
export function matchesIn(text: string, sender: string, messageIds: ReadonlySet<string>): FoundCamera[] {
  const read = readXml(text, { depth: limits.depth, elements: limits.elements });
  if ('fault' in read) return [];
  const envelope: XmlValue | undefined = at(read.tree, 'Envelope');
  if (!messageIds.has(words(at(envelope, 'Header', 'RelatesTo')) ?? '')) return [];
  return all(at(envelope, 'Body', 'ProbeMatches'), 'ProbeMatch').flatMap((match) => {
    if (!isCamera(words(at(match, 'Types')) ?? '')) return [];
    const scopes = listOf(words(at(match, 'Scopes')));
    const addresses = listOf(words(at(match, 'XAddrs'))).flatMap((address) => (URL.canParse(address) ? [new URL(address)] : []));
    const usable = addresses.filter(({ protocol }) => protocol === 'http:' || protocol === 'https:');
    // A camera with several addresses is asked at the one it answered from.
    const best = usable.find(({ hostname }) => hostname === sender) ?? usable[0];
    if (best === undefined) return [];
    const isSecure = best.protocol === 'https:';
    const port = Number(best.port || (isSecure ? 443 : 80));
    const path = best.pathname + best.search;
    return [{ host: sender, port, path, isSecure, name: scopeOf(scopes, 'name'), hardware: scopeOf(scopes, 'hardware') }];
  });
}

function isCamera(types: string): boolean {
  return listOf(types).some((type) => /(^|:)(NetworkVideoTransmitter|Device)$/.test(type));
}

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

/** ONVIF Core §7.3.2.2: `onvif://www.onvif.org/name/IPC%20123`. */
function scopeOf(scopes: readonly string[], kind: string): string {
  const start = `onvif://www.onvif.org/${kind}/`;
  const scope = scopes.find((each) => each.toLowerCase().startsWith(start))?.slice(start.length) ?? '';
  return printable(unescaped(scope)).slice(0, 64);
}

function unescaped(scope: string): string {
  try {
    return decodeURIComponent(scope);
  } catch {
    // A percent sign that stands for itself.
    return scope;
  }
}

/** Names go to a terminal, which must not be told to do anything. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '');
}
