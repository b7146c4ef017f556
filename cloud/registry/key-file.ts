import { randomBytes } from 'node:crypto';
import { lstatSync, readFileSync, type Stats } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { type KeyRing, newKey } from './sealing.ts';
import { writePrivate } from './pki-files.ts';

/** Why the key of the personal data cannot be used; `code` is the name of the sentence. */
export class KeyProblem extends Error {
  readonly code: 'open-to-others' | 'unreadable' | 'not-a-key-file' | 'missing' | 'other-key';

  constructor(code: KeyProblem['code'], detail: string) {
    super(detail);
    this.code = code;
  }
}

const Secret = z.base64().refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64');

const KeyFile = z
  .strictObject({
    schema: z.literal('yihu-keys/1'),
    current: z.string(),
    keys: z.array(z.strictObject({ id: z.string().regex(/^[0-9a-f]{8}$/), madeAt: z.number(), secret: Secret })).min(1),
    index: Secret,
  })
  .refine(({ current, keys }) => keys.some(({ id }) => id === current), 'current is not among the keys');

/**
 * The ring of a key file; null where there is none.
 * @throws KeyProblem where anybody but its owner may read it, or it is no key file.
 */
export function readKeyFile(file: string): KeyRing | null {
  const there = attempt(() => lstatSync(file));
  if (there === null) return null;
  checkFile(there);
  const parsed = KeyFile.safeParse(jsonOrNull(attempt(() => readFileSync(file, 'utf8')) ?? ''));
  // The problem names what is wrong with the file, never what stands in it.
  if (!parsed.success) throw new KeyProblem('not-a-key-file', parsed.error.issues.map(({ path: at }) => at.join('.')).join(', '));
  const { current, keys, index } = parsed.data;
  return {
    current,
    keys: keys.map(({ id, madeAt, secret }) => ({ id, madeAt, secret: Buffer.from(secret, 'base64') })),
    index: Buffer.from(index, 'base64'),
  };
}

function checkFile(there: Stats): void {
  if (!there.isFile()) throw new KeyProblem('not-a-key-file', 'is no plain file');
  if ((there.mode & 0o077) !== 0) throw new KeyProblem('open-to-others', `has mode ${(there.mode & 0o777).toString(8)}`);
}

/** Null where there is no such file. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new KeyProblem('unreadable', error instanceof Error ? error.message : String(error));
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the schema then says that it is no key file.
    return null;
  }
}

/** Writes the ring for its owner alone, whole or not at all. */
export async function writeKeyFile(file: string, { current, keys, index }: KeyRing): Promise<void> {
  const said = keys.map(({ id, madeAt, secret }) => ({ id, madeAt, secret: secret.toString('base64') }));
  const text = JSON.stringify({ schema: 'yihu-keys/1', current, keys: said, index: index.toString('base64') }, null, 2);
  await writePrivate(path.dirname(file), path.basename(file), `${text}\n`);
}

export function newRing(at: number): KeyRing {
  const key = newKey(at);
  return { current: key.id, keys: [key], index: randomBytes(32) };
}

/** A ring whose newest key is new: it seals from now on, the others still open. */
export function turned(ring: KeyRing, at: number): KeyRing {
  const key = newKey(at);
  return { ...ring, current: key.id, keys: [key, ...ring.keys] };
}
