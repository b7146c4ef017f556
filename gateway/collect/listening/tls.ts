import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { limits } from './limits.ts';
import type { ListeningSettings } from './settings.ts';

/** A certificate or key that is not there or not one; said in the port's state, and looked at again later. */
export class TlsFileError extends Error {
  readonly zh: string;
  readonly en: string;

  constructor(zh: string, en: string) {
    super(en);
    this.zh = zh;
    this.en = en;
  }
}

/** A TLS server that listens nowhere: sockets that were let in are handed to it, and come back secured. */
export async function tlsServer(
  { cert, key, clientCa }: NonNullable<ListeningSettings['tls']>,
  folder: string,
  onSecured: (socket: TLSSocket) => void,
): Promise<Server> {
  const read = (file: string) => readPem(resolve(folder, file));
  const files = {
    cert: await read(cert),
    key: await read(key),
    ...(clientCa === undefined ? {} : { ca: await read(clientCa), requestCert: true, rejectUnauthorized: true }),
  };
  try {
    return createServer({ ...files, minVersion: 'TLSv1.2', handshakeTimeout: limits.tlsHandshakeMs }, onSecured);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new TlsFileError(
      `证书或私钥无法使用（${code}）。请检查 tls.cert 与 tls.key 是否成对、是否为 PEM 格式。`,
      `The certificate or key cannot be used (${code}). Check that tls.cert and tls.key belong together and are PEM files.`,
    );
  }
}

async function readPem(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new TlsFileError(
      `读不到证书文件 ${file}（${code}）。请检查路径和权限。`,
      `The certificate file ${file} cannot be read (${code}). Check the path and its permissions.`,
    );
  }
}
