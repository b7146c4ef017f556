import { createCipheriv, createDecipheriv, createHmac, hash, hkdfSync, randomBytes } from 'node:crypto';

/** A key that seals. `id` stands in front of everything it sealed; the secret is 32 bytes. */
export interface SealingKey {
  readonly id: string;
  readonly secret: Buffer;
  readonly madeAt: number;
}

/** The keys of a registry: the newest seals, all of them open, and one that never changes makes the blind indexes. */
export interface KeyRing {
  readonly current: string;
  readonly keys: readonly SealingKey[];
  readonly index: Buffer;
}

/** What is sealed with a key this process does not have, or was changed on the way: never opened as something else. */
export class SealBroken extends Error {
  readonly keyId: string | null;

  constructor(message: string, keyId: string | null = null) {
    super(message);
    this.keyId = keyId;
  }
}

/**
 * 封存: personal values as the database keeps them. AES-256-GCM with a fresh nonce each time; the value is bound to its
 * owner and field, so that nobody who can write to the database makes one person's number another's.
 */
export interface Sealer {
  readonly current: string;
  seal(owner: string, field: string, plain: string): Buffer;
  /** @throws SealBroken */
  open(owner: string, field: string, sealed: Buffer): string;
  /** True where it was sealed with another key than the newest. */
  isOld(sealed: Buffer): boolean;
  /** Keyed hash for exact search (16 bytes); different `kind`s of the same text do not look alike. */
  index(kind: string, text: string): Buffer;
  /** The same in 63 bits, for sets of search words. */
  token(text: string): string;
}

const layout = 1;
const idBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;
const head = 1 + idBytes;

export function newKey(madeAt: number): SealingKey {
  return { id: randomBytes(idBytes).toString('hex'), secret: randomBytes(32), madeAt };
}

/** `reread` brings the ring as it is now, for values that another process sealed with a key it has just made. */
export function createSealer(ring: KeyRing, reread: () => KeyRing | null = () => null): Sealer {
  const keys = new Map(ring.keys.map((key) => [key.id, key]));
  const current = keys.get(ring.current);
  if (!current) throw new Error('the current key is not in its ring');
  const subkey = (kind: string) => keyedHash(Buffer.from(hkdfSync('sha256', ring.index, '', `yihu index ${kind}`, 32)));
  const hashes = new Map<string, (text: string) => Buffer>();
  const keyed = (kind: string, text: string): Buffer => {
    const made = hashes.get(kind) ?? subkey(kind);
    hashes.set(kind, made);
    return made(text);
  };
  return {
    current: current.id,
    seal: (owner, field, plain) => seal(current, `${owner}\n${field}`, plain),
    open: (owner, field, sealed) => {
      if (!keys.has(keyIdOf(sealed))) for (const key of reread()?.keys ?? []) keys.set(key.id, key);
      return open(keys, `${owner}\n${field}`, sealed);
    },
    isOld: (sealed) => keyIdOf(sealed) !== current.id,
    index: (kind, text) => keyed(kind, text).subarray(0, 16),
    token: (text) => String(keyed('token', text).readBigUInt64BE() >> 1n),
  };
}

const blockBytes = 64;

/**
 * HMAC-SHA-256 (RFC 2104) with a key of at most 64 bytes, out of two one-shot hashes: a name has thirty search words, and
 * this is five times as fast as an object for each.
 */
export function keyedHash(key: Buffer): (text: string) => Buffer {
  const block = Buffer.alloc(blockBytes);
  key.copy(block);
  const padded = (mark: number): Buffer => Buffer.from(block.map((byte) => byte ^ mark));
  const [inner, outer] = [padded(0x36), padded(0x5c)];
  return (text) =>
    hash('sha256', Buffer.concat([outer, hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'buffer')]), 'buffer');
}

function seal({ id, secret }: SealingKey, bound: string, plain: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(bound));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.from([layout]), Buffer.from(id, 'hex'), nonce, cipher.getAuthTag(), body]);
}

function keyIdOf(sealed: Buffer): string {
  return sealed.subarray(1, head).toString('hex');
}

function open(keys: ReadonlyMap<string, SealingKey>, bound: string, sealed: Buffer): string {
  if (sealed.length < head + nonceBytes + tagBytes || sealed[0] !== layout) throw new SealBroken('this is nothing we sealed');
  const key = keys.get(keyIdOf(sealed));
  if (!key) throw new SealBroken(`sealed with key ${keyIdOf(sealed)}, which is not in the key file`, keyIdOf(sealed));
  const nonce = sealed.subarray(head, head + nonceBytes);
  const tag = sealed.subarray(head + nonceBytes, head + nonceBytes + tagBytes);
  const decipher = createDecipheriv('aes-256-gcm', key.secret, nonce).setAAD(Buffer.from(bound)).setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(sealed.subarray(head + nonceBytes + tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    throw new SealBroken('a sealed value was changed, or stands where it does not belong');
  }
}

/** What the database keeps of a key, to know it again: a hash that says nothing of it. */
export function proofOf({ id, secret }: SealingKey): Buffer {
  return createHmac('sha256', secret).update(`yihu key ${id}`).digest().subarray(0, 16);
}
