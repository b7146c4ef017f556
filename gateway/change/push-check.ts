import { createPublicKey, verify } from 'node:crypto';
import { type PushFault, SignedPush, SitePush, signedBytes } from '@yihu/device-profiles/vocabulary/site-push.ts';
import { jsonAs } from '../json-as.ts';

export interface PushContext {
  readonly gateway: string;
  /** SPKI, PEM; undefined where the claim brought none. */
  readonly siteKey: string | undefined;
  /** The highest version that was dealt with. */
  readonly seen: number;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

export type Checked =
  | { readonly push: SitePush; readonly signature: string }
  /** `version`: what it says of itself, 0 where it says none. Nobody vouches for it. */
  | { readonly fault: PushFault; readonly version: number };

/** Whether what came on `command` may be done at all: by whom, for whom, whether it is new, and in time. */
export function checkPush(payload: Uint8Array, { gateway, siteKey, seen, now }: PushContext): Checked {
  const signed = jsonAs(SignedPush, Buffer.from(payload).toString('utf8'));
  if (signed === null) return { fault: 'unreadable', version: 0 };
  const push = jsonAs(SitePush, signed.push);
  const version = push?.version ?? 0;
  if (siteKey === undefined) return { fault: 'no-key', version };
  if (!isSigned(signed.push, signed.signature, siteKey)) return { fault: 'signature', version };
  if (push === null) return { fault: 'unreadable', version };
  if (push.gateway !== gateway) return { fault: 'other-gateway', version };
  if (version <= seen) return { fault: 'replay', version };
  if (now > push.expiresAt) return { fault: 'expired', version };
  return { push, signature: signed.signature };
}

function isSigned(text: string, signature: string, pem: string): boolean {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' && verify(null, signedBytes(text), key, Buffer.from(signature, 'base64'));
  } catch {
    // A key that is none has signed nothing.
    return false;
  }
}
