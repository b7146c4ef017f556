import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { readIfThere, writePrivate } from './pki-files.ts';

/** 检查点: where the audit's chain stood at a time. */
export interface Checkpoint {
  readonly seq: number;
  readonly hash: string;
  /** ms since 1970 UTC. */
  readonly at: number;
}

export interface SignedCheckpoint extends Checkpoint {
  /** Ed25519 (RFC 8032) over `checkpointText`, base64. */
  readonly signature: string;
}

/** Signs checkpoints with a key that lies beside the database and not in it. */
export interface AuditSigner {
  /** SPKI, PEM. */
  readonly publicKey: string;
  sign(checkpoint: Checkpoint): SignedCheckpoint;
  /** The same key over other bytes, which begin with the name of what they are; base64. */
  signText(text: Buffer): string;
}

/** The key of this installation, made at the first start, readable by its owner alone. */
export async function openAuditSigner(folder: string): Promise<AuditSigner> {
  const known = await readIfThere(folder, 'audit.key');
  const key = known === undefined ? generateKeyPairSync('ed25519').privateKey : createPrivateKey(known);
  if (known === undefined) await writePrivate(folder, 'audit.key', key.export({ type: 'pkcs8', format: 'pem' }).toString());
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  return {
    publicKey,
    signText: (text) => sign(null, text, key).toString('base64'),
    sign: (checkpoint) => ({ ...checkpoint, signature: sign(null, checkpointText(checkpoint), key).toString('base64') }),
  };
}

function checkpointText({ seq, hash, at }: Checkpoint): Buffer {
  return Buffer.from(`yihu-audit-checkpoint/1\n${seq}\n${hash}\n${at}\n`, 'utf8');
}

/** True where the text is a key that checkpoints can be checked with. */
export function isAuditKey(text: string): boolean {
  try {
    return createPublicKey(text).asymmetricKeyType === 'ed25519';
  } catch {
    // Not a key at all.
    return false;
  }
}

/** What a person compares when the key is handed over: the first 16 bytes of SHA-256 of the key, hexadecimal. */
export function fingerprintOf(publicKey: string): string {
  const bytes = createPublicKey(publicKey).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}

/** The first checkpoint that this key did not sign, or that goes back behind the one before; null where all are right. */
export function firstForged(checkpoints: readonly SignedCheckpoint[], publicKey: string): SignedCheckpoint | null {
  const key = createPublicKey(publicKey);
  const bad = checkpoints.find((one, nth) => {
    const before = checkpoints[nth - 1];
    return (before !== undefined && before.seq >= one.seq) || !isSignedBy(one, key);
  });
  return bad ?? null;
}

function isSignedBy(one: SignedCheckpoint, key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ed25519' && verify(null, checkpointText(one), key, Buffer.from(one.signature, 'base64'));
}
