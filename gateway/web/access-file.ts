import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { limits } from '../limits.ts';
import type { LocalAccess } from './needs.ts';
import { Refusal } from './problem.ts';

/** Until a password is chosen the file holds the setup code as it is, because `status` shows it to whoever owns this machine. */
const AccessFile = z.union([
  z.strictObject({ schema: z.literal('yihu-access/1'), setupCode: z.string() }),
  z.strictObject({
    schema: z.literal('yihu-access/1'),
    password: z.strictObject({ salt: z.string(), hash: z.string(), N: z.number(), r: z.number(), p: z.number() }),
  }),
]);
type AccessFile = z.infer<typeof AccessFile>;

const fileName = 'access.json';

/** scrypt as OWASP states it for 32 MiB; about a quarter of a second of one core of a small gateway. */
const usualCost = { N: 32_768, r: 8, p: 3 } as const;
const hashBytes = 32;

export interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/**
 * The access of the local page, kept in `folder` (mode 0600). With the first start it is a setup code; a file that cannot be
 * read is put aside and a new setup code made, because only who owns the machine can see that.
 */
export async function openAccess(folder: string, cost: Cost = usualCost): Promise<LocalAccess> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readAccess(folder)) === null) await resetAccess(folder);
  const present = async () => (await readAccess(folder)) ?? (await resetAccess(folder));
  let hashing = 0;
  const inTurn = async <T>(run: () => Promise<T>): Promise<T> => {
    if (hashing >= limits.hashesWaiting) throw new Refusal('busy', { retryAfter: 2 });
    hashing++;
    try {
      return await run();
    } finally {
      hashing--;
    }
  };
  return {
    async stamp() {
      const file = await present();
      if ('setupCode' in file) return { isSetUp: false, stamp: file.setupCode };
      return { isSetUp: true, stamp: file.password.hash };
    },
    async isCode(code) {
      const file = await present();
      return 'setupCode' in file && isSame(Buffer.from(plainCode(code)), Buffer.from(plainCode(file.setupCode)));
    },
    async isPassword(password) {
      const file = await present();
      if (!('password' in file)) return false;
      const { salt, hash, ...given } = file.password;
      const made = await inTurn(() => derive(password, Buffer.from(salt, 'base64'), given));
      return isSame(made, Buffer.from(hash, 'base64'));
    },
    async setPassword(password) {
      const salt = randomBytes(16);
      const hash = await inTurn(() => derive(password, salt, cost));
      const kept = { salt: salt.toString('base64'), hash: hash.toString('base64'), ...cost };
      await writeAccess(folder, { schema: 'yihu-access/1', password: kept });
    },
  };
}

/** The setup code of the first start; null once a password is chosen, or where there has been no start yet. */
export async function setupCodeIn(folder: string): Promise<string | null> {
  const file = await readAccess(folder);
  return file !== null && 'setupCode' in file ? file.setupCode : null;
}

/** Forgets the password and makes a new setup code; a running gateway takes it up by itself. */
export async function resetAccess(folder: string): Promise<{ schema: 'yihu-access/1'; setupCode: string }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = { schema: 'yihu-access/1', setupCode: newCode() } as const;
  await writeAccess(folder, file);
  return file;
}

async function readAccess(folder: string): Promise<AccessFile | null> {
  let text: string;
  try {
    text = await readFile(join(folder, fileName), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const parsed = AccessFile.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  await rename(join(folder, fileName), join(folder, `${fileName}.damaged`));
  return null;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Damaged, as a file of another shape is.
    return null;
  }
}

/** Whole or not at all, also when the power goes. */
async function writeAccess(folder: string, file: AccessFile): Promise<void> {
  const draft = join(folder, `${fileName}.${randomBytes(4).toString('hex')}`);
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(JSON.stringify(file));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, join(folder, fileName));
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Ten of Crockford's letters: 50 bits, read aloud without doubt. */
function newCode(): string {
  const letters = Array.from({ length: 10 }, () => alphabet[randomInt(alphabet.length)] ?? '').join('');
  return `${letters.slice(0, 5)}-${letters.slice(5)}`;
}

/** As people type it: any case, with or without the hyphen, O for 0 and I or L for 1. */
function plainCode(code: string): string {
  return code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function derive(password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFC'), salt, hashBytes, { N, r, p, maxmem: 160 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
}

/** What is wrong with a new password; null where it may be used. No rules about kinds of characters. */
export function passwordFlaw(password: string): 'too-short' | 'too-simple' | null {
  if (Array.from(password).length < limits.passwordLength) return 'too-short';
  const rest = obvious.reduce((left, word) => left.replaceAll(word, ''), password.toLowerCase());
  return new Set(rest).size < 5 ? 'too-simple' : null;
}

/** Words that everybody tries first. */
const obvious = ['password', 'yihu', 'admin', 'gateway', 'qwerty', '123456', 'woaini', '111111', 'abc123'];
