import { randomBytes } from 'node:crypto';
import { access, chmod, constants, mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';

/** What lies in the cloud's folder besides the database. */
export interface DataFolder {
  readonly folder: string;
  readonly postgres: string;
  readonly pki: string;
  /** The keys that seal personal data, unless they are kept elsewhere. */
  readonly peopleKey: string;
  /** HMAC key of the claim codes; made at the first start, readable by its owner alone. */
  readonly secret: Buffer;
}

/** Makes the folder ready; rejects with the system's error where it cannot be written. */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const made = await mkdir(folder, { recursive: true });
  // The database's account must be able to pass through, but to see nothing: each folder inside closes itself.
  if (made !== undefined) await chmod(folder, 0o711);
  await access(folder, constants.W_OK | constants.X_OK);
  return {
    folder,
    postgres: path.join(folder, 'postgres'),
    pki: path.join(folder, 'pki'),
    peopleKey: path.join(folder, 'people.key'),
    secret: await ensureSecret(path.join(folder, 'claim.key')),
  };
}

async function ensureSecret(file: string): Promise<Buffer> {
  const known = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (known && known.length >= 32) return known;
  const secret = randomBytes(32);
  const draft = `${file}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(secret);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  return secret;
}
