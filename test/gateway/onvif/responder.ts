import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

export interface Answer {
  /** Addresses it has, as it says; default one that is not its sender's. */
  readonly addresses: string;
  readonly types?: string;
  readonly scopes?: string;
  /** Default: what was asked. */
  readonly relatesTo?: string;
}

/** Somebody on 239.255.255.250:3702 of the loopback net who answers every probe so. */
export async function responder(...answers: readonly (Answer | Buffer)[]) {
  const probes: string[] = [];
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('message', (bytes, { address, port }) => {
    const probe = bytes.toString();
    probes.push(probe);
    const messageId = /MessageID[^>]*>([^<]*)</.exec(probe)?.[1] ?? '';
    for (const answer of answers) socket.send(Buffer.isBuffer(answer) ? answer : matchOf(answer, messageId), port, address);
  });
  socket.bind(3702);
  await once(socket, 'listening');
  socket.addMembership('239.255.255.250', '127.0.0.1');
  onTestFinished(() => void socket.close());
  return { probes };
}

/** A ProbeMatches as gSOAP writes it for cameras. */
function matchOf(
  { addresses, types = 'dn:NetworkVideoTransmitter tds:Device', scopes = '', relatesTo }: Answer,
  messageId: string,
): Buffer {
  return Buffer.from(
    '<?xml version="1.0" encoding="utf-8"?><env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"' +
      ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:wsadis="http://schemas.xmlsoap.org/ws/2004/08/addressing"' +
      ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><env:Header>' +
      `<wsadis:MessageID>urn:uuid:1-2-3</wsadis:MessageID><wsadis:RelatesTo>${relatesTo ?? messageId}</wsadis:RelatesTo>` +
      '<wsadis:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsadis:To>' +
      '<wsadis:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsadis:Action></env:Header><env:Body><d:ProbeMatches>' +
      '<d:ProbeMatch><wsadis:EndpointReference><wsadis:Address>urn:uuid:cam</wsadis:Address></wsadis:EndpointReference>' +
      `<d:Types>${types}</d:Types><d:Scopes>${scopes}</d:Scopes><d:XAddrs>${addresses}</d:XAddrs><d:MetadataVersion>10</d:MetadataVersion>` +
      '</d:ProbeMatch></d:ProbeMatches></env:Body></env:Envelope>',
  );
}
