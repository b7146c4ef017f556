import type { PeerCertificate, TLSSocket } from 'node:tls';
import { Id } from '@yihu/device-profiles/vocabulary/text.ts';

/** Who is at the other end, by its certificate alone. */
export interface Peer {
  readonly gateway: string;
  /** Serial number of the certificate: lower-case hex without leading zeros. */
  readonly serial: string;
  /** Milliseconds since 1970 UTC. */
  readonly notAfter: number;
}

const clientAuth = '1.3.6.1.5.5.7.3.2';
const namePrefix = 'URI:urn:yihu:gateway:';

/**
 * The gateway a verified socket belongs to.
 * @throws with a sentence where the certificate does not name exactly one gateway or is not meant for a client.
 */
export function peerOf(socket: TLSSocket, now: number): Peer {
  if (!socket.authorized) throw new Error('the certificate was not signed by our authority');
  const certificate = socket.getPeerCertificate();
  if (certificate.raw === undefined) throw new Error('no certificate was shown');
  if (certificate.ext_key_usage?.includes(clientAuth) !== true) throw new Error('the certificate is not meant for a client');
  const [notBefore, notAfter] = [Date.parse(certificate.valid_from), Date.parse(certificate.valid_to)];
  if (!(now >= notBefore && now <= notAfter)) throw new Error(`the certificate is valid from ${notBefore} to ${notAfter} only`);
  return { gateway: gatewayOf(certificate), serial: plainSerial(certificate.serialNumber), notAfter };
}

function gatewayOf(certificate: PeerCertificate): string {
  const names = (certificate.subjectaltname ?? '').split(', ').filter((name) => name.startsWith(namePrefix));
  const id = Id.safeParse(names[0]?.slice(namePrefix.length));
  if (names.length !== 1 || !id.success) throw new Error('the certificate does not name exactly one gateway');
  return id.data;
}

function plainSerial(serial: string): string {
  return serial.toLowerCase().replace(/^0+(?=.)/, '');
}
