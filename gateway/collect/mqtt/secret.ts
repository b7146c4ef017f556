import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';

const prefix = 'hmac-sha256:';
export const secretHash = /^hmac-sha256:[0-9a-f]{64}$/;

/** The key file is missing its secrecy or its bytes; `zh` and `en` say what to do. */
export class DeviceKeyError extends Error {
  readonly zh: string;
  readonly en: string;

  constructor(zh: string, en: string, cause?: unknown) {
    super(en, { cause });
    this.zh = zh;
    this.en = en;
  }
}

/**
 * The gateway's key for device secrets: 32 random bytes in a file of mode 0600, made where it is missing.
 * Throws DeviceKeyError when it cannot be read, is readable by others, or is not 32 bytes.
 */
export function deviceKey(file: string): Buffer {
  createIfMissing(file);
  const key = readKey(file);
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new DeviceKeyError(
      `设备密钥文件 ${file} 可被其他用户读取，请执行 chmod 600 ${file}`,
      `The device key file ${file} can be read by others. Run: chmod 600 ${file}`,
    );
  }
  if (key.length !== 32) {
    throw new DeviceKeyError(
      `设备密钥文件 ${file} 应为 32 字节，实为 ${key.length} 字节。请从备份恢复，或删除它并为设备重新签发口令`,
      `The device key file ${file} should hold 32 bytes and holds ${key.length}. Restore it from the backup, or delete it and issue the devices' secrets again.`,
    );
  }
  return key;
}

function createIfMissing(file: string): void {
  try {
    writeFileSync(file, randomBytes(32), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unreadable(file, error);
  }
}

function readKey(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): DeviceKeyError {
  return new DeviceKeyError(
    `无法读取或创建设备密钥文件 ${file}，请检查目录与权限`,
    `The device key file ${file} cannot be read or created. Check the folder and its permissions.`,
    cause,
  );
}

/** `hmac-sha256:<hex>` of a secret: all that the site file holds of it. */
export function hashSecret(key: Buffer, secret: string | Buffer): string {
  return prefix + createHmac('sha256', key).update(secret).digest('hex');
}

/**
 * A new device secret (256 bits, base64url) and its hash under the key in `keyFile`. The secret is shown once and
 * stored nowhere. Throws DeviceKeyError.
 */
export function issueSecret(keyFile: string): { secret: string; hash: string } {
  const secret = randomBytes(32).toString('base64url');
  return { secret, hash: hashSecret(deviceKey(keyFile), secret) };
}

/** Whether `given` is the secret behind `hash`, in a time that does not depend on where they differ. */
export function secretFits(key: Buffer, given: Buffer, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(key, given)), Buffer.from(hash));
}

/** Compared against when the login is unknown, so that an unknown name takes as long as a wrong secret. */
export const nobodysHash = prefix + '0'.repeat(64);
