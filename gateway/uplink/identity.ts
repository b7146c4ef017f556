import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Id } from '@yihu/device-profiles/vocabulary/text.ts';

const fileName = 'identity.json';

/** Who this gateway is to the cloud, as `claim` keeps it: one file, so that key and certificate always belong together. */
const Identity = z.strictObject({
  gateway: Id,
  /** What `startUplink` connects with: `mqtts://host:port` and PEM texts. */
  connect: z.strictObject({ url: z.string(), ca: z.string(), cert: z.string(), key: z.string() }),
  /** Six digits people compare with those the cloud shows. */
  digits: z.string(),
  /** What pushed sites are signed with (SPKI, PEM); of the claim, whatever is said later. */
  siteKey: z.string().optional(),
  /** Validity of the certificate, milliseconds since 1970 UTC. */
  notBefore: z.number(),
  notAfter: z.number(),
});
export type Identity = z.infer<typeof Identity>;

/** The identity in `folder`, or undefined before the gateway was claimed. @throws where the file is damaged. */
export async function loadIdentity(folder: string): Promise<Identity | undefined> {
  try {
    return Identity.parse(JSON.parse(await readFile(join(folder, fileName), 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all, also when the power goes; readable by its owner only. */
export async function keepIdentity(folder: string, identity: Identity): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `${fileName}.${randomBytes(4).toString('hex')}`);
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(identity, null, 2));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(folder, fileName));
  const parent = await open(folder, 'r');
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}

/** 换证: due once two thirds of the certificate's life are over. `now`: milliseconds since 1970 UTC. */
export function renewalDue(identity: Pick<Identity, 'notBefore' | 'notAfter'>, now: number): boolean {
  return now >= identity.notBefore + ((identity.notAfter - identity.notBefore) * 2) / 3;
}
