import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';

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

/** The PEM files that a port serves TLS with, from `folder`. @throws TlsFileError where they cannot be read or used. */
export async function readTlsFiles(folder: string, cert: string, key: string): Promise<{ cert: Buffer; key: Buffer }> {
  const files = { cert: await readPem(resolve(folder, cert)), key: await readPem(resolve(folder, key)) };
  try {
    createSecureContext(files);
    return files;
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new TlsFileError(
      `证书或私钥无法使用（${code}）。请检查 ${cert} 与 ${key} 是否成对、是否为 PEM 格式。`,
      `The certificate or key cannot be used (${code}). Check that ${cert} and ${key} belong together and are PEM files.`,
    );
  }
}

/** @throws TlsFileError where the file cannot be read. */
export async function readPem(file: string): Promise<Buffer> {
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
