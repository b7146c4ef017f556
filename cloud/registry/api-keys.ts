import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKey, ApiScope, NewApiKey } from '@yihu/device-profiles/vocabulary/api-key.ts';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import type { ApiKeyRecords, StoredKey } from './api-keys-records.ts';
import type { Scope } from './rights.ts';

/** What a new key is to be; `expiresAt` within the limits is the border's affair. */
export interface KeyWish {
  readonly name: string;
  readonly area: string;
  readonly scopes: readonly ApiScope[];
  readonly expiresAt: number;
}

/** 接口密钥: other systems come in by them, each with a closed list of what it may do in one area. */
export interface ApiKeys {
  create(wish: KeyWish, by: { readonly id: string; readonly name: string }): Promise<NewApiKey>;
  list(scope: Scope): Promise<ApiKey[]>;
  /** From this moment it opens nothing; null where the scope has no such key. */
  revoke(scope: Scope, id: string, by: string): Promise<ApiKey | null>;
  /** Whose token this is; null where it is nobody's, expired or revoked. `ip` counts as use, null only looks. */
  caller(token: string, ip: string | null): Promise<ApiKey | null>;
}

/** `yihu_`, eight characters to find it by, `_`, 256 bits. The word in front lets scanners of leaked secrets know it. */
const shape = /^yihu_([0-9a-f]{8})_[A-Za-z0-9_-]{43}$/;

/** True for what claims to be one of our keys, good or not. */
export function isApiKey(token: string): boolean {
  return token.startsWith('yihu_');
}

export function createApiKeys(records: ApiKeyRecords, clock: Clock): ApiKeys {
  return {
    create: async (wish, by) => {
      const prefix = randomBytes(4).toString('hex');
      const key = `yihu_${prefix}_${randomBytes(32).toString('base64url')}`;
      const at = clock.now();
      const stored = await records.add({
        id: `key-${uuidv7()}`,
        ...wish,
        scopes: [...new Set(wish.scopes)],
        prefix,
        hash: hashOf(key),
        by,
        at,
      });
      return { ...view(stored, at), key };
    },
    list: async (scope) => (await records.list(scope)).map((stored) => view(stored, clock.now())),
    revoke: async (scope, id, by) => {
      const stored = await records.revoke(scope, id, by, clock.now());
      return stored && view(stored, clock.now());
    },
    caller: (token, ip) => findCaller(records, clock, token, ip),
  };
}

async function findCaller(records: ApiKeyRecords, clock: Clock, token: string, ip: string | null): Promise<ApiKey | null> {
  const prefix = shape.exec(token)?.[1];
  const stored = prefix === undefined ? null : await records.find(prefix);
  const now = clock.now();
  if (stored === null || !timingSafeEqual(stored.hash, hashOf(token))) return null;
  const key = view(stored, now);
  if (key.state !== 'active') return null;
  if (ip !== null && now - (stored.usedAt ?? 0) >= limits.touchEveryMs) await records.touch(stored.id, now, ip);
  return key;
}

/** 256 bits by chance: a fast hash is enough. */
function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function view(stored: StoredKey, now: number): ApiKey {
  const { id, name, area, scopes, prefix, madeByName, madeAt, expiresAt, usedAt, usedIp, revokedAt, revokedByName } = stored;
  const state = revokedAt !== null ? 'revoked' : expiresAt <= now ? 'expired' : 'active';
  return { id, name, area, scopes, prefix, madeByName, madeAt, expiresAt, usedAt, usedIp, revokedAt, revokedByName, state };
}
