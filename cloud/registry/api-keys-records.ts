import type { ApiKey, ApiScope } from '@yihu/device-profiles/vocabulary/api-key.ts';

/** A key as the database keeps it: never the key. */
export type StoredKey = Omit<ApiKey, 'state'>;

export interface KeyEntry {
  readonly id: string;
  readonly name: string;
  readonly area: string;
  readonly scopes: readonly ApiScope[];
  readonly prefix: string;
  readonly hash: Buffer;
  readonly by: { readonly id: string; readonly name: string };
  readonly at: number;
  readonly expiresAt: number;
}

/** What API keys need of the database. `records` implements it. */
export interface ApiKeyRecords {
  add(entry: KeyEntry): Promise<StoredKey>;
  /** Those inside these areas, the newest first. */
  list(within: readonly string[]): Promise<StoredKey[]>;
  find(prefix: string): Promise<(StoredKey & { readonly hash: Buffer }) | null>;
  touch(id: string, at: number, ip: string): Promise<void>;
  /** Null where there is none inside these areas; one that is revoked stays as it is. */
  revoke(within: readonly string[], id: string, by: string, at: number): Promise<StoredKey | null>;
}
