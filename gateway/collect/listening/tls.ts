import { resolve } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { readPem, readTlsFiles } from '../tls-files.ts';
import { limits } from './limits.ts';
import type { ListeningSettings } from './settings.ts';

/** A TLS server that listens nowhere: sockets that were let in are handed to it, and come back secured. */
export async function tlsServer(
  { cert, key, clientCa }: NonNullable<ListeningSettings['tls']>,
  folder: string,
  onSecured: (socket: TLSSocket) => void,
): Promise<Server> {
  const files = {
    ...(await readTlsFiles(folder, cert, key)),
    ...(clientCa === undefined
      ? {}
      : { ca: await readPem(resolve(folder, clientCa)), requestCert: true, rejectUnauthorized: true }),
  };
  return createServer({ ...files, minVersion: 'TLSv1.2', handshakeTimeout: limits.tlsHandshakeMs }, onSecured);
}
